#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Unloads Vigía's kernel modules, and waits a bounded time for whoever is still reading from them.
set -euo pipefail
# Cron and systemd give a short PATH, or none.
PATH="${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH
# The messages of rmmod are compared below, and a translated one would not be recognised.
export LC_ALL=C

usage() {
  cat <<'TEXT'
Usage: unload-modules.sh [--wait SECONDS] [--help] [MODULE ...]

Unloads sysinfo_so1 and continfo_so1, or only those named. One that is not loaded is no error.

  --wait SECONDS  how long to wait for a reader, 0 to 300 (default 10); for all modules together

Standard output, one line for each module:
  <module> unloaded     this run removed it
  <module> not-loaded   there was nothing to remove

Environment: VIGIA_MODULES_LOCK lock against a second run (default /run/vigia/modules.lock)
             VIGIA_PROC         in place of /proc, for tests
Exit codes:  0 none of them is loaded   1 one is still loaded   2 bad arguments
TEXT
}

say() {
  echo "unload-modules: $*" >&2
}

reject() {
  say "$@"
  exit 2
}

fail() {
  say "$@"
  exit 1
}

modules=() wait_seconds=10
while (($# > 0)); do
  case $1 in
    --wait)
      (($# >= 2)) || reject '--wait needs a number of seconds after it'
      wait_seconds=$2
      shift
      ;;
    --wait=*) wait_seconds=${1#*=} ;;
    --help | -h)
      usage
      exit 0
      ;;
    # Only these two: a script that root runs must not become a way to unload any module at all.
    continfo_so1 | sysinfo_so1) modules+=("$1") ;;
    -*) reject "unknown argument \"$1\"; --help lists what is taken" ;;
    *) reject "\"$1\" is not one of Vigía's modules; they are continfo_so1 and sysinfo_so1" ;;
  esac
  shift
done
if ! [[ $wait_seconds =~ ^[0-9]{1,3}$ ]] || ((10#$wait_seconds > 300)); then
  reject "--wait is \"$wait_seconds\"; give a whole number of seconds from 0 to 300"
fi
((${#modules[@]} > 0)) || modules=(sysinfo_so1 continfo_so1)

lock=${VIGIA_MODULES_LOCK:-/run/vigia/modules.lock}
proc=${VIGIA_PROC:-/proc}

is_loaded() {
  [[ -e $proc/modules ]] && awk -v name="$1" '$1 == name { found = 1 } END { exit !found }' "$proc/modules"
}

readers_of() {
  local fd target name
  for fd in "$proc"/[0-9]*/fd/*; do
    target=$(readlink -- "$fd" 2>/dev/null) || continue
    [[ $target == */"$1"_* ]] || continue
    name=${fd#"$proc/"}
    name=${name%%/*}
    echo "$name ($(cat "$proc/$name/comm" 2>/dev/null || echo gone))"
  done | sort -u | paste -sd ',' | sed 's/,/, /g'
}

still_held() { # module, what happened
  local readers
  readers=$(readers_of "$1")
  fail "$1 is still loaded after $wait_seconds s: $2. Read by: ${readers:-nobody that can be seen}." \
    'End that reader and start this again'
}

remove() {
  local module=$1 remover outcome
  while :; do
    # The kernel itself may wait for a read to end, and nothing can interrupt it then. So rmmod runs
    # beside this script, which keeps to its time limit.
    rmmod "$module" >"$notes/said" 2>&1 9>&- &
    remover=$!
    until ! kill -0 "$remover" 2>/dev/null; do
      ((SECONDS <= deadline)) || still_held "$module" 'the kernel is waiting for a read to end'
      sleep 0.05
    done
    outcome=0
    wait "$remover" || outcome=$?
    if ((outcome == 0)); then
      echo "$module unloaded"
      return
    fi
    # Somebody else was quicker, which is as good.
    is_loaded "$module" || {
      echo "$module not-loaded"
      return
    }
    grep -qiE 'in use|busy|temporarily unavailable' "$notes/said" ||
      fail "$module could not be unloaded: $(tr '\n' ' ' <"$notes/said")"
    ((SECONDS < deadline)) || still_held "$module" "$(tr '\n' ' ' <"$notes/said")"
    sleep 0.2
  done
}

any=false
for module in "${modules[@]}"; do
  if is_loaded "$module"; then any=true; fi
done
if [[ $any == true ]]; then
  ((EUID == 0)) || fail 'only root can unload kernel modules; run it with sudo'
  command -v rmmod >/dev/null || fail '"rmmod" is not installed; run "apt-get install kmod"'
  # shellcheck disable=SC2174 # of that one: whoever may open the file may hold the lock
  mkdir -p -m 700 -- "$(dirname -- "$lock")" || fail "cannot make the directory of $lock; set VIGIA_MODULES_LOCK"
  { exec 9>>"$lock"; } || fail "cannot open $lock; set VIGIA_MODULES_LOCK"
  flock --wait 120 9 ||
    fail "another load-modules.sh or unload-modules.sh has held $lock for 120 s; see who with \"fuser $lock\""
fi

notes=$(mktemp -d)
trap 'rm -rf -- "$notes"' EXIT
SECONDS=0
deadline=$((10#$wait_seconds))
for module in "${modules[@]}"; do
  if is_loaded "$module"; then remove "$module"; else echo "$module not-loaded"; fi
done
