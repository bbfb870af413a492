#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What Vigía itself costs where so many containers run: CPU of loop, page and
# lock each, the engine's beyond what it uses alone, and RSS; cadvisor beside it
# on the same containers. Runs as root where an engine answers: native.sh and
# in-lab.sh start it. Prints one JSON object.
#
#	run.sh [--seconds N] [--containers N] [--cadvisor FILE] [--vigia COMMAND]
#
# --seconds: how long Vigía is measured, the others a quarter as long, each when it has settled
# --vigia: another one than this tree's (a bundle)

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

say() { echo "run.sh: $(date +%T) $*" >&2; }

work=$(mktemp -d)

# --- cgroups of our own: the CPU of all that ever ran in one ------------------

unified=/sys/fs/cgroup
[ -e $unified/cgroup.controllers ] && tree_of_cpu=$unified || tree_of_cpu=$unified/cpuacct

put_into() { # CGROUP PID…
	mkdir -p "$tree_of_cpu/$1"
	cgroup=$1
	shift
	for pid in "$@"; do
		echo "$pid" >"$tree_of_cpu/$cgroup/cgroup.procs"
	done
}

start_in() { # CGROUP COMMAND…
	group=$1
	shift
	put_into "$group"
	# shellcheck disable=SC2016
	setsid sh -c 'echo $$ >"$0"; exec "$@"' "$tree_of_cpu/$group/cgroup.procs" "$@" \
		>"$work/$group.log" 2>&1 </dev/null &
	started=$!
}

cpu_us() { # CGROUP
	if [ "$tree_of_cpu" = $unified ]; then
		sed -n 's/^usage_usec //p' "$unified/$1/cpu.stat"
	else
		echo $(($(cat "$tree_of_cpu/$1/cpuacct.usage") / 1000))
	fi
}

# The engine is dockerd, which is asked, and containerd with its shims and runc,
# which go on by themselves. systemd has them in cgroups already.
if [ -d $unified/system.slice/docker.service ]; then
	dockerd=system.slice/docker.service
	containerd=system.slice/containerd.service
else
	dockerd="vigia-bench-dockerd"
	containerd="vigia-bench-containerd"
	# shellcheck disable=SC2046
	put_into "$dockerd" $(pgrep -x dockerd)
	# shellcheck disable=SC2046
	put_into "$containerd" $(pgrep -x containerd) $(pgrep containerd-shim || true)
fi

# What dockerd uses for one list of its containers, which Vigía asks for in each
# cycle: a hundred of them, in millionths of a second each.
list_us() {
	before=$(cpu_us "$dockerd")
	for _ in $(seq 100); do
		curl -s -o /dev/null --unix-socket /var/run/docker.sock 'http://docker/containers/json?all=true'
	done
	echo $((($(cpu_us "$dockerd") - before) / 100))
}

# --- the containers -----------------------------------------------------------

# Two high, the others low: all of them are Vigía's, and all are to stay. As if
# it had started them itself: before it knows their classes it would start more.
start_containers() {
	say "starting $containers containers"
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

# From here to there; the figures of each cgroup in millionths of a core.
span() { # NAME SECONDS CGROUP…
	name=$1 long=$2
	shift 2
	sleep "$settle"
	say "$name: $long s"
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
	pgrep -P "$1" -f "$2" || { say "no child of $1 like $2"; cat "$work"/*.log >&2; exit 1; }
}

measure_vigia() {
	# What is ours alone: another Vigía's files are left alone.
	cat >"$work/config.yaml" <<-CONFIG
		database: $work/data/vigia.db
		quotas: { low: { keep: $((containers - 2)) }, high: { keep: 2 } }
		cron: { install: false }
		grafana: { start: false }
		page: { port: 18999 }
	CONFIG
	start_in vigia-bench-loop "$vigia" --config "$work/config.yaml" up
	loop=$started
	until curl -s -o /dev/null http://127.0.0.1:18999/; do
		kill -0 $loop 2>/dev/null || { cat "$work/vigia-bench-loop.log" >&2; exit 1; }
		sleep 1
	done
	page=$(child_like $loop 'serve --with-parent')
	lock=$(child_like $loop flock)
	put_into vigia-bench-page "$page"
	# The shell that it starts has become cat by now.
	# shellcheck disable=SC2046
	put_into vigia-bench-lock "$lock" $(pgrep -P "$lock" || true)
	span vigia "$seconds" vigia-bench-loop vigia-bench-page vigia-bench-lock
	printf ',"memory":{"loop":{%s},"page":{%s},"lock":{%s}}}' \
		"$(memory_of $loop)" "$(memory_of "$page")" "$(memory_of "$lock")"
	kill $loop
	wait $loop || true
	grep -v '^cycle' "$work/vigia-bench-loop.log" | head -5 >&2
	tail -1 "$work/vigia-bench-loop.log" >&2
}

measure_cadvisor() {
	start_in vigia-bench-cadvisor "$cadvisor" -port 18998 -listen_ip 127.0.0.1 -logtostderr
	rival=$started
	until curl -s -o /dev/null http://127.0.0.1:18998/metrics; do
		kill -0 $rival 2>/dev/null || { tail "$work/vigia-bench-cadvisor.log" >&2; exit 1; }
		sleep 1
	done
	span cadvisor $((seconds / 4)) vigia-bench-cadvisor
	printf ',"memory":{"cadvisor":{%s}}}' "$(memory_of $rival)"
	kill $rival
	wait $rival 2>/dev/null || true
}

measure_nothing() {
	span "$1" $((seconds / 4))
	printf '}'
}

# --- all of it ----------------------------------------------------------------

[ -z "$(docker ps --quiet --filter label=vigia.managed=true)" ] || {
	say 'managed containers run here: remove them first, this would measure (and remove) them'
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
