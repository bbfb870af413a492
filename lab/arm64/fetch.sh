#!/usr/bin/env bash
# Downloads the packages in "packages" and the current kernel of trixie for arm64, and unpacks them into ROOT and CROSS of
# a folder; writes the kernel's release into its file "release".
# usage: fetch.sh FOLDER MIRROR
set -euo pipefail

folder=$1 mirror=$2
here=$(cd "$(dirname "$0")" && pwd)
apt=$folder/apt
mkdir -p "$apt"/{lists,cache/archives}/partial "$folder"/{root,cross,kernel}
: >"$apt/status"
printf "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror %s main\n" trixie bookworm \
  >"$apt/sources.list"
options=(
  --quiet -o Dir::State::status="$apt/status" -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache"
  -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
  -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null -o APT::Sandbox::User=root
  -o APT::Architecture=amd64 -o APT::Architectures::=amd64 -o APT::Architectures::=arm64 -o Acquire::Languages=none
  -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
)
apt-get "${options[@]}" update

unpack() { # FOLDER SUITE PACKAGE…
  local into=$folder/$1 suite=$2
  mkdir "$apt/debs"
  (cd "$apt/debs" && apt-get "${options[@]}" --target-release "$suite" download "${@:3}")
  for package in "$apt"/debs/*.deb; do dpkg-deb -x "$package" "$into"; done
  rm -r "$apt/debs"
}

# apt reads the lists of all packages each time: one call for each folder and suite.
listed() { # FOLDER SUITE
  awk -v folder="$1" -v suite="$2" '$1 == folder && $2 == suite { for (i = 3; i <= NF; i++) print $i }' "$here/packages"
}
mapfile -t system < <(listed root trixie)
mapfile -t compiler < <(listed cross trixie)
mapfile -t older < <(listed cross bookworm)
release=$(apt-cache "${options[@]}" depends linux-image-cloud-arm64:arm64 |
  sed -n 's/^ *Depends: linux-image-\([^:]*\).*/\1/p' | head -n 1)
unpack root trixie "${system[@]}"
unpack kernel trixie "linux-image-$release:arm64"
unpack cross bookworm "${older[@]}"
unpack cross trixie "${compiler[@]}" "linux-headers-$release:arm64" "linux-headers-${release%-cloud-arm64}-common:all" \
  "linux-kbuild-${release%-cloud-arm64}:amd64"
rm -r "$apt"
echo "$release" >"$folder/release"
