#!/usr/bin/env bash
# Downloads Debian's signed boot loaders, without installing them: shim, which the firmware trusts, and GRUB, which shim
# trusts.
# usage: boot-loader.sh FOLDER
set -euo pipefail

folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # apt downloads as another user
cd "$work"
apt-get --quiet download shim-signed grub-efi-amd64-signed
mkdir files
for package in *.deb; do
  dpkg-deb --extract "$package" files
done
mkdir -p "$folder"
cp files/usr/lib/shim/shimx64.efi.signed "$folder/shim.efi"
cp files/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed "$folder/grub.efi"
