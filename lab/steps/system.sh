#!/usr/bin/env bash
# Installs Debian into a directory and configures it for the lab.
# usage: system.sh ROOT MIRROR SUITE[,SUITE…] NODE SSH_DIRECTORY
# The first suite provides the system; newer kernels may come from the others.
set -euo pipefail

root=$1 mirror=$2 node=$4 ssh=$5
IFS=, read -ra suites <<<"$3"
guest=$(cd "$(dirname "$0")/../guest" && pwd)
suite=${suites[0]}
packages=$(awk -v suite="$suite" '!/^#/ && (NF == 1 || $0 ~ " " suite "( |$)") { print $1 }' "$guest/packages" |
  paste -sd,)

# By default apt takes no packages from backports: pin the kernel to the listed suites.
prefer_newest_kernel() {
  printf 'Package: linux-*\nPin: release n=%s\nPin-Priority: 990\n\n' "${suites[@]}"
}

# Files that are not needed in the machine.
unused=(man doc info locale lintian bug)
options=()
for name in "${unused[@]}"; do
  options+=(--dpkgopt="path-exclude=/usr/share/$name/*")
done
for scheme in http https; do
  proxy=$(apt-config shell proxy "Acquire::$scheme::Proxy" | sed "s/^proxy='\(.*\)'$/\1/")
  [[ -z $proxy ]] || options+=(--aptopt="Acquire::$scheme::Proxy \"$proxy\"")
done

# Check-Valid-Until is off, because the signatures of old suites are not renewed. Recommended packages are not
# installed: the lab creates its own initial ram disk.
preferences=$(mktemp)
trap 'rm -f "$preferences"' EXIT
prefer_newest_kernel >"$preferences"
printf "deb $mirror %s main\n" "${suites[@]}" | mmdebstrap --mode=root --variant=minbase --format=directory \
  --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
  --aptopt='Acquire::Languages "none"' \
  --aptopt='Acquire::Check-Valid-Until "false"' \
  --aptopt='APT::Install-Recommends "false"' --dpkgopt='force-unsafe-io' \
  --setup-hook="install -Dm644 '$preferences' \"\$1\"/etc/apt/preferences.d/kernel" \
  "${options[@]}" --include="$packages" "$suite" "$root" -

cp -r "$guest/rootfs/." "$root/"
install -m 755 "$node" "$root/usr/local/bin/node"
rm -f "$root"/etc/ssh/ssh_host_*
install -m 600 "$ssh/host_key" "$root/etc/ssh/ssh_host_ed25519_key"
install -m 644 "$ssh/host_key.pub" "$root/etc/ssh/ssh_host_ed25519_key.pub"
install -d -m 700 "$root/root/.ssh"
install -m 600 "$ssh/key.pub" "$root/root/.ssh/authorized_keys"
mkdir -p "$root/opt/vigia"
chroot "$root" useradd --system --user-group --no-create-home --shell /usr/sbin/nologin vigia
echo vigia-lab >"$root/etc/hostname"
printf '127.0.0.1 localhost vigia-lab\n' >"$root/etc/hosts"
: >"$root/etc/fstab"
# With a fixed machine ID systemd skips its first-boot setup.
echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"

units=$root/etc/systemd/system
ln -sfn /lib/systemd/system/multi-user.target "$units/default.target"
mkdir -p "$units/multi-user.target.wants"
ln -sfn ../vigia.service "$units/multi-user.target.wants/vigia.service"
while read -r name; do
  ln -sfn /dev/null "$units/$name"
done < <(grep -v '^#' "$guest/masked-units")
# Disable all generators: none is needed, and each one takes time at boot.
mkdir -p "$root/etc/systemd/system-generators"
for generator in "$root"/lib/systemd/system-generators/*; do
  ln -sfn /dev/null "$root/etc/systemd/system-generators/${generator##*/}"
done
