#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Vigía, systemd-oomd, earlyoom and the kernel alone against the same hogs, in
# the lab: fetches Debian's packages, runs the rounds (under emulation half an
# hour for each hog), writes results.json and peers.svg beside this file and the
# table to standard output.
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
unpack trixie earlyoom "$work/rivals"
unpack trixie systemd-oomd "$work/rivals"
mv "$work/rivals/versions" "$work/versions"

# The emulated machine is as fast as its host is idle.
watch_load() { # FILE
  while sleep 20; do
    cut -d' ' -f1 /proc/loadavg
  done >"$1"
}

# The packages' files lie where the packages would have put them.
inside='tar -x -C / --no-same-owner --keep-directory-symlink && choom --adjust -1000 -- node bench/peers/rounds.ts'
for hog in "${hogs[@]}"; do
  watch_load "$work/$hog.load" &
  watching=$!
  options=("$@")
  if (($# == 0)) && [[ $hog == fast ]]; then
    options=(--vigia 20)
  fi
  tar -c -C "$work/rivals" . |
    "$tree/lab/lab.sh" --no-daemon --memory 2048 --run "$inside $hog$(printf ' %q' "${options[@]}")" >"$work/$hog.json"
  kill "$watching"
done
"$node" "$here/report.ts" "$here" "$work"
(cd "$tree" && npx biome format --write "$here/results.json" >&2)
