#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Compares Vigía, systemd-oomd, earlyoom and the kernel's OOM killer in the lab, with the same
# memory hogs. Downloads the Debian packages, runs the rounds (under emulation half an hour
# per hog), writes results.json and peers.svg to this directory and prints the table.
#
#	in-lab.sh [fast|slow] [ROUNDS-OPTION…]	default: both; options: rounds.ts

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
node=$tree/node_modules/node/bin/node
# shellcheck source=bench/debian.sh
source "$here/../debian.sh"

hogs=(fast slow)
if [[ ${1:-} == fast || ${1:-} == slow ]]; then
  hogs=("$1")
  shift
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unpack trixie earlyoom "$work/competitors"
unpack trixie systemd-oomd "$work/competitors"
mv "$work/competitors/versions" "$work/versions"

# Records the load of this host, because it slows down the emulated machine.
watch_load() { # FILE
  while sleep 20; do
    cut -d' ' -f1 /proc/loadavg
  done >"$1"
}

# Unpack the packages' files to the places where installation would put them.
inside='tar -x -C / --no-same-owner --keep-directory-symlink && choom --adjust -1000 -- node bench/peers/rounds.ts'
for hog in "${hogs[@]}"; do
  watch_load "$work/$hog.load" &
  watching=$!
  options=("$@")
  if (($# == 0)) && [[ $hog == fast ]]; then
    options=(--vigia 20)
  fi
  tar -c -C "$work/competitors" . |
    "$tree/lab/lab.sh" --no-daemon --memory 2048 --run "$inside $hog$(printf ' %q' "${options[@]}")" >"$work/$hog.json"
  kill "$watching"
done
"$node" "$here/report.ts" "$here" "$work"
(cd "$tree" && npx biome format --write "$here/results.json" >&2)
