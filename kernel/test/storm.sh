#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Stress test of both modules: reads during a fork storm, with too little memory and
# while the modules are unloaded and reloaded; then reads of many processes that are
# killed meanwhile. Runs as root inside a guest that has build/ and the modules:
#
#	storm.sh SECONDS [MODULE_DIR [CROWD]]
#
# Prints TAP. Exit code 0 if no test failed and the kernel logged no warning.

seconds=${1:-60}
here=$(cd "$(dirname "$0")" && pwd)
modules=${2:-$here/..}
crowd=${3:-0}
programs=$here/build
files="/proc/sysinfo_so1_storm /proc/continfo_so1_storm"
failures=0
count=0

# The hierarchy in which memory is accounted: the modules look for containers there.
cgroup=/sys/fs/cgroup
limit=memory.max
if [ -e $cgroup/memory/cgroup.procs ]; then
	cgroup=$cgroup/memory
	limit=memory.limit_in_bytes
fi
limited=$cgroup/vigia-limited

result() {	# status description
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failures=$((failures + 1))
	fi
}

load() {
	insmod "$modules/sysinfo_so1.ko" carnet=storm "$@" &&
		insmod "$modules/continfo_so1.ko" carnet=storm "$@"
}

unload() {
	rmmod sysinfo_so1 && rmmod continfo_so1
}

# Counts the warnings in the kernel log. The call trace of an OOM kill is not one: the
# readers with too little memory may be killed.
more_patterns='suspicious|blocked for more|rcu.*stall|kmemleak:'
kernel_warnings() {
	dmesg | awk -v complaint="BUG:|WARNING:|Oops|general protection|Call Trace|KASAN|$more_patterns" '
		/invoked oom-killer/ { killing = 1 }
		killing && /Call Trace/ { killing = 0; next }
		$0 ~ complaint { count++ }
		END { print count + 0 }'
}

# Number of samples since the module was loaded, including the one taken here.
samples() {
	head -c 300 /proc/sysinfo_so1_storm | sed -n 's/.*"sequence":\([0-9]*\).*/\1/p'
}

comments() {	# FILE...: prints the TAP of a program as comments
	sed 's/^/# /' "$@"
}

output=$(mktemp)
warnings_before=$(kernel_warnings)

load || { echo "Bail out! the modules do not load"; exit 1; }

"$programs/churn" "$seconds" 4 $cgroup >"$output.churn" 2>&1 &
churn=$!
third=$((seconds / 3))

# 1: eight readers, without unloading
# shellcheck disable=SC2086
"$programs/reader" "$third" 8 $files >"$output.read"
result $? "8 readers for $third s"
comments "$output.read"

# 2: readers with too little memory, and at the same time two with enough
echo +memory 2>/dev/null >$cgroup/cgroup.subtree_control
if mkdir $limited && echo 6M 2>/dev/null >$limited/$limit; then
	# shellcheck disable=SC2086
	sh -c "echo 0 >$limited/cgroup.procs && exec \"\$@\"" sh "$programs/reader" \
		--short-of-memory "$third" 6 $files >"$output.limited" &
	limited_readers=$!
	# shellcheck disable=SC2086
	"$programs/reader" "$third" 2 $files >"$output.beside"
	result $? "2 readers beside others with too little memory"
	comments "$output.beside"
	# 137: all of them were killed.
	wait $limited_readers
	status=$?
	[ $status -eq 0 ] || [ $status -eq 137 ]
	result $? "no invalid report for readers with too little memory (exit code $status)"
	comments "$output.limited"
else
	echo "# no memory controller: readers with too little memory are not tested"
fi

# 3: two readers while the modules are unloaded and loaded
# shellcheck disable=SC2086
"$programs/reader" "$third" 2 $files >"$output.reload" &
reader=$!
reloads=0
refused=0
while kill -0 $reader 2>/dev/null; do
	case $((reloads % 3)) in
	0) options="cmdline_mode=0" ;;
	1) options="cmdline_mode=1 cmdline_max=16" ;;
	2) options="cmdline_max=4096" ;;
	esac
	unload || refused=$((refused + 1))
	# shellcheck disable=SC2086
	load $options || refused=$((refused + 1))
	reloads=$((reloads + 1))
done
wait $reader
result $? "2 readers while the modules are unloaded and loaded"
comments "$output.reload"
result $refused "$reloads times unloaded and loaded again"

wait $churn
comments "$output.churn"

# 4: a crowd of processes that is killed while it is read
if [ "$crowd" -gt 0 ]; then
	mkfifo "$output.hold"
	# Leave the cgroup of the service, which limits the number of processes.
	for root in /sys/fs/cgroup /sys/fs/cgroup/pids; do
		[ ! -w $root/cgroup.procs ] || echo $$ >$root/cgroup.procs
	done
	"$programs/crowd" "$crowd" 0 $cgroup <"$output.hold" >"$output.crowd" &
	crowd_pid=$!
	exec 9>"$output.hold"
	while [ ! -s "$output.crowd" ] && kill -0 $crowd_pid 2>/dev/null; do
		sleep 1
	done
	reported=$(grep -c '^{"pid"' /proc/sysinfo_so1_storm)
	[ "$reported" -ge "$crowd" ]
	result $? "a crowd of $crowd: $reported processes reported"
	# shellcheck disable=SC2086
	"$programs/reader" 20 8 $files >"$output.crowded" &
	reader=$!
	# Wait until the readers are busy: for some samples, however long those take.
	enough=$(($(samples) + 12))
	while [ "$(samples)" -lt $enough ] && kill -0 $reader 2>/dev/null; do
		:
	done
	exec 9>&-
	wait $crowd_pid
	result $? "the crowd was killed"
	wait $reader
	result $? "8 readers while the crowd was running and being killed"
	comments "$output.crowded"
fi

unload
result $? "the modules are unloaded"
[ -z "$(ls /proc/*_so1_storm 2>/dev/null)" ]
result $? "no files are left in /proc"
[ "$(kernel_warnings)" -eq "$warnings_before" ]
result $? "no warnings in the kernel log"

rmdir $cgroup/docker-*.scope $limited 2>/dev/null
rm -f "$output" "$output".*
echo "1..$count"
[ "$failures" -eq 0 ]
