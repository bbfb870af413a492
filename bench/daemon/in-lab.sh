#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The cost of the daemon in the lab, with the kernel modules: under emulation
# only its ratio to cadvisor's says something. Half an hour. Writes lab.json
# beside this file and prints the table.
#
#	in-lab.sh [RUN-OPTION…]		see run.sh

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
# shellcheck source=bench/debian.sh
source "$here/../debian.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unpack bullseye cadvisor "$work/rivals" # the last suite that has it
inside='mkdir -p /opt/rivals && tar -x -C /opt/rivals && exec bench/daemon/run.sh --cadvisor /opt/rivals/usr/bin/cadvisor'
tar -c -C "$work/rivals" . |
  "$tree/lab/lab.sh" --no-daemon --run "$inside ${*@Q}" >"$work/lab.json"
mv "$work/lab.json" "$here/lab.json"
(cd "$tree" && npx biome format --write "$here/lab.json" >&2)
"$tree/node_modules/node/bin/node" "$here/report.ts" "$here"
