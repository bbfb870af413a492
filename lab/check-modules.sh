#!/usr/bin/env bash
# Checks the kernel modules without booting a machine. Prints TAP.
#   for every kernel of kernels.txt: compiles with the compiler of its machine, -Wall -Wextra, and runs sparse
#   once: checkpatch --strict, kernel-doc, clang-format
# usage: check-modules.sh [KERNEL…]
# shellcheck disable=SC2034 # variables shared with the library
set -euo pipefail

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(dirname "$lab")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vigia/lab
node=$tree/node_modules/node/bin/node
rebuild=false

# shellcheck source=lib/progress.sh
source "$lab/lib/progress.sh"
# shellcheck source=lib/process.sh
source "$lab/lib/process.sh"
# shellcheck source=lib/kernels.sh
source "$lab/lib/kernels.sh"
# shellcheck source=lib/image.sh
source "$lab/lib/image.sh"

main() {
  "$lab/install.sh" clang-format clang-format xz xz-utils perl perl
  open_scratch
  trap close_scratch EXIT
  cp -r "$tree/kernel" "$run/kernel"

  local kernel
  (($# > 0)) || mapfile -t names < <(kernel_names)
  for kernel in "${@:-${names[@]}}"; do
    ensure_image
    run_check "$kernel: no warning with -Wall -Wextra" \
      exec_in_namespace "$lab/steps/compile-modules.sh" "$base/root" "$run/kernel" warnings
    [[ ! -x $base/root/usr/bin/sparse ]] || run_check "$kernel: sparse reports nothing" \
      exec_in_namespace "$lab/steps/compile-modules.sh" "$base/root" "$run/kernel" sparse
  done

  linux_scripts
  cd "$tree/kernel"
  run_check 'checkpatch --strict reports nothing' checkpatch {common,continfo,sysinfo}/*.[ch]
  # compat/ exists to test kernel versions and to use deprecated names on old kernels.
  run_check 'checkpatch --strict reports nothing in compat/' \
    checkpatch --ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON,DEPRECATED_API compat/*.h
  run_check 'kernel-doc reports nothing' perl "$scripts/kernel-doc" -none -Werror {common,continfo,sysinfo,compat}/*.[ch]
  run_check 'clang-format would change nothing' clang-format --dry-run --Werror ./*/*.[ch]
  echo "1..$count"
  ((failures == 0))
}

count=0 failures=0

run_check() { # TEXT COMMAND…
  local text=$1 output
  shift
  count=$((count + 1))
  progress "$text?"
  # In a subshell, because exec_in_namespace replaces its shell.
  if output=$("$@" 2>&1); then
    echo "ok $count - $text"
  else
    echo "not ok $count - $text"
    printf '# %s\n' "${output//$'\n'/$'\n# '}"
    failures=$((failures + 1))
  fi
}

# Extracts checkpatch and kernel-doc, which are only distributed with the kernel source, from the newest linux-source
# package known to apt on this host.
linux_scripts() {
  local package
  package=$(newest_linux_source)
  if [[ -z $package ]]; then
    step 'updating the package lists' apt-get --quiet update
    package=$(newest_linux_source)
  fi
  [[ -n $package ]] || die 'apt has no linux-source package' 'remedy: add a Debian mirror to the apt sources, then apt-get update'
  scripts=$(dirname "$cache")/$package-scripts
  [[ -d $scripts ]] || step "extracting checkpatch and kernel-doc from $package" \
    "$lab/steps/linux-scripts.sh" "$package" "$scripts"
}

newest_linux_source() {
  apt-cache search --names-only '^linux-source-[0-9.]+$' | cut -d' ' -f1 | sort -V | tail -n 1
}

checkpatch() { perl "$scripts/checkpatch.pl" --no-tree --strict --terse --no-summary --file "$@"; }

main "$@"
