#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The whole comparison, in the lab: fetches what is compared, measures in three
# machines (under emulation an hour), and writes results.json and cost.svg
# beside this file and the tables to standard output.
#
#	in-lab.sh [PROCESSES [CONTAINERS]]	default: "100 1000 10000" "10 100"

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
node=$tree/node_modules/node/bin/node
mirror=${VIGIA_DEBIAN_MIRROR:-http://deb.debian.org/debian}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rivals=$work/rivals
mkdir "$rivals"

# The package as the suite has it today, checked by its digest.
unpack() { # SUITE PACKAGE
  local file digest
  read -r file digest < <(curl -fsS "$mirror/dists/$1/main/binary-amd64/Packages.xz" | xz -dc |
    awk -v RS= -v name="$2" '$2 == name {
      for (i = 1; i < NF; i++) { if ($i == "Filename:") file = $(i + 1); if ($i == "SHA256:") digest = $(i + 1) }
      if (!found++) print file, digest }')
  curl -fsS -o "$work/package.deb" "$mirror/$file"
  echo "$digest  $work/package.deb" | sha256sum --check --quiet
  dpkg-deb -x "$work/package.deb" "$rivals"
  basename "$file" .deb >>"$rivals/versions"
}

unpack trixie prometheus-process-exporter
unpack bullseye cadvisor # the last suite that has it
(cd "$work" && npm pack --silent systeminformation >packed)
tar -xzf "$work/$(cat "$work/packed")" -C "$rivals" --one-top-level=systeminformation --strip-components=1
basename "$(cat "$work/packed")" .tgz >>"$rivals/versions"

inside='mkdir -p /opt/rivals bench/sense/node_modules && tar -x -C /opt/rivals &&
  mv /opt/rivals/systeminformation bench/sense/node_modules/ && exec bench/sense/run.sh --rivals /opt/rivals'

lab() { # LAB-OPTION… -- RUN-OPTION…
  local options=()
  while [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  shift
  tar -c -C "$rivals" . |
    "$tree/lab/lab.sh" --no-daemon "${options[@]}" --run "$inside ${*@Q}"
}

lab --memory 6144 -- --processes "${1:-100 1000 10000}" >"$work/processes.json"
lab --memory 6144 -- --containers "${2:-10 100}" >"$work/containers.json"
lab --memory 6144 --count-instructions -- --rounds 3 --processes "${1:-100 1000 10000}" >"$work/instructions.json"
"$node" "$here/report.ts" "$work"/{processes,containers,instructions}.json "$rivals/versions" "$here"
