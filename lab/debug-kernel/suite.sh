#!/bin/busybox sh
# shellcheck shell=dash
# Runs inside the debug kernel: both modules read, starved, unloaded and looked
# after. Prints test results without numbers; the host numbers them.
#
#	suite.sh full|quick

# Slab caches which hold what a walk takes references to. kmemleak does not see
# such a leak: the kernel itself still lists the object.
caches='task_struct pid mm_struct signal_cache sighand_cache cred cred_jar nsproxy net_namespace seq_file'
# As many objects may be left over: what the kernel's own workers come and go with.
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
		gather 100 40
		run truth differential $sysinfo
		run 'hostile input' hostile $sysinfo
		run namespaces namespaces $sysinfo $continfo
		run readers reader $seconds 8 $sysinfo $continfo
		disperse
		gather 30 12
		# Seldom, so that a read gets far before it fails, and often.
		starve 3 1000
		starve 30 1000
		disperse
	fi

	gather $crowd $containers
	# More readers than processors: their walks wait for each other, and outlast
	# the grace period of what dies meanwhile.
	run "$crowd processes, churning" beside "churn $seconds 2 /sys/fs/cgroup" \
		reader $seconds 8 $sysinfo $continfo
	if $full; then
		run "$crowd processes, truth" differential $sysinfo
		read_under_pressure
	fi
	starve 100 from-nth
	starve 30 100
	disperse
	unload

	if $full; then
		run storm /kernel/test/storm.sh 120 /kernel
	fi
	check_slabs
	check_kmemleak
	say 'the end'
}

# --- results ------------------------------------------------------------------

say() { # TEXT
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

# What a program of kernel/test says becomes part of what we say.
run() { # NAME COMMAND…
	name=$1
	shift
	say "$name: $*"
	"$@" >/tmp/output 2>&1
	status=$?
	sed -E "/^1\\.\\./d; s/^((not )?ok) [0-9]+ - /\\1 - $name: /; t; s/^#? ?/# /" /tmp/output
	if [ "$status" -ne 0 ] && ! grep -q '^not ok' /tmp/output; then
		result 1 "$name: exit code $status"
	fi
}

# --- what there is to read, and who disturbs ------------------------------------

load() {
	insmod /kernel/sysinfo_so1.ko carnet=debug cmdline_max=512 &&
		insmod /kernel/continfo_so1.ko carnet=debug cmdline_max=512
	result $? 'both modules load'
}

unload() {
	rmmod sysinfo_so1 && rmmod continfo_so1
	result $? 'both modules unload'
}

gather() { # PROCESSES CONTAINERS
	say "gathering $1 processes in $2 containers"
	rm -f /tmp/crowd
	mkfifo /tmp/crowd
	crowd "$1" "$2" /sys/fs/cgroup </tmp/crowd >/tmp/gathered &
	exec 3>/tmp/crowd
	until [ -s /tmp/gathered ]; do
		kill -0 $! || break
		sleep 0.2
	done
	grep -q processes /tmp/gathered
	result $? "a crowd of $1 processes is there"
}

disperse() {
	exec 3>&-
	wait
	: >/tmp/gathered
	rmdir /sys/fs/cgroup/docker-*.scope 2>/dev/null
}

# The last command counts; the other one goes on as long as that.
beside() { # "COMMAND" COMMAND…
	$1 >/dev/null 2>&1 &
	other=$!
	shift
	"$@"
	passed=$?
	kill $other 2>/dev/null
	wait $other
	return $passed
}

# All memory but a little is filled with what cannot be given back, and for the
# rest somebody asks again and again whom the killer takes first.
fill_memory() {
	available=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
	dd if=/dev/zero of=/tmp/ballast bs=1M count=$((available / 1024 - 60)) 2>/dev/null
}

press() {
	echo 1000 >/proc/self/oom_score_adj
	while :; do
		dd if=/dev/zero of=/dev/null bs=2000M count=1
	done
}

oom_kills() {
	dmesg | grep -c 'Out of memory: Killed process'
}

# Reads until the kernel has run out of memory some times.
read_under_pressure() {
	fill_memory
	before=$(oom_kills)
	press >/dev/null 2>&1 &
	presser=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		run 'memory pressure' reader $seconds 2 $sysinfo $continfo
		kills=$(($(oom_kills) - before))
		[ "$kills" -lt 3 ] || break
	done
	[ "$kills" -ge 3 ]
	result $? "memory pressure: the kernel ran out of memory, $kills times"
	kill $presser
	wait $presser
	killall dd
	rm /tmp/ballast
}

# --- the detectors --------------------------------------------------------------

# Only allocations of a task which has asked for it.
prepare_faults() {
	for fault in failslab fail_page_alloc; do
		echo -1 >$debugfs/$fault/times
		echo 0 >$debugfs/$fault/verbose
		echo Y >$debugfs/$fault/task-filter
		echo N >$debugfs/$fault/ignore-gfp-wait
	done
	echo 0 >$debugfs/fail_page_alloc/min-order
}

starve() { # PERCENT READS|from-nth
	echo "$1" >$debugfs/failslab/probability
	echo "$1" >$debugfs/fail_page_alloc/probability
	run "$1 % of allocations fail" enomem "$2" $sysinfo $continfo
}

# Objects in use beyond those of live threads. Shrinking a cache also takes what
# KASAN holds back; dropping inodes lets go of the pids which /proc refers to.
# No process is started in between: it would be counted.
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
	say 'slab counts'
	attempt=0
	# What is freed after a grace period or by a worker is not free at once.
	while [ $attempt -lt 15 ]; do
		attempt=$((attempt + 1))
		# The kernel frees a network namespace when the next one has gone.
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

# Only what two scans have found unchanged is reported, and nothing younger than
# five seconds.
check_kmemleak() {
	say 'kmemleak'
	sleep 6
	echo scan >$debugfs/kmemleak
	echo scan >$debugfs/kmemleak
	sed 's/^/# /' $debugfs/kmemleak | head -n 40
	! grep -q unreferenced $debugfs/kmemleak
	result $? "kmemleak: $(grep -c unreferenced $debugfs/kmemleak) unreferenced objects"
}

main "$@"
