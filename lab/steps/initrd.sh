#!/usr/bin/env bash
# Extracts the kernel from the system and creates a minimal initial ram disk for it:
# busybox, a few virtio drivers and guest/init.
# usage: initrd.sh ROOT DIRECTORY
set -euo pipefail

root=$1 out=$2
guest=$(cd "$(dirname "$0")/../guest" && pwd)
kernel=$(basename "$root"/lib/modules/*)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work"/{bin,dev,modules,proc,root}
cp "$root/bin/busybox" "$work/bin/"
cp "$guest/init" "$work/init"
number=10
while read -r _ file; do
  target=$work/modules/$number-$(basename "${file%.xz}")
  case $file in
    *.xz) "$root/bin/busybox" xz -dc "$root$file" >"$target" ;;
    *) cp "$root$file" "$target" ;;
  esac
  number=$((number + 1))
done < <(
  for driver in virtio_pci virtio_blk virtio_net virtio_rng; do
    chroot "$root" modprobe --set-version="$kernel" --show-depends "$driver"
  done | awk '$1 == "insmod" && !seen[$2]++'
)

# Not compressed: under emulation, decompressing takes longer than reading 3 MB.
(cd "$work" && find . | LC_ALL=C sort | ./bin/busybox cpio -o -H newc -R 0:0) >"$out/initrd.img"
cp "$root/boot/vmlinuz-$kernel" "$out/vmlinuz"
