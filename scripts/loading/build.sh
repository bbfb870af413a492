# shellcheck shell=bash disable=SC2034,SC2154 # variables of load-modules.sh
# Builds the modules for the running kernel, with the compiler that the kernel was built with.

can_build() { [[ -e $headers && -e $kernel_dir/Makefile ]]; }

build_modules() {
  local major minor output command used
  IFS=. read -r major minor _ <<<"$release"
  ((major > 5 || major == 5 && ${minor%%[!0-9]*} >= 10)) ||
    refused kernel-too-old oldest=5.10 "release=$release" || return
  choose_compiler
  command -v make >/dev/null || refused tool-missing tool=make "install=$(how_to_install make)" || return
  used=${compiler:-$other_compiler}
  [[ -n $used ]] ||
    refused tool-missing "tool=$kernel_compiler" "install=$(how_to_install "${compiler_programs[@]}")" || return
  [[ $is_check == false ]] || return 0
  command="make -C $kernel_dir KDIR=$headers ${compiler_options[*]}"
  say "building the modules in $kernel_dir for kernel $release with $used"
  output=$(make -C "$kernel_dir" KDIR="$headers" "${compiler_options[@]}" 2>&1) || {
    printf '%s\n' "$output" | tail -n 20 >&2
    if [[ -n $compiler ]]; then
      refused build-failed "release=$release" "error=$(first_error "$output")" "command=$command"
    else
      refused compiler-differs "release=$release" "compiler=$kernel_compiler" "used=$used" \
        "error=$(first_error "$output")" "install=$(how_to_install "${compiler_programs[@]}")"
    fi
  }
}

# Reads a setting of the kernel's own configuration, without quotes.
kernel_setting() { # NAME
  { cat "$headers/.config" "$headers/include/config/auto.conf" 2>/dev/null || true; } |
    sed -nE "s/^$1=\"?([^\"]*)\"?$/\1/p" | head -n 1
}

# Sets $kernel_compiler, such as gcc-12; $compiler, a program of that version, or $other_compiler, another version of
# the same compiler, each empty if there is none; $compiler_options, the options of make for it; and
# $compiler_programs, what has to be installed for it.
choose_compiler() {
  local text family version
  compiler='' other_compiler='' compiler_options=()
  # /proc/version says the same in its first parentheses but one.
  text=$(kernel_setting CONFIG_CC_VERSION_TEXT)
  [[ -n $text ]] || text=$(cat "$proc/version" 2>/dev/null || true)
  family=gcc
  [[ $text != *clang* ]] || family=clang
  if [[ $family == clang ]]; then
    version=$(sed -nE 's/.*clang version ([0-9]+).*/\1/p' <<<"$text")
  else
    # The version is the last word before the linker's: "gcc-12 (Debian 12.2.0-14) 12.2.0".
    version=$(sed -E 's/, GNU ld.*//' <<<"$text" | grep -oE ' [0-9]+\.[0-9]+\.[0-9]+' | tail -n 1) || true
    version=${version# } version=${version%%.*}
  fi
  kernel_compiler=$family${version:+-$version}
  compiler_programs=("$kernel_compiler")
  find_compiler "${text%% *}" "$kernel_compiler" "$family"
  if [[ $family == clang ]]; then
    use_llvm
  elif [[ -n $compiler ]]; then
    compiler_options=("CC=$compiler")
  fi
}

# The compiler to install beside the headers.
compiler_to_install() {
  choose_compiler
  echo "$kernel_compiler"
}

find_compiler() { # CANDIDATE…
  local candidate found
  for candidate in "$@"; do
    [[ $candidate == *gcc* || $candidate == *clang* ]] || continue
    command -v "$candidate" >/dev/null || continue
    found=$("$candidate" -dumpversion 2>/dev/null || true)
    if [[ ${found%%.*} == "${kernel_compiler#*-}" || $kernel_compiler != *-* ]]; then
      compiler=$candidate
      return
    fi
    other_compiler="$candidate $found"
  done
}

# A kernel that clang has built takes modules of clang only; where lld has linked it, Kbuild needs LLVM's other tools.
use_llvm() {
  local suffix='' name=${compiler:-clang}
  [[ $name != clang-* ]] || suffix=-${name#clang-}
  if [[ $(kernel_setting CONFIG_LD_IS_LLD) == y ]]; then
    compiler_options=("LLVM=${suffix:-1}")
    compiler_programs+=("lld${kernel_compiler#clang}")
  else
    compiler_options=("CC=$name")
  fi
}
