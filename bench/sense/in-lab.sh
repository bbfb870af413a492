#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the whole comparison in the lab: downloads the programs to compare with, measures in
# three machines (an hour under emulation), writes results.json and cost.svg to this
# directory and prints the tables.
#
#	in-lab.sh [PROCESSES [CONTAINERS]]	default: "100 1000 10000" "10 100"

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
node=$tree/node_modules/node/bin/node
mirror=${VIGIA_DEBIAN_MIRROR:-http://deb.debian.org/debian}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
competitors=$work/competitors
mkdir "$competitors"

# Downloads the current version of a package, verifies its digest and unpacks it.
unpack() { # SUITE PACKAGE
  local file digest
  read -r file digest < <(curl -fsS "$mirror/dists/$1/main/binary-amd64/Packages.xz" | xz -dc |
    awk -v RS= -v name="$2" '$2 == name {
      for (i = 1; i < NF; i++) { if ($i == "Filename:") file = $(i + 1); if ($i == "SHA256:") digest = $(i + 1) }
      if (!found++) print file, digest }')
  curl -fsS -o "$work/package.deb" "$mirror/$file"
  echo "$digest  $work/package.deb" | sha256sum --check --quiet
  dpkg-deb -x "$work/package.deb" "$competitors"
  basename "$file" .deb >>"$competitors/versions"
}

unpack trixie prometheus-process-exporter
unpack bullseye cadvisor # the last suite that contains it
(cd "$work" && npm pack --silent systeminformation >packed)
tar -xzf "$work/$(cat "$work/packed")" -C "$competitors" --one-top-level=systeminformation --strip-components=1
basename "$(cat "$work/packed")" .tgz >>"$competitors/versions"

inside='mkdir -p /opt/competitors bench/sense/node_modules && tar -x -C /opt/competitors &&
  mv /opt/competitors/systeminformation bench/sense/node_modules/ && exec bench/sense/run.sh --competitors /opt/competitors'

lab() { # LAB-OPTION… -- RUN-OPTION…
  local options=()
  while [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  shift
  tar -c -C "$competitors" . |
    "$tree/lab/lab.sh" --no-daemon "${options[@]}" --run "$inside ${*@Q}"
}

lab --memory 6144 -- --processes "${1:-100 1000 10000}" >"$work/processes.json"
lab --memory 6144 -- --containers "${2:-10 100}" >"$work/containers.json"
lab --memory 6144 --count-instructions -- --rounds 3 --processes "${1:-100 1000 10000}" >"$work/instructions.json"
"$node" "$here/report.ts" "$work"/{processes,containers,instructions}.json "$competitors/versions" "$here"
