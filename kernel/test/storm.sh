#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Both modules under a fork storm, read by everybody, unloaded and reloaded.
# Run as root inside a guest, where build/ and the modules are:
#
#	storm.sh SECONDS [MODULE_DIR]
#
# Prints TAP; exit code 0 when nothing failed and the kernel kept quiet.

seconds=${1:-60}
here=$(cd "$(dirname "$0")" && pwd)
modules=${2:-$here/..}
programs=$here/build
cgroup=/sys/fs/cgroup
files="/proc/sysinfo_so1_storm /proc/continfo_so1_storm"
failures=0
count=0

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

slow='suspicious|blocked for more|rcu.*stall|kmemleak:'
splats() {
	dmesg | grep -cE "BUG:|WARNING:|Oops|general protection|Call Trace|KASAN|$slow"
}

# What the programs print is TAP of their own: shown as comments.
storm_file=$(mktemp)
splats_before=$(splats)

load || { echo "Bail out! the modules do not load"; exit 1; }

"$programs/churn" "$seconds" 4 $cgroup >"$storm_file.churn" 2>&1 &
churn=$!

# 1: eight readers, nothing is unloaded
half=$((seconds / 2))
# shellcheck disable=SC2086
"$programs/reader" "$half" 8 $files >"$storm_file.read"
result $? "8 readers for $half s"
sed 's/^/# /' "$storm_file.read"

# 2: two readers, the modules go away under them
# shellcheck disable=SC2086
"$programs/reader" "$((seconds - half))" 2 $files >"$storm_file.reload" &
reader=$!
reloads=0
refused=0
end=$(($(date +%s) + seconds - half - 1))
while [ "$(date +%s)" -lt "$end" ]; do
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
sed 's/^/# /' "$storm_file.reload"
result $refused "$reloads times unloaded and loaded again"

wait $churn
sed 's/^/# /' "$storm_file.churn"
unload
result $? "unloaded for good"
[ -z "$(ls /proc/*_so1_storm 2>/dev/null)" ]
result $? "nothing is left in /proc"
[ "$(splats)" -eq "$splats_before" ]
result $? "the kernel kept quiet"

rmdir $cgroup/docker-*.scope 2>/dev/null
rm -f "$storm_file" "$storm_file".*
echo "1..$count"
[ "$failures" -eq 0 ]
