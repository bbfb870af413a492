#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Measures the CPU and memory use of the daemon in the lab, with the kernel modules. Takes
# half an hour. Under emulation only the ratio to cadvisor is meaningful. Writes lab.json
# to this directory and prints the table.
#
#	in-lab.sh [RUN-OPTION…]		see run.sh

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
# shellcheck source=bench/debian.sh
source "$here/../debian.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unpack bullseye cadvisor "$work/competitors" # the last suite that contains it
inside='mkdir -p /opt/competitors && tar -x -C /opt/competitors && exec bench/daemon/run.sh --cadvisor /opt/competitors/usr/bin/cadvisor'
tar -c -C "$work/competitors" . |
  "$tree/lab/lab.sh" --no-daemon --run "$inside ${*@Q}" >"$work/lab.json"
mv "$work/lab.json" "$here/lab.json"
(cd "$tree" && npx biome format --write "$here/lab.json" >&2)
"$tree/node_modules/node/bin/node" "$here/report.ts" "$here"
