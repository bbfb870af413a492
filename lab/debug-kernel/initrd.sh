#!/usr/bin/env bash
# Compiles the modules and the test programs and creates a ram disk with them.
# usage: initrd.sh KERNEL_BUILD SOURCES INITRD
#   SOURCES is a copy of kernel/, in which build products are created
set -euo pipefail

build=$1 sources=$2 initrd=$3
here=$(cd "$(dirname "$0")" && pwd)

nice make -s -C "$sources" -j"$(nproc)" KDIR="$build"
make -s -C "$sources" guest-tools

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,dev,kernel/test}
cp "$(command -v busybox)" "$root/bin/busybox"
cp "$here/init" "$here/suite.sh" "$root/"
cp "$sources"/*.ko "$root/kernel/"
cp -r "$sources"/test/{storm.sh,build} "$root/kernel/test/"
ln -s ../kernel/test/build/{reader,differential,hostile,namespaces,churn,crowd,enomem} "$root/bin/"
# Not compressed: under emulation, decompressing takes longer than reading some MB.
(cd "$root" && find . | LC_ALL=C sort | ./bin/busybox cpio -o -H newc -R 0:0) >"$initrd" 2>/dev/null
