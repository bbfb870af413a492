#!/usr/bin/env bash
# Builds the debug kernel: the newest linux-source that this host's apt knows,
# this host's compiler, tinyconfig and the fragment beside this file.
# usage: kernel.sh DIRECTORY
set -euo pipefail

out=$1
here=$(cd "$(dirname "$0")" && pwd)
build=$out/build

package=$(apt-cache search --names-only '^linux-source-[0-9.]+$' | cut -d' ' -f1 | sort -V | tail -n 1)
[[ -n $package ]] || {
  echo "apt knows no linux-source (remedy: deb lines of Debian, apt-get update)"
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
# Said again on purpose, hence the warnings that nobody wants to read.
cat "$here/config" >>.config
make -s olddefconfig 2>/dev/null
while read -r line; do
  grep -qx "$line" .config || {
    echo "this kernel does not take: $line"
    exit 1
  }
done < <(grep '^CONFIG' "$here/config")

nice make -s -j"$(nproc)" bzImage modules
mv arch/x86/boot/bzImage "$out/vmlinuz"
make -s kernelrelease >"$out/release"

# Modules need the headers and the tools: the rest is gigabytes.
rm -rf Documentation drivers sound vmlinux vmlinux.* .tmp_vmlinux*
find . \( -path ./scripts -o -path ./tools \) -prune -o -type f \
  \( -name '*.o' -o -name '*.a' -o -name '*.[cS]' -o -name '.*.cmd' -o -name '*.dts*' \) -exec rm {} +
