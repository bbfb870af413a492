#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Measures how late the memory watch looks, under each load: prints for each the number of
# looks, the quantiles and the histogram of the lateness in milliseconds. The loop reads /proc,
# with a cycle every 5 seconds. The engine is a stand-in; so is the slow disk, which delays the
# loop's own writes (slow_disk.c). Run it as root on a host that has nothing else to do.
#
#	run.sh [SECONDS [LOAD…]]	60 seconds of: idle containers processes locked slow all

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
node=$tree/node_modules/node/bin/node
seconds=${1:-60}
shift || true
loads=("$@")
[ ${#loads[@]} -gt 0 ] || loads=(idle containers processes locked slow all)

# In cgroup v1 the memory tree tells which container a process belongs to.
cgroups=/sys/fs/cgroup
[ -e "$cgroups/cgroup.controllers" ] || cgroups=/sys/fs/cgroup/memory

work=$(mktemp -d)
started=()
stop() {
	for pid in "${started[@]}"; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	started=()
	for _ in $(seq 50); do
		find "$cgroups" -maxdepth 1 -name 'vigia-bench-*' -exec rmdir {} + 2>/dev/null && break
		sleep 0.1
	done
}
trap 'stop; rm -rf "$work"' EXIT

cc -O2 -o "$work/sleepers" "$here/../sense/sleepers.c"
cc -O2 -shared -fPIC -o "$work/slow_disk.so" "$here/slow_disk.c" -ldl

sleepers() { # COUNT: that many processes, in no container
	"$work/sleepers" "$1" >"$work/ready" &
	started+=($!)
	until grep -q ready "$work/ready"; do sleep 0.1; done
}

containers() { # COUNT: that many cgroups with the ID of a container, each with a process
	sleepers "$1"
	local pid n=0 id
	while read -r pid; do
		n=$((n + 1))
		printf -v id '%064x' "$n"
		mkdir "$cgroups/vigia-bench-$id"
		echo "$pid" >"$cgroups/vigia-bench-$id/cgroup.procs"
		echo "$id" >>"$work/ids"
	done < <(ps -o pid= --ppid "${started[-1]}")
}

measure() { # LOAD
	local load=$1 socket=$work/engine.sock database=$work/$1/vigia.db
	local -a preload=()
	mkdir "$work/$load"
	: >"$work/ids"
	rm -f "$socket"
	[[ $load =~ containers|all ]] && containers 1000
	[[ $load =~ processes|all ]] && sleepers 19000
	[[ $load =~ slow|all ]] && preload=("LD_PRELOAD=$work/slow_disk.so")
	"$node" "$here/engine.ts" "$socket" "$work/ids" &
	started+=($!)
	until [ -S "$socket" ]; do sleep 0.1; done
	env "${preload[@]}" LOOKS="$work/looks" "$node" --disable-warning=ExperimentalWarning \
		--import "$here/looks.ts" "$here/loop.ts" "$socket" "$database" >"$work/log" 2>&1 &
	local loop=$!
	started+=("$loop")
	# The first cycle has been recorded then.
	until [ "$(sqlite3 "$database" 'SELECT count(*) FROM cycle' 2>/dev/null || true)" -ge 1 ] 2>/dev/null; do
		kill -0 "$loop" || { cat "$work/log"; exit 1; }
		sleep 0.2
	done
	if [[ $load =~ locked|all ]]; then
		(echo 'BEGIN EXCLUSIVE;' && sleep "$seconds") | sqlite3 "$database" &
		started+=($!)
	fi
	: >"$work/looks"
	sleep "$seconds"
	"$node" "$here/histogram.ts" "$load" "$work/looks"
	stop
}

for load in "${loads[@]}"; do measure "$load"; done
