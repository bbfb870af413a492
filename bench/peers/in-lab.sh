#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Compares Vigía, systemd-oomd, earlyoom and the kernel's OOM killer in the lab, with the same memory hogs. Downloads the
# Debian packages, runs the rounds (under emulation about two minutes each), writes results.json and peers.svg to this
# directory and prints the table.
#
#	in-lab.sh [ROUNDS-OPTION…]	options: rounds.ts

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
# shellcheck source=bench/debian.sh
source "$here/../debian.sh"
# shellcheck source=bench/peers/report.sh
source "$here/report.sh"

unpack trixie earlyoom "$work/competitors"
unpack trixie systemd-oomd "$work/competitors"
mv "$work/competitors/versions" "$work/versions"

# Unpack the packages' files to the places where installation would put them.
inside='tar -x -C / --no-same-owner --keep-directory-symlink && choom --adjust -1000 -- node bench/peers/rounds.ts'
tar -c -C "$work/competitors" . |
  "$tree/lab/lab.sh" --no-daemon --memory 2048 --run "$inside$(printf ' %q' "$@")" >"$work/lab.rounds" ||
  echo 'the run has ended early; the rounds until then are reported' >&2
report
