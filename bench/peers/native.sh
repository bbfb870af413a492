#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Measures how Vigía reacts without emulation, on this host, whose memory does not run out: rounds.ts --native. Uses the
# engine of this host, or a temporary one; adds the rounds to results.json and prints the table.
#
#	native.sh [ROUNDS-OPTION…]	options: rounds.ts

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
# shellcheck source=bench/peers/report.sh
source "$here/report.sh"

make -s -C "$here"
"$tree/tests/docker/with-engine.sh" "$node" "$here/rounds.ts" --native "$@" >"$work/native.rounds" ||
  echo 'the run has ended early; the rounds until then are reported' >&2
report
