#!/usr/bin/env bash
# Compiles the modules in a machine's own root directory, for its own kernel, with every warning, or through sparse.
# Prints what is said of our own files; the kernel's headers are not ours to mend.
# usage: check.sh ROOT SOURCES warnings|sparse
set -euo pipefail

root=$1 sources=$2 how=$3
kernel=$(basename "$root"/lib/modules/*)

# These mounts belong to this step's own namespace and end with it.
mount --bind "$sources" "$root/opt/vigia"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"

build() {
  chroot "$root" /usr/bin/env -i LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    make -C /opt/vigia -j2 KDIR="/lib/modules/$kernel/build" "$@" </dev/null 2>&1
}

build clean >/dev/null
case $how in
  # A callback has the parameters that its caller gives, wanted or not.
  warnings) said=$(build modules KCFLAGS='-Wall -Wextra -Wno-unused-parameter -Wmissing-prototypes -Wshadow') ;;
  sparse) said=$(build check-sparse) ;;
esac || { printf '%s\n' "$said" | tail -n 20 && exit 1; }
build clean >/dev/null
! grep -E ': (warning|error):' <<<"$said" | grep -vE '^([^:]*/)?(include|arch)/'
