#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The cost of the daemon on this very machine, whose engine is started where
# none answers; without modules the /proc sensor reads. Half an hour. Writes
# native.json beside this file and prints the table.
#
#	native.sh [RUN-OPTION…]		see run.sh

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
# shellcheck source=bench/debian.sh
source "$here/../debian.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unpack bullseye cadvisor "$work/rivals" # the last suite that has it
"$tree/tests/docker/with-engine.sh" "$here/run.sh" --cadvisor "$work/rivals/usr/bin/cadvisor" "$@" >"$work/native.json"
mv "$work/native.json" "$here/native.json"
(cd "$tree" && npx biome format --write "$here/native.json" >&2)
"$tree/node_modules/node/bin/node" "$here/report.ts" "$here"
