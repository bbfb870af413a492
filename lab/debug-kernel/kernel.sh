#!/usr/bin/env bash
# Builds the debug kernel from the newest linux-source package known to apt on this
# host, with this host's compiler, tinyconfig and the file config in this directory.
# usage: kernel.sh DIRECTORY
set -euo pipefail

out=$1
here=$(cd "$(dirname "$0")" && pwd)
build=$out/build

package=$(apt-cache search --names-only '^linux-source-[0-9.]+$' | cut -d' ' -f1 | sort -V | tail -n 1)
[[ -n $package ]] || {
  echo "apt has no linux-source package (remedy: add a Debian mirror to the apt sources, then apt-get update)"
  exit 1
}
mkdir -p "$out/package" "$build"
cd "$out/package"
apt-get --quiet download "$package"
dpkg-deb --fsys-tarfile "$package"_*.deb | tar --extract --to-stdout "./usr/src/$package.tar.xz" |
  tar --extract --xz --strip-components=1 --directory="$build"
rm -r "$out/package"

cd "$build"
make -s tinyconfig
# Overrides values of tinyconfig, which makes olddefconfig print warnings.
cat "$here/config" >>.config
make -s olddefconfig 2>/dev/null
while read -r line; do
  grep -qx "$line" .config || {
    echo "this kernel does not accept the setting: $line"
    exit 1
  }
done < <(grep '^CONFIG' "$here/config")

nice make -s -j"$(nproc)" bzImage modules
mv arch/x86/boot/bzImage "$out/vmlinuz"
make -s kernelrelease >"$out/release"

# Building modules needs only headers and tools; the rest takes gigabytes.
rm -rf Documentation drivers sound vmlinux vmlinux.* .tmp_vmlinux*
find . \( -path ./scripts -o -path ./tools \) -prune -o -type f \
  \( -name '*.o' -o -name '*.a' -o -name '*.[cS]' -o -name '.*.cmd' -o -name '*.dts*' \) -exec rm {} +
