#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Unloads Vigía's kernel modules, whatever carnet they were loaded with. Waits a bounded time for processes that still
# have one of their files open.
set -euo pipefail
# Cron and systemd set a short PATH, or none.
PATH="${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH
# The messages of rmmod are compared below, and a translated message would not match.
export LC_ALL=C

usage() {
  cat <<'TEXT'
Usage: unload-modules.sh [--wait SECONDS] [--help] [MODULE ...]

Unloads sysinfo_so1 and continfo_so1, or only the modules named, whatever carnet they were loaded with.
A module that is not loaded is not an error.

  --wait SECONDS  how long to wait for readers of all modules together, 0 to 300 (default 10)

Standard output, one line for each module:
  <module> unloaded     this run unloaded it
  <module> not-loaded   it was not loaded

Example:     unload-modules.sh --wait 30

Environment: VIGIA_MODULES_LOCK  lock against a second run (default /run/vigia/modules.lock)
             for tests: VIGIA_PROC, VIGIA_PACKAGE_DIR, used instead of /proc and /usr/lib/vigia
Exit codes:  0 none of the modules is loaded   1 one is still loaded   2 bad arguments
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
    # Root runs this script, possibly by a sudo rule: it must not unload any other module.
    continfo_so1 | sysinfo_so1) modules+=("$1") ;;
    -*) reject "unknown argument \"$1\"; --help lists the arguments" ;;
    *) reject "\"$1\" is not one of Vigía's modules; they are continfo_so1 and sysinfo_so1" ;;
  esac
  shift
done
if ! [[ $wait_seconds =~ ^[0-9]{1,3}$ ]] || ((10#$wait_seconds > 300)); then
  reject "--wait is \"$wait_seconds\"; give a whole number of seconds from 0 to 300"
fi
((${#modules[@]} > 0)) || modules=(sysinfo_so1 continfo_so1)

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
lock=${VIGIA_MODULES_LOCK:-/run/vigia/modules.lock}
proc=${VIGIA_PROC:-/proc}

is_loaded() {
  [[ -e $proc/modules ]] && awk -v name="$1" '$1 == name { found = 1 } END { exit !found }' "$proc/modules"
}

# The processes that have a file of module `$1` open, as "PID (name)".
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
  local readers remedy='Stop that process and run this again'
  readers=$(readers_of "$1")
  [[ $here != "${VIGIA_PACKAGE_DIR:-/usr/lib/vigia}/scripts" ]] ||
    remedy+='; "systemctl restart vigia-modules vigia vigia-page" stops and starts the services of Vigía in order'
  fail "$1 is still loaded after $wait_seconds s: $2. Read by: ${readers:-no visible process}. $remedy"
}

remove() {
  local module=$1 remover outcome
  while :; do
    # Inside rmmod the kernel may wait for a read to end, and no signal interrupts it. So rmmod runs in the background,
    # and this script keeps its time limit.
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
    # Another process has unloaded it.
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
  # shellcheck disable=SC2174 # of that directory only: a process that may open the file may hold the lock
  mkdir -p -m 700 -- "$(dirname -- "$lock")" || fail "cannot make the directory of $lock; set VIGIA_MODULES_LOCK"
  { exec 9>>"$lock"; } || fail "cannot open $lock; set VIGIA_MODULES_LOCK"
  flock --wait 120 9 ||
    fail "another load-modules.sh or unload-modules.sh has held $lock for 120 s; list it with \"fuser $lock\""
fi

notes=$(mktemp -d)
trap 'rm -rf -- "$notes"' EXIT
SECONDS=0
deadline=$((10#$wait_seconds))
for module in "${modules[@]}"; do
  if is_loaded "$module"; then remove "$module"; else echo "$module not-loaded"; fi
done
