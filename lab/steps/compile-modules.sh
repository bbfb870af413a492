#!/usr/bin/env bash
# Compiles the modules in the root directory of a machine, for its kernel, with all warnings or with sparse.
# Fails and prints the warnings if there are any in the modules' own files; those in kernel headers are ignored.
# usage: compile-modules.sh ROOT SOURCES warnings|sparse
set -euo pipefail

root=$1 sources=$2 how=$3
kernel=$(basename "$root"/lib/modules/*)

# These mounts are in the mount namespace of this step and end with it.
mount --bind "$sources" "$root/opt/vigia"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"

build() {
  chroot "$root" /usr/bin/env -i LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    make -C /opt/vigia -j2 KDIR="/lib/modules/$kernel/build" "$@" </dev/null 2>&1
}

build clean >/dev/null
case $how in
  # Without -Wunused-parameter: a callback has to declare all parameters.
  warnings) output=$(build modules KCFLAGS='-Wall -Wextra -Wno-unused-parameter -Wmissing-prototypes -Wshadow') ;;
  sparse) output=$(build check-sparse) ;;
esac || { printf '%s\n' "$output" | tail -n 20 && exit 1; }
build clean >/dev/null
! grep -E ': (warning|error):' <<<"$output" | grep -vE '^([^:]*/)?(include|arch)/'
