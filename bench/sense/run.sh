#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What one look at every process costs: through the module, through /proc, and
# through ps. To be run as root inside the lab machine, with sysinfo_so1 loaded:
#
#	run.sh [--json] [--processes 1000] [--rounds 21] [--file /proc/sysinfo_so1_X]
#
# Ratios come from this one run. Under emulation the times themselves mean little.

set -e
here=$(cd "$(dirname "$0")" && pwd)
programs=$here/build
processes=1000
rounds=21
times=5		# what stays running looks more than once; ps is started each time
json=
file=

while [ $# -gt 0 ]; do
	case $1 in
	--json) json=--json ;;
	--processes) processes=$2; shift ;;
	--rounds) rounds=$2; shift ;;
	--file) file=$2; shift ;;
	*) echo "usage: run.sh [--json] [--processes N] [--rounds N] [--file FILE]" >&2; exit 2 ;;
	esac
	shift
done

if [ -z "$file" ]; then
	for file in /proc/sysinfo_so1_*; do
		break
	done
fi
if [ ! -r "$file" ]; then
	echo "run.sh: $file cannot be read: load sysinfo_so1 and be root" >&2
	exit 1
fi

ready=$(mktemp)
"$programs/sleepers" "$processes" >"$ready" &
sleepers=$!
trap 'kill $sleepers; rm -f "$ready"' EXIT
until [ -s "$ready" ]; do
	kill -0 $sleepers || exit 1
	sleep 1
done

present=$(find /proc -maxdepth 1 -name '[0-9]*' | wc -l)
bytes=$(wc -c <"$file")
kernel=$(uname -r)
cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
cpus=$(grep -c ^processor /proc/cpuinfo)
memory=$(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo)
ps_version=$(ps --version 2>&1 | head -n 1)

if [ -n "$json" ]; then
	printf '{"kernel":"%s","cpu":"%s","cpus":%s,"memory_kb":%s,"ps":"%s",' \
		"$kernel" "$cpu" "$cpus" "$memory" "$ps_version"
	printf '"processes":%s,"file_bytes":%s,' "$present" "$bytes"
else
	echo "kernel $kernel, $cpus x $cpu, $memory KiB, $ps_version"
	echo "$present processes; the file has $bytes bytes"
fi
# shellcheck disable=SC2086
"$programs/measure" $json "$rounds" "$programs/read_file /dev/null 1" \
	module $times "$programs/read_file $file $times" \
	module_opened_anew 1 "$programs/read_file $file 1" \
	walk_proc $times "$programs/walk_proc $times" \
	ps 1 "ps -eo pid,ppid,comm,args,stat,vsz,rss,pcpu,pmem"
if [ -n "$json" ]; then
	echo "}"
fi
