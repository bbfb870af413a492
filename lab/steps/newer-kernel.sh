#!/usr/bin/env bash
# Downloads the packages that upgrade the machine's kernel to that of the last suite, without installing them.
# usage: newer-kernel.sh ROOT MIRROR SUITE[,SUITE…] FOLDER
set -euo pipefail

root=$1 mirror=$2 folder=$4
IFS=, read -ra suites <<<"$3"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -p "$work"/{lists,cache/archives}/partial
printf "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror %s main\n" "${suites[@]}" \
  >"$work/sources.list"

apt() {
  apt-get --quiet --yes -o Dir::State::status="$root/var/lib/dpkg/status" -o Dir::State::lists="$work/lists" \
    -o Dir::Cache="$work/cache" -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null -o Debug::NoLocking=1 \
    -o APT::Install-Recommends=false -o Acquire::Languages=none "$@"
}

apt update
apt --download-only --target-release "${suites[-1]}" install linux-image-cloud-amd64 linux-headers-cloud-amd64
mkdir -p "$folder"
mv "$work"/cache/archives/*.deb "$folder/"
