#!/usr/bin/env bash
# The kernel modules read by compilers and checkers: no machine boots. Prints TAP.
#   every kernel of kernels.txt: its own compiler, -Wall -Wextra
#   sparse, checkpatch --strict, kernel-doc, clang-format
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
    checked "$kernel: no warning with -Wall -Wextra" \
      boxed "$lab/steps/check.sh" "$base/root" "$run/kernel" warnings
    [[ ! -x $base/root/usr/bin/sparse ]] || checked "$kernel: sparse has nothing to say" \
      boxed "$lab/steps/check.sh" "$base/root" "$run/kernel" sparse
  done

  linux_scripts
  cd "$tree/kernel"
  checked 'checkpatch --strict has nothing to say' checkpatch {common,continfo,sysinfo}/*.[ch]
  # Version tests, and the old name of what is new, are what compat/ is for.
  checked 'checkpatch --strict has nothing to say of compat/' \
    checkpatch --ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON,DEPRECATED_API compat/*.h
  checked 'kernel-doc has nothing to say' perl "$scripts/kernel-doc" -none -Werror {common,continfo,sysinfo,compat}/*.[ch]
  checked 'clang-format would change nothing' clang-format --dry-run --Werror ./*/*.[ch]
  echo "1..$count"
  ((failures == 0))
}

count=0 failures=0

checked() { # TEXT COMMAND…
  local text=$1 said
  shift
  count=$((count + 1))
  progress "$text?"
  # In a subshell: what is boxed replaces the shell that starts it.
  if said=$("$@" 2>&1); then
    echo "ok $count - $text"
  else
    echo "not ok $count - $text"
    printf '# %s\n' "${said//$'\n'/$'\n# '}"
    failures=$((failures + 1))
  fi
}

# checkpatch and kernel-doc come with the kernel's source and with nothing else: the newest that this host's apt knows.
linux_scripts() {
  local package
  package=$(newest_linux_source)
  if [[ -z $package ]]; then
    step 'asking Debian for its packages' apt-get --quiet update
    package=$(newest_linux_source)
  fi
  [[ -n $package ]] || die 'apt knows no linux-source' 'remedy: deb lines of Debian, apt-get update'
  scripts=$(dirname "$cache")/$package-scripts
  [[ -d $scripts ]] || step "taking checkpatch and kernel-doc out of $package" \
    "$lab/steps/linux-scripts.sh" "$package" "$scripts"
}

newest_linux_source() {
  apt-cache search --names-only '^linux-source-[0-9.]+$' | cut -d' ' -f1 | sort -V | tail -n 1
}

checkpatch() { perl "$scripts/checkpatch.pl" --no-tree --strict --terse --no-summary --file "$@"; }

main "$@"
