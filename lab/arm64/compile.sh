#!/usr/bin/env bash
# Cross-compiles both modules, the test programs and the loader of the BPF object, in the system of the amd64 machine with
# the cross-compiler over it. Runs in a mount namespace of its own.
# usage: compile.sh NATIVE_ROOT FOLDER SOURCES
set -euo pipefail

native=$1 folder=$2 sources=$3
release=$(cat "$folder/release")
layers=$(mktemp -d)
mount -t tmpfs tmpfs "$layers"
mkdir "$layers"/{changed,work,all}
system=$layers/all
mount -t overlay overlay "$system" \
  -o "lowerdir=$folder/cross:$native,upperdir=$layers/changed,workdir=$layers/work"
mount --bind "$sources" "$system/opt/vigia"
mount --rbind /dev "$system/dev"
mount -t proc proc "$system/proc"

cross() { # COMMAND…
  chroot "$system" /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin \
    CC=aarch64-linux-gnu-gcc-14 bash -c 'cd /opt/vigia && exec "$@"' bash "$@" </dev/null
}

cross make -C kernel KDIR="/usr/src/linux-headers-$release"
cross make -C kernel/test
cross aarch64-linux-gnu-gcc-14 -std=gnu11 -O2 -Wall -Wextra -Werror -static -s -o bpf/build/load bpf/load.c -lbpf -lelf -lz
cross aarch64-linux-gnu-gcc-14 -O1 -Wall -Wextra -Werror -pthread -static -o tests/bpf/tree tests/bpf/tree.c
