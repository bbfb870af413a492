#!/bin/busybox sh
# shellcheck shell=dash
# Test suite that runs inside the debug kernel: reads both modules under load, with failing
# allocations and while they are unloaded, then checks for leaks. Prints test results
# without numbers; the host numbers them.
#
#	suite.sh full|quick

# Slab caches of the objects to which a walk takes references. kmemleak does not report a
# leaked reference, because the kernel still lists the object.
caches='task_struct pid mm_struct signal_cache sighand_cache cred cred_jar nsproxy net_namespace seq_file'
# Number of objects that may be left over, as kernel workers start and exit meanwhile.
tolerance=8

sysinfo=/proc/sysinfo_so1_debug
continfo=/proc/continfo_so1_debug
debugfs=/sys/kernel/debug

main() {
	case $1 in
	quick) seconds=8 crowd=80 containers=12 full=false ;;
	*) seconds=20 crowd=2000 containers=100 full=true ;;
	esac
	prepare_faults

	load
	run warm-up reader 1 1 $sysinfo $continfo
	unload
	count_slabs before

	load
	if $full; then
		start_crowd 100 40
		run truth differential $sysinfo
		run 'hostile input' hostile $sysinfo
		run namespaces namespaces $sysinfo $continfo
		run readers reader $seconds 8 $sysinfo $continfo
		stop_crowd
		start_crowd 30 12
		# A low rate, so that reads get far before they fail, and a high one.
		fail_allocations 3 1000
		fail_allocations 30 1000
		stop_crowd
	fi

	start_crowd $crowd $containers
	# More readers than processors: walks are preempted and take longer than the grace
	# period of objects that are freed meanwhile.
	run "$crowd processes, churning" run_alongside "churn $seconds 2 /sys/fs/cgroup" \
		reader $seconds 8 $sysinfo $continfo
	if $full; then
		run "$crowd processes, truth" differential $sysinfo
		read_under_pressure
	fi
	fail_allocations 100 from-nth
	fail_allocations 30 100
	stop_crowd
	unload

	if $full; then
		run storm /kernel/test/storm.sh 120 /kernel
	fi
	check_slabs
	check_kmemleak
	comment 'the end'
}

# --- results ------------------------------------------------------------------

comment() { # TEXT
	read -r up _ </proc/uptime
	echo "# $1 (${up%.*} s up)"
}

result() { # STATUS DESCRIPTION
	if [ "$1" -eq 0 ]; then
		echo "ok - $2"
	else
		echo "not ok - $2"
	fi
}

# Runs a program of kernel/test and includes its results.
run() { # NAME COMMAND…
	name=$1
	shift
	comment "$name: $*"
	"$@" >/tmp/output 2>&1
	status=$?
	sed -E "/^1\\.\\./d; s/^((not )?ok) [0-9]+ - /\\1 - $name: /; t; s/^#? ?/# /" /tmp/output
	if [ "$status" -ne 0 ] && ! grep -q '^not ok' /tmp/output; then
		result 1 "$name: exit code $status"
	fi
}

# --- load -------------------------------------------------------------------------

load() {
	insmod /kernel/sysinfo_so1.ko carnet=debug cmdline_max=512 &&
		insmod /kernel/continfo_so1.ko carnet=debug cmdline_max=512
	result $? 'both modules load'
}

unload() {
	rmmod sysinfo_so1 && rmmod continfo_so1
	result $? 'both modules unload'
}

start_crowd() { # PROCESSES CONTAINERS
	comment "starting $1 processes in $2 containers"
	rm -f /tmp/crowd
	mkfifo /tmp/crowd
	crowd "$1" "$2" /sys/fs/cgroup </tmp/crowd >/tmp/crowd-ready &
	exec 3>/tmp/crowd
	until [ -s /tmp/crowd-ready ]; do
		kill -0 $! || break
		sleep 0.2
	done
	grep -q processes /tmp/crowd-ready
	result $? "a crowd of $1 processes is running"
}

stop_crowd() {
	exec 3>&-
	wait
	: >/tmp/crowd-ready
	rmdir /sys/fs/cgroup/docker-*.scope 2>/dev/null
}

# Runs the first command in the background while the second one runs. Returns the exit
# code of the second one.
run_alongside() { # "COMMAND" COMMAND…
	$1 >/dev/null 2>&1 &
	other=$!
	shift
	"$@"
	passed=$?
	kill $other 2>/dev/null
	wait $other
	return $passed
}

# Fills all but 60 MB of the memory with a file in tmpfs, which cannot be reclaimed.
fill_memory() {
	available=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
	dd if=/dev/zero of=/tmp/ballast bs=1M count=$((available / 1024 - 60)) 2>/dev/null
}

# Allocates more than the rest again and again, as the first candidate of the OOM killer.
allocate_until_oom() {
	echo 1000 >/proc/self/oom_score_adj
	while :; do
		dd if=/dev/zero of=/dev/null bs=2000M count=1
	done
}

oom_kills() {
	dmesg | grep -c 'Out of memory: Killed process'
}

# Reads until the OOM killer has run three times.
read_under_pressure() {
	fill_memory
	before=$(oom_kills)
	allocate_until_oom >/dev/null 2>&1 &
	allocator=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		run 'memory pressure' reader $seconds 2 $sysinfo $continfo
		kills=$(($(oom_kills) - before))
		[ "$kills" -lt 3 ] || break
	done
	[ "$kills" -ge 3 ]
	result $? "memory pressure: the kernel ran out of memory, $kills times"
	kill $allocator
	wait $allocator
	killall dd
	rm /tmp/ballast
}

# --- fault injection and leak detection -----------------------------------------

# Fault injection for tasks that have enabled it (task-filter).
prepare_faults() {
	for fault in failslab fail_page_alloc; do
		echo -1 >$debugfs/$fault/times
		echo 0 >$debugfs/$fault/verbose
		echo Y >$debugfs/$fault/task-filter
		echo N >$debugfs/$fault/ignore-gfp-wait
	done
	echo 0 >$debugfs/fail_page_alloc/min-order
}

fail_allocations() { # PERCENT READS|from-nth
	echo "$1" >$debugfs/failslab/probability
	echo "$1" >$debugfs/fail_page_alloc/probability
	run "$1 % of allocations fail" enomem "$2" $sysinfo $continfo
}

# Counts the objects in use, without those of living threads. Shrinking a cache also frees
# KASAN's quarantine; dropping inodes puts the pids that /proc references. Starts no
# process in between, which would be counted.
count_slabs() { # before|after
	echo 2 >/proc/sys/vm/drop_caches
	for cache in $caches; do
		[ ! -e "/sys/kernel/slab/$cache" ] || echo 1 >"/sys/kernel/slab/$cache/shrink"
	done
	read -r _ _ _ threads _ </proc/loadavg
	threads=${threads#*/}
	while read -r cache objects _; do
		case " $caches " in
		*" $cache "*) ;;
		*) continue ;;
		esac
		case $cache in
		task_struct | pid) objects=$((objects - threads)) ;;
		esac
		eval "$1_$cache=$objects"
	done </proc/slabinfo
}

more_than_before() { # CACHE
	eval "[ \$((after_$1 - before_$1)) -gt $tolerance ]"
}

check_slabs() {
	comment 'slab counts'
	attempt=0
	# Objects freed after a grace period or by a worker take a while.
	while [ $attempt -lt 15 ]; do
		attempt=$((attempt + 1))
		# The kernel frees a network namespace only when another one is released.
		unshare -n true
		count_slabs after
		settled=true
		for cache in $caches; do
			! more_than_before "$cache" || settled=false
		done
		! $settled || break
		sleep 1
	done
	for cache in $caches; do
		[ -e "/sys/kernel/slab/$cache" ] || continue
		! more_than_before "$cache"
		result $? "slab $cache: $(eval "echo \$before_$cache before, \$after_$cache after") (at most $tolerance more)"
	done
}

# kmemleak only reports objects that two scans have found unreferenced, and that are
# older than five seconds.
check_kmemleak() {
	comment 'kmemleak'
	sleep 6
	echo scan >$debugfs/kmemleak
	echo scan >$debugfs/kmemleak
	sed 's/^/# /' $debugfs/kmemleak | head -n 40
	! grep -q unreferenced $debugfs/kmemleak
	result $? "kmemleak: $(grep -c unreferenced $debugfs/kmemleak) unreferenced objects"
}

main "$@"
