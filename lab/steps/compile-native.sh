#!/usr/bin/env bash
# Compiles the C parts of the payload (kernel modules, workload programs, benchmarks)
# in the machine's root directory, with its compiler and for its kernel, but on this
# host, without emulation. The results are cached under the hash of the sources.
# usage: compile-native.sh ROOT STAGE STORE
set -euo pipefail

root=$1 stage=$2 store=$3
kernel=$(basename "$root"/lib/modules/*)

sources=()
for folder in kernel workload bench contract; do
  [[ ! -d $stage/$folder ]] || sources+=("$folder")
done
((${#sources[@]} > 0)) || exit 0
hash=$(cd "$stage" && find "${sources[@]}" -type f -print0 | LC_ALL=C sort -z |
  xargs -0 sha256sum | sha256sum | cut -c1-16)
products=$store/$hash.tar
warnings=$store/$hash.warnings

if [[ -f $products ]]; then
  cat "$warnings"
  tar --extract --file="$products" --directory="$stage" --no-same-owner
  touch "$products" "$warnings"
  exit 0
fi

# These mounts are in the mount namespace of this step and end with it.
mount --bind "$stage" "$root/opt/vigia"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"

in_chroot() {
  chroot "$root" /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    bash -c 'cd /opt/vigia && exec "$@"' bash "$@" </dev/null
}

started=$(mktemp -p "$store")
trap 'rm -f "$started" "$products.$$"' EXIT

# A test or benchmark that does not compile causes a warning; the lab continues.
: >"$warnings"
compile() { # FOLDER
  local output
  output=$(in_chroot make -C "$1" -j2 KDIR="/lib/modules/$kernel/build" 2>&1) || {
    printf 'warning: %s does not compile: %s\n' "$1" "$(grep -m 1 -E ": (fatal )?error:|Error [0-9]" <<<"$output")" |
      tee -a "$warnings"
  }
}

if [[ -f $stage/kernel/Makefile ]]; then
  in_chroot make -C kernel -j2 KDIR="/lib/modules/$kernel/build"
fi
if [[ -f $stage/workload/build-binaries.sh ]]; then
  in_chroot bash workload/build-binaries.sh
fi
for makefile in "$stage"/kernel/test/Makefile "$stage"/bench/*/Makefile; do
  [[ ! -f $makefile ]] || compile "$(dirname "${makefile#"$stage"/}")"
done

cd "$stage"
find "${sources[@]}" \( -type f -o -type l \) -newer "$started" \
  ! -name '*.o' ! -name '*.cmd' ! -name '*.d' -print0 |
  tar --create --file="$products.$$" --null --files-from=-
mv "$products.$$" "$products"
find "$store" -type f -mtime +7 -delete
