# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# Nothing outlives the lab: every step runs in a namespace of processes and
# mounts that dies with it, every helper is told to die with this shell.

# Processes to end with us: process id -> what it is.
declare -A children=()

# A folder for what lasts no longer than we do.
open_scratch() {
  remove_leftovers
  run=$(mktemp -d "${TMPDIR:-/tmp}/vigia-lab.$$.XXXXXX")
  chmod 711 "$run" # apt downloads as a user of its own
  mkfifo "$run/never"
  exec {never}<>"$run/never"
}

# Temporary folders of labs that were killed and could not tidy up.
remove_leftovers() {
  local folder pid
  for folder in "${TMPDIR:-/tmp}"/vigia-lab.[0-9]*.*; do
    pid=${folder##*/vigia-lab.}
    [[ ! -O $folder ]] || alive "${pid%%.*}" || rm -rf "$folder"
  done
}

close_scratch() {
  trap '' INT TERM HUP USR1
  end_children
  [[ -z ${run:-} ]] || rm -rf "$run"
  [[ -z ${unfinished:-} ]] || (boxed rm -rf "$unfinished")
}

# Runs a step to its end, its output kept for the case of failure.
# The step runs beside us, not in front, so that a signal is answered at once.
step() { # TEXT COMMAND…
  local log=$run/step.log status=0
  progress "$1"
  shift
  boxed "$@" >"$log" 2>&1 &
  children[$!]=step
  await $! || status=$?
  ((status == 0)) || failed_step "$status" "$log"
}

failed_step() { # STATUS LOG
  tail -n 30 "$2" >&2
  die "failed with exit code $1: $current_step"
}

# Becomes root where we are not, in a user namespace of our own.
boxed() {
  local flags=(--mount --pid --fork --kill-child=KILL --mount-proc --propagation private)
  ((EUID == 0)) || flags+=(--user --map-root-user --map-auto)
  TMPDIR=$run exec setsid setpriv --pdeathsig KILL unshare "${flags[@]}" -- "$@"
}

# A helper that must not see the terminal's Ctrl-C, yet must die with us.
companion() { exec setsid setpriv --pdeathsig KILL "$@"; }

# Waits for a child; its exit code is ours.
await() {
  local status=0
  wait "$1" || status=$?
  unset "children[$1]"
  return "$status"
}

alive() { kill -0 "$1" 2>/dev/null; }

# Waits up to SECONDS for a child to end by itself.
await_at_most() { # PID SECONDS
  local end=$((SECONDS + $2))
  while alive "$1"; do
    ((SECONDS < end)) || return 1
    pause 0.2
  done
  forget "$1"
}

# Collects a child that is dead, without the shell's obituary.
forget() {
  wait "$1" 2>/dev/null || true
  unset "children[$1]"
}

# Sleeps without a process that could be left behind.
pause() { read -r -t "$1" -u "$never" || true; }

end_children() {
  local pid
  for pid in "${!children[@]}"; do
    kill -KILL "$pid" 2>/dev/null || true
    forget "$pid"
  done
}
