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
  mapfile -t sources < <(cd "$tree" && git -c safe.directory='*' ls-files 'kernel/*.[ch]')
  checked 'checkpatch --strict has nothing to say' checkpatch
  checked 'kernel-doc has nothing to say' kernel_doc
  checked "clang-format would change nothing" format
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
  package=$(apt-cache search --names-only '^linux-source-[0-9.]+$' | cut -d' ' -f1 | sort -V | tail -n 1)
  [[ -n $package ]] || die 'apt knows no linux-source' 'remedy: deb lines of Debian, apt-get update'
  scripts=$(dirname "$cache")/$package-scripts
  [[ -d $scripts ]] || step "taking checkpatch and kernel-doc out of $package" unpack_scripts "$package"
}

unpack_scripts() { # PACKAGE
  cd "$run"
  apt-get --quiet download "$1"
  mkdir -p "$run/scripts"
  dpkg-deb --fsys-tarfile "$1"_*.deb | tar --extract --to-stdout "./usr/src/$1.tar.xz" |
    tar --extract --xz --directory="$run/scripts" --strip-components=2 --wildcards \
      '*/scripts/checkpatch.pl' '*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch' '*/scripts/kernel-doc'
  mv "$run/scripts" "$scripts"
}

checkpatch() {
  # Version tests are what compat/ is for.
  (cd "$tree" && perl "$scripts/checkpatch.pl" --no-tree --strict --terse --no-summary --max-line-length=90 \
    --ignore LINUX_VERSION_CODE --file "${sources[@]}")
}

kernel_doc() { (cd "$tree" && perl "$scripts/kernel-doc" -none -Werror "${sources[@]}"); }

format() { (cd "$tree" && clang-format --dry-run --Werror "${sources[@]}"); }

main "$@"
