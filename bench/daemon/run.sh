#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Measures CPU and memory use of Vigía with a number of containers: CPU and RSS of its loop,
# page and lock processes, and the additional CPU of the engine. Then measures cadvisor
# with the same containers. Needs root and a running engine; started by native.sh and
# in-lab.sh. Prints one JSON object.
#
#	run.sh [--seconds N] [--containers N] [--cadvisor FILE] [--vigia COMMAND]
#
# --seconds: how long Vigía is measured; the others take a quarter of that. Each has time to settle before.
# --vigia: measure another Vigía, such as a bundle

set -e
here=$(cd "$(dirname "$0")" && pwd)
tree=$here/../..
seconds=600
settle=${VIGIA_BENCH_SETTLE:-60}
containers=50
cadvisor=
vigia=$tree/vigia

while [ $# -gt 0 ]; do
	case $1 in
	--seconds) seconds=$2 ;;
	--containers) containers=$2 ;;
	--cadvisor) cadvisor=$2 ;;
	--vigia) vigia=$2 ;;
	*) echo "run.sh: unknown option: $1" >&2; exit 2 ;;
	esac
	shift 2
done

log() { echo "run.sh: $(date +%T) $*" >&2; }

work=$(mktemp -d)

# --- one cgroup for each process: counts its CPU time, with that of its children

unified=/sys/fs/cgroup
[ -e $unified/cgroup.controllers ] && cpu_hierarchy=$unified || cpu_hierarchy=$unified/cpuacct

move_to_cgroup() { # CGROUP PID…
	mkdir -p "$cpu_hierarchy/$1"
	cgroup=$1
	shift
	for pid in "$@"; do
		echo "$pid" >"$cpu_hierarchy/$cgroup/cgroup.procs"
	done
}

start_in_cgroup() { # CGROUP COMMAND…
	group=$1
	shift
	move_to_cgroup "$group"
	# shellcheck disable=SC2016
	setsid sh -c 'echo $$ >"$0"; exec "$@"' "$cpu_hierarchy/$group/cgroup.procs" "$@" \
		>"$work/$group.log" 2>&1 </dev/null &
	started=$!
}

cpu_us() { # CGROUP
	if [ "$cpu_hierarchy" = $unified ]; then
		sed -n 's/^usage_usec //p' "$unified/$1/cpu.stat"
	else
		echo $(($(cat "$cpu_hierarchy/$1/cpuacct.usage") / 1000))
	fi
}

# The engine consists of dockerd, which answers the requests, and of containerd with its
# shims and runc. Under systemd both are in a cgroup already.
if [ -d $unified/system.slice/docker.service ]; then
	dockerd=system.slice/docker.service
	containerd=system.slice/containerd.service
else
	dockerd="vigia-bench-dockerd"
	containerd="vigia-bench-containerd"
	# shellcheck disable=SC2046
	move_to_cgroup "$dockerd" $(pgrep -x dockerd)
	# shellcheck disable=SC2046
	move_to_cgroup "$containerd" $(pgrep -x containerd) $(pgrep containerd-shim || true)
fi

# CPU time of dockerd, in microseconds, for listing the containers once, as Vigía does in
# each cycle: the mean of 100 requests.
list_us() {
	before=$(cpu_us "$dockerd")
	for _ in $(seq 100); do
		curl -s -o /dev/null --unix-socket /var/run/docker.sock 'http://docker/containers/json?all=true'
	done
	echo $((($(cpu_us "$dockerd") - before) / 100))
}

# --- the containers -----------------------------------------------------------

# Starts two high and otherwise low containers, which Vigía manages and keeps. They are
# labelled as if Vigía had started them: otherwise it would start more until it has
# classified them.
start_containers() {
	log "starting $containers containers"
	# shellcheck disable=SC2016
	seq "$containers" | xargs -P 4 -I{} sh -c '
		kind=idle class=low; [ {} -gt 2 ] || kind=ram class=high
		docker run --detach --network none --label vigia.managed=true --label vigia.spawn=floor \
			--label vigia.class=$class vigia/$kind' >/dev/null
}

remove_containers() {
	docker ps --all --quiet --filter label=vigia.managed=true | xargs -r docker rm --force >/dev/null
}

# --- one span -----------------------------------------------------------------

load() { cut -d' ' -f1 /proc/loadavg; }

# Measures the CPU time of the engine and of each cgroup over a span, in microseconds.
span() { # NAME SECONDS CGROUP…
	name=$1 long=$2
	shift 2
	sleep "$settle"
	log "$name: $long s"
	dockerd_before=$(cpu_us "$dockerd") containerd_before=$(cpu_us "$containerd")
	for group in "$@"; do cpu_us "$group" >"$work/$group.before"; done
	began=$(date +%s%N) load_before=$(load)
	sleep "$long"
	took_us=$((($(date +%s%N) - began) / 1000))
	printf '{"name":"%s","seconds":%s,"load1":[%s,%s],"engine_us":{"dockerd":%s,"containerd":%s},"cpu_us":{' \
		"$name" $((took_us / 1000000)) "$load_before" "$(load)" \
		$(($(cpu_us "$dockerd") - dockerd_before)) $(($(cpu_us "$containerd") - containerd_before))
	comma=
	for group in "$@"; do
		printf '%s"%s":%s' "$comma" "${group#vigia-bench-}" $(($(cpu_us "$group") - $(cat "$work/$group.before")))
		comma=,
	done
	printf '}'
}

memory_of() { # PID
	sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/"peak_rss_kb":\1,/p; s/^VmRSS:[^0-9]*\([0-9]*\) kB/"rss_kb":\1,/p;
		s/^RssAnon:[^0-9]*\([0-9]*\) kB/"anonymous_kb":\1/p' "/proc/$1/status" | tr -d '\n'
}

child_like() { # PID PATTERN
	pgrep -P "$1" -f "$2" || { log "no child of $1 matches $2"; cat "$work"/*.log >&2; exit 1; }
}

measure_vigia() {
	# Use separate files, so that an installed Vigía is not affected.
	cat >"$work/config.yaml" <<-CONFIG
		database: $work/data/vigia.db
		quotas: { low: { keep: $((containers - 2)) }, high: { keep: 2 } }
		cron: { install: false }
		grafana: { start: false }
		page: { port: 18999 }
	CONFIG
	start_in_cgroup vigia-bench-loop "$vigia" --config "$work/config.yaml" up
	loop=$started
	until curl -s -o /dev/null http://127.0.0.1:18999/; do
		kill -0 $loop 2>/dev/null || { cat "$work/vigia-bench-loop.log" >&2; exit 1; }
		sleep 1
	done
	page=$(child_like $loop 'serve --with-parent')
	lock=$(child_like $loop flock)
	move_to_cgroup vigia-bench-page "$page"
	# By now the shell that flock started has executed cat.
	# shellcheck disable=SC2046
	move_to_cgroup vigia-bench-lock "$lock" $(pgrep -P "$lock" || true)
	span vigia "$seconds" vigia-bench-loop vigia-bench-page vigia-bench-lock
	printf ',"memory":{"loop":{%s},"page":{%s},"lock":{%s}}}' \
		"$(memory_of $loop)" "$(memory_of "$page")" "$(memory_of "$lock")"
	kill $loop
	wait $loop || true
	grep -v '^cycle' "$work/vigia-bench-loop.log" | head -5 >&2
	tail -1 "$work/vigia-bench-loop.log" >&2
}

measure_cadvisor() {
	start_in_cgroup vigia-bench-cadvisor "$cadvisor" -port 18998 -listen_ip 127.0.0.1 -logtostderr
	competitor=$started
	until curl -s -o /dev/null http://127.0.0.1:18998/metrics; do
		kill -0 $competitor 2>/dev/null || { tail "$work/vigia-bench-cadvisor.log" >&2; exit 1; }
		sleep 1
	done
	span cadvisor $((seconds / 4)) vigia-bench-cadvisor
	printf ',"memory":{"cadvisor":{%s}}}' "$(memory_of $competitor)"
	kill $competitor
	wait $competitor 2>/dev/null || true
}

measure_nothing() {
	span "$1" $((seconds / 4))
	printf '}'
}

# --- main ---------------------------------------------------------------------

[ -z "$(docker ps --quiet --filter label=vigia.managed=true)" ] || {
	log 'managed containers are running: remove them first, because this would measure and remove them'
	exit 1
}
trap 'remove_containers; rm -rf "$work"' EXIT
"$tree/workload/build-images.sh" >&2
start_containers
cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
printf '{"machine":{"kernel":"%s","cpu":"%s","cpus":%s,"memory_kb":%s,"docker":"%s","node":"%s","processes":%s},' \
	"$(uname -r)" "$cpu" "$(nproc)" "$(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo)" "$(docker --version)" \
	"$(/usr/local/bin/node --version 2>/dev/null || "$tree/node_modules/node/bin/node" --version)" \
	"$(find /proc -maxdepth 1 -name '[0-9]*' | wc -l)"
printf '"containers":%s,"list_us":%s,"spans":[' "$containers" "$(list_us)"
measure_nothing 'engine alone'
printf ','
measure_vigia
if [ -n "$cadvisor" ]; then
	printf ','
	measure_cadvisor
fi
printf ','
measure_nothing 'engine alone again'
printf ']}\n'
