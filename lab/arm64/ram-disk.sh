#!/usr/bin/env bash
# Writes the ram disk: the system, Node, the tree with its run-time packages, and what was cross-compiled.
# usage: ram-disk.sh TREE FOLDER STAGE RAM_DISK
set -euo pipefail

tree=$1 folder=$2 stage=$3 disk=$4
here=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cp -a "$folder/root/." "$root/"
mkdir -p "$root"/{dev,proc,sys,tmp,run,root,etc,opt,var/{tmp,lib/vigia},usr/local/bin}
for name in bin sbin lib; do ln -sfn "usr/$name" "$root/$name"; done
for name in poweroff ps; do ln -s busybox "$root/usr/bin/$name"; done
ln -sf mawk "$root/usr/bin/awk"
ln -sf bash "$root/usr/bin/sh"
printf 'root:x:0:0:root:/root:/bin/bash\n' >"$root/etc/passwd"
printf 'root:x:0:\n' >"$root/etc/group"
install -m 755 "$here/init" "$root/init"
install -m 755 "$here"/stand-ins/* "$root/usr/bin/"
install -m 755 "$folder/node" "$root/usr/local/bin/node"
cp -a "$stage" "$root/opt/vigia"
"$tree/node_modules/node/bin/node" "$here/../steps/runtime-packages.mjs" "$tree" | while IFS= read -r package; do
  mkdir -p "$root/opt/vigia/$package"
  cp -r "$tree/$package/." "$root/opt/vigia/$package/"
done
# Not compressed: decompressing would be emulated.
(cd "$root" && find . | LC_ALL=C sort | busybox cpio -o -H newc -R 0:0) >"$disk" 2>/dev/null
