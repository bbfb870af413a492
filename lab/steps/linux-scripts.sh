#!/usr/bin/env bash
# Takes checkpatch and kernel-doc out of Debian's package of the kernel's source, the only one that has them.
# usage: linux-scripts.sh PACKAGE FOLDER
set -euo pipefail

package=$1 folder=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # apt downloads as a user of its own
cd "$work"
apt-get --quiet download "$package"
mkdir scripts
dpkg-deb --fsys-tarfile "$package"_*.deb | tar --extract --to-stdout "./usr/src/$package.tar.xz" |
  tar --extract --xz --directory=scripts --strip-components=2 --wildcards \
    '*/scripts/checkpatch.pl' '*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch' '*/scripts/kernel-doc'
mv scripts "$folder"
