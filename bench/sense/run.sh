#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What one look at every process, and at every container, costs: through the
# modules and through everything else there is. Runs as root inside the lab
# machine, started by in-lab.sh; prints one JSON object.
#
#	run.sh [--processes "100 1000"] [--containers "10 100"] [--rivals FOLDER] [--rounds N]
#
# --rivals: where in-lab.sh has put what is compared but not ours
# --rounds: how often each is measured; where nothing disturbs it, three times do

set -e
here=$(cd "$(dirname "$0")" && pwd)
build=$here/build
processes=
containers=
rivals=/nowhere
rounds=11
# What the engine and the exporters do for a reader, they do in cgroups in here.
services=/sys/fs/cgroup/system.slice

while [ $# -gt 0 ]; do
	case $1 in
	--processes) processes=$2; shift ;;
	--containers) containers=$2; shift ;;
	--rivals) rivals=$2; shift ;;
	--rounds) rounds=$2; shift ;;
	*) echo "run.sh: unknown option: $1" >&2; exit 2 ;;
	esac
	shift
done

say() { echo "run.sh: $*" >&2; }

"$here/../../scripts/load-modules.sh" >&2
sysinfo=$(echo /proc/sysinfo_so1_*)
continfo=$(echo /proc/continfo_so1_*)
if ! [ -r "$sysinfo" ] || ! [ -r "$continfo" ]; then
	say "$sysinfo or $continfo cannot be read: load the modules and be root"
	exit 1
fi

# --- what serves metrics by itself --------------------------------------------

serve() { # NAME PORT COMMAND…
	name=$1 port=$2
	shift 2
	systemd-run --quiet --unit "bench-$name" "$@" >&2
	until curl -s -o /dev/null "http://127.0.0.1:$port/metrics"; do
		systemctl is-active --quiet "bench-$name" || { say "$name does not start"; exit 1; }
		sleep 1
	done
}

stop() { systemctl stop "bench-$1" 2>/dev/null || true; }

# --- processes ----------------------------------------------------------------

# Of so many, a round takes minutes under emulation, and an exporter's reading alone does.
many=5000

measure_processes() { # COUNT
	times=$rounds node_times=5 exporters=true
	[ "$1" -lt $many ] || times=$((rounds < 3 ? rounds : 3)) node_times=3 exporters=false
	ready=$(mktemp)
	# In a scope of its own: a login session has room for some thousand tasks only.
	systemd-run --quiet --scope -p TasksMax=infinity \
		"$build/sleepers" "$1" >"$ready" 2>/dev/null </dev/null &
	sleepers=$!
	until [ -s "$ready" ]; do
		kill -0 $sleepers || { say "no room for $1 processes"; exit 1; }
		sleep 1
	done
	rm "$ready"
	present=$(find /proc -maxdepth 1 -name '[0-9]*' | wc -l)
	say "$present processes"

	set -- module 20 "$build/read_file $sysinfo 20" \
		module_opened_anew 5 "$build/read_file $sysinfo 5 anew" \
		walk_proc 3 "$build/walk_proc 3" \
		ps 1 "ps -eo pid,ppid,comm,args,stat,vsz,rss,pcpu,pmem"
	exporter=$rivals/usr/bin/prometheus-process-exporter
	if $exporters && [ -x "$exporter" ]; then
		serve process-exporter 9256 "$exporter" -procnames sleeper,node,systemd
		set -- "$@" "process_exporter@$services/bench-process-exporter.service" 1 "curl -s http://127.0.0.1:9256/metrics"
	fi
	costs=$("$build/measure" "$times" "$build/read_file /dev/null 1" "$@")
	stop process-exporter
	in_node=$(/usr/local/bin/node "$here/look.ts" $node_times)
	printf '{"processes":%s,"bytes":%s,"rounds":%s,"costs":%s,"node":%s}' \
		"$present" "$(wc -c <"$sysinfo")" "$times" "$costs" "$in_node"
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

# Without a network of its own each: starting is then bearable, and docker stats
# has less to do.
start_containers() { # UP_TO
	running=$(docker ps -q | wc -l)
	seq $((running + 1)) "$1" | xargs -P 4 -I{} \
		docker run -d --network none bench-idle /bin/sleep 86400 >/dev/null
	say "$(docker ps -q | wc -l) containers"
}

measure_containers() { # COUNT
	start_containers "$1"
	set -- "$1" module 20 "$build/read_file $continfo 20" \
		module_opened_anew 5 "$build/read_file $continfo 5 anew" \
		"docker_stats@$services/docker.service,$services/containerd.service" 1 "docker stats --no-stream"
	count=$1
	shift
	if [ -x "$rivals/usr/bin/cadvisor" ]; then
		serve cadvisor 8089 "$rivals/usr/bin/cadvisor" -port 8089 -logtostderr
		set -- "$@" "cadvisor@$services/bench-cadvisor.service" 1 "curl -s http://127.0.0.1:8089/metrics"
	fi
	costs=$("$build/measure" 5 "$build/read_file /dev/null 1" "$@")
	stop cadvisor
	printf '{"containers":%s,"bytes":%s,"rounds":5,"costs":%s}' \
		"$count" "$(wc -c <"$continfo")" "$costs"
}

# --- all of it ----------------------------------------------------------------

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
