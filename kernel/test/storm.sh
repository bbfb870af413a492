#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Both modules under a fork storm, read by everybody, short of memory, unloaded
# and reloaded; and with a crowd of processes which dies while it is looked at.
# Run as root inside a guest, where build/ and the modules are:
#
#	storm.sh SECONDS [MODULE_DIR [CROWD]]
#
# Prints TAP; exit code 0 when nothing failed and the kernel kept quiet.

seconds=${1:-60}
here=$(cd "$(dirname "$0")" && pwd)
modules=${2:-$here/..}
crowd=${3:-0}
programs=$here/build
files="/proc/sysinfo_so1_storm /proc/continfo_so1_storm"
failures=0
count=0

# Where memory is accounted: that is where the modules look for containers.
cgroup=/sys/fs/cgroup
limit=memory.max
if [ -e $cgroup/memory/cgroup.procs ]; then
	cgroup=$cgroup/memory
	limit=memory.limit_in_bytes
fi
tight=$cgroup/vigia-tight

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

# Who is short of memory may be killed, which the kernel reports with a call trace.
slow='suspicious|blocked for more|rcu.*stall|kmemleak:'
splats() {
	dmesg | awk -v complaint="BUG:|WARNING:|Oops|general protection|Call Trace|KASAN|$slow" '
		/invoked oom-killer/ { killing = 1 }
		killing && /Call Trace/ { killing = 0; next }
		$0 ~ complaint { count++ }
		END { print count + 0 }'
}

# How many samples were taken since loading; this one, too.
samples() {
	head -c 300 /proc/sysinfo_so1_storm | sed -n 's/.*"sequence":\([0-9]*\).*/\1/p'
}

comments() {	# FILE...: what the programs print is TAP of their own
	sed 's/^/# /' "$@"
}

storm_file=$(mktemp)
splats_before=$(splats)

load || { echo "Bail out! the modules do not load"; exit 1; }

"$programs/churn" "$seconds" 4 $cgroup >"$storm_file.churn" 2>&1 &
churn=$!
third=$((seconds / 3))

# 1: eight readers, nothing is unloaded
# shellcheck disable=SC2086
"$programs/reader" "$third" 8 $files >"$storm_file.read"
result $? "8 readers for $third s"
comments "$storm_file.read"

# 2: readers who have not got the memory for what they read, beside two who have
echo +memory 2>/dev/null >$cgroup/cgroup.subtree_control
if mkdir $tight && echo 6M 2>/dev/null >$tight/$limit; then
	# shellcheck disable=SC2086
	sh -c "echo 0 >$tight/cgroup.procs && exec \"\$@\"" sh "$programs/reader" \
		--short-of-memory "$third" 6 $files >"$storm_file.tight" &
	tight_readers=$!
	# shellcheck disable=SC2086
	"$programs/reader" "$third" 2 $files >"$storm_file.beside"
	result $? "2 readers beside others who are short of memory"
	comments "$storm_file.beside"
	# 137: they were killed, every one of them.
	wait $tight_readers
	status=$?
	[ $status -eq 0 ] || [ $status -eq 137 ]
	result $? "no bad text for those who are short of memory (exit code $status)"
	comments "$storm_file.tight"
else
	echo "# no memory controller: nobody is made short of memory"
fi

# 3: two readers, the modules go away under them
# shellcheck disable=SC2086
"$programs/reader" "$third" 2 $files >"$storm_file.reload" &
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
result $? "2 readers while the modules come and go"
comments "$storm_file.reload"
result $refused "$reloads times unloaded and loaded again"

wait $churn
comments "$storm_file.churn"

# 4: a crowd, and its end, in the middle of reading
if [ "$crowd" -gt 0 ]; then
	mkfifo "$storm_file.hold"
	# Out of the service's cgroup, which allows fewer.
	for root in /sys/fs/cgroup /sys/fs/cgroup/pids; do
		[ ! -w $root/cgroup.procs ] || echo $$ >$root/cgroup.procs
	done
	"$programs/crowd" "$crowd" 0 $cgroup <"$storm_file.hold" >"$storm_file.crowd" &
	crowd_pid=$!
	exec 9>"$storm_file.hold"
	while [ ! -s "$storm_file.crowd" ] && kill -0 $crowd_pid 2>/dev/null; do
		sleep 1
	done
	seen=$(grep -c '^{"pid"' /proc/sysinfo_so1_storm)
	[ "$seen" -ge "$crowd" ]
	result $? "a crowd of $crowd: $seen processes told"
	# shellcheck disable=SC2086
	"$programs/reader" 20 8 $files >"$storm_file.crowded" &
	reader=$!
	# In the middle of it, whatever a walk takes here: a few samples from now.
	enough=$(($(samples) + 12))
	while [ "$(samples)" -lt $enough ] && kill -0 $reader 2>/dev/null; do
		:
	done
	exec 9>&-
	wait $crowd_pid
	result $? "the crowd is gone"
	wait $reader
	result $? "8 readers while it was there and while it was killed"
	comments "$storm_file.crowded"
fi

unload
result $? "unloaded for good"
[ -z "$(ls /proc/*_so1_storm 2>/dev/null)" ]
result $? "nothing is left in /proc"
[ "$(splats)" -eq "$splats_before" ]
result $? "the kernel kept quiet"

rmdir $cgroup/docker-*.scope $tight 2>/dev/null
rm -f "$storm_file" "$storm_file".*
echo "1..$count"
[ "$failures" -eq 0 ]
