# shellcheck shell=bash disable=SC2154 # variables of native.sh and in-lab.sh
# Records the load of this host during a run, and reports the run in the end.

node=$tree/node_modules/node/bin/node
work=$(mktemp -d)
(while sleep 20; do cut -d' ' -f1 /proc/loadavg; done >"$work/load") &
watching=$!
trap 'kill "$watching" 2>/dev/null; rm -rf "$work"' EXIT

report() {
  "$node" "$here/report.ts" "$here" "$work"
  (cd "$tree" && npx biome format --write "$here/results.json" >&2)
}
