#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Measures the cost of reading all processes, and all containers, once: through the modules,
# the BPF iterator and other programs. Runs as root in the lab machine, started by in-lab.sh. Prints
# one JSON object.
#
#	run.sh [--processes "100 1000"] [--containers "10 100"] [--competitors FOLDER] [--rounds N]
#
# --competitors: folder with the programs downloaded by in-lab.sh
# --rounds: how often each is measured; 3 is enough if nothing disturbs the measurement

set -e
here=$(cd "$(dirname "$0")" && pwd)
build=$here/build
processes=
containers=
competitors=/nowhere
rounds=11
# Parent cgroup of the services, whose work for a reader is counted, too.
services=/sys/fs/cgroup/system.slice

while [ $# -gt 0 ]; do
	case $1 in
	--processes) processes=$2; shift ;;
	--containers) containers=$2; shift ;;
	--competitors) competitors=$2; shift ;;
	--rounds) rounds=$2; shift ;;
	*) echo "run.sh: unknown option: $1" >&2; exit 2 ;;
	esac
	shift
done

log() { echo "run.sh: $*" >&2; }

"$here/../../scripts/load-modules.sh" >&2
sysinfo=$(echo /proc/sysinfo_so1_*)
continfo=$(echo /proc/continfo_so1_*)
if ! [ -r "$sysinfo" ] || ! [ -r "$continfo" ]; then
	log "$sysinfo or $continfo cannot be read: load the modules and be root"
	exit 1
fi

# Its reading is all processes without command lines, and the cgroup of each.
bpf=/sys/fs/bpf/vigia/tasks-1
"$here/../../scripts/load-bpf.sh" >&2

# --- exporters ----------------------------------------------------------------

start_service() { # NAME PORT COMMAND…
	name=$1 port=$2
	shift 2
	systemd-run --quiet --unit "bench-$name" "$@" >&2
	until curl -s -o /dev/null "http://127.0.0.1:$port/metrics"; do
		systemctl is-active --quiet "bench-$name" || { log "$name did not start"; exit 1; }
		sleep 1
	done
}

stop_service() { systemctl stop "bench-$1" 2>/dev/null || true; }

# --- processes ----------------------------------------------------------------

# From this number on a round takes minutes under emulation: fewer rounds, no exporters.
many=5000

measure_processes() { # COUNT
	times=$rounds node_times=5 exporters=true
	[ "$1" -lt $many ] || times=$((rounds < 3 ? rounds : 3)) node_times=3 exporters=false
	ready=$(mktemp)
	# In its own scope, because a login session is limited to some thousand tasks.
	systemd-run --quiet --scope -p TasksMax=infinity \
		"$build/sleepers" "$1" >"$ready" 2>/dev/null </dev/null &
	sleepers=$!
	until [ -s "$ready" ]; do
		kill -0 $sleepers || { log "cannot start $1 processes"; exit 1; }
		sleep 1
	done
	rm "$ready"
	present=$(find /proc -maxdepth 1 -name '[0-9]*' | wc -l)
	log "$present processes"

	set -- module 20 "$build/read_file $sysinfo 20" \
		module_reopened 5 "$build/read_file $sysinfo 5 reopen" \
		bpf 20 "$build/read_file $bpf 20 reopen" \
		walk_proc 3 "$build/walk_proc 3" \
		ps 1 "ps -eo pid,ppid,comm,args,stat,vsz,rss,pcpu,pmem"
	exporter=$competitors/usr/bin/prometheus-process-exporter
	if $exporters && [ -x "$exporter" ]; then
		start_service process-exporter 9256 "$exporter" -procnames sleeper,node,systemd
		set -- "$@" "process_exporter@$services/bench-process-exporter.service" 1 "curl -s http://127.0.0.1:9256/metrics"
	fi
	costs=$("$build/measure" "$times" "$build/read_file /dev/null 1" "$@")
	stop_service process-exporter
	node_costs=$(/usr/local/bin/node "$here/measure-node.ts" $node_times)
	printf '{"processes":%s,"bytes":%s,"rounds":%s,"costs":%s,"node":%s}' \
		"$present" "$(wc -c <"$sysinfo")" "$times" "$costs" "$node_costs"
	kill $sleepers
	wait $sleepers 2>/dev/null || true
}

# --- containers ---------------------------------------------------------------

prepare_image() {
	box=$(mktemp -d)
	mkdir "$box/bin" "$box/proc" "$box/sys" "$box/dev" "$box/etc"
	cp /bin/busybox "$box/bin/sleep"
	tar -C "$box" -c . | docker import - bench-idle >/dev/null
	rm -r "$box"
}

# Without networks, so that starting the containers does not take too long.
start_containers() { # UP_TO
	running=$(docker ps -q | wc -l)
	seq $((running + 1)) "$1" | xargs -P 4 -I{} \
		docker run -d --network none bench-idle /bin/sleep 86400 >/dev/null
	log "$(docker ps -q | wc -l) containers"
}

measure_containers() { # COUNT
	start_containers "$1"
	set -- "$1" module 20 "$build/read_file $continfo 20" \
		module_reopened 5 "$build/read_file $continfo 5 reopen" \
		"docker_stats@$services/docker.service,$services/containerd.service" 1 "docker stats --no-stream"
	count=$1
	shift
	if [ -x "$competitors/usr/bin/cadvisor" ]; then
		start_service cadvisor 8089 "$competitors/usr/bin/cadvisor" -port 8089 -logtostderr
		set -- "$@" "cadvisor@$services/bench-cadvisor.service" 1 "curl -s http://127.0.0.1:8089/metrics"
	fi
	costs=$("$build/measure" 5 "$build/read_file /dev/null 1" "$@")
	stop_service cadvisor
	printf '{"containers":%s,"bytes":%s,"rounds":5,"costs":%s}' \
		"$count" "$(wc -c <"$continfo")" "$costs"
}

# --- main ---------------------------------------------------------------------

list() { # FUNCTION COUNT…
	function=$1 comma=
	shift
	for one in "$@"; do
		printf '%s' "$comma"
		$function "$one"
		comma=,
	done
}

systemctl stop cron
cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
memory=$(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo)
printf '{"machine":{"kernel":"%s","cpu":"%s","cpus":%s,"memory_kb":%s,"ps":"%s","docker":"%s"},"processes":[' \
	"$(uname -r)" "$cpu" "$(nproc)" "$memory" "$(ps --version)" "$(docker --version)"
# shellcheck disable=SC2086
list measure_processes $processes
printf '],"containers":['
# shellcheck disable=SC2086
[ -z "$containers" ] || prepare_image && list measure_containers $containers
printf ']}\n'
