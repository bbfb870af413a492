#!/usr/bin/env bash
# Extracts checkpatch and kernel-doc from Debian's kernel source package, the only one that contains them.
# usage: linux-scripts.sh PACKAGE FOLDER
set -euo pipefail

package=$1 folder=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # apt downloads as another user
cd "$work"
apt-get --quiet download "$package"
mkdir scripts
dpkg-deb --fsys-tarfile "$package"_*.deb | tar --extract --to-stdout "./usr/src/$package.tar.xz" |
  tar --extract --xz --directory=scripts --strip-components=2 --wildcards \
    '*/scripts/checkpatch.pl' '*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch' '*/scripts/kernel-doc'
mv scripts "$folder"
