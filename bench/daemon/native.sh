#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Measures the CPU and memory use of the daemon on this machine. Takes half an hour. Starts a
# Docker engine if none responds; without the modules the daemon reads /proc. Writes
# native.json to this directory and prints the table.
#
#	native.sh [RUN-OPTION…]		see run.sh

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
# shellcheck source=bench/debian.sh
source "$here/../debian.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unpack bullseye cadvisor "$work/competitors" # the last suite that contains it
"$tree/tests/docker/with-engine.sh" "$here/run.sh" --cadvisor "$work/competitors/usr/bin/cadvisor" "$@" >"$work/native.json"
mv "$work/native.json" "$here/native.json"
(cd "$tree" && npx biome format --write "$here/native.json" >&2)
"$tree/node_modules/node/bin/node" "$here/report.ts" "$here"
