# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# Starts processes such that none outlives the lab: each step runs in its own PID and
# mount namespace, and each helper is killed when this shell exits.

# Child processes to be killed at exit: process ID -> description. An associative array, so a
# variable as a key needs its $.
declare -A children=()

# Creates the temporary directory $run of this lab.
open_scratch() {
  remove_leftovers
  run=$(mktemp -d "${TMPDIR:-/tmp}/vigia-lab.$$.XXXXXX")
  chmod 711 "$run" # apt downloads as another user
  mkfifo "$run/idle"
  exec {idle_fd}<>"$run/idle"
}

# Removes the temporary directories of labs that were killed.
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
  [[ -z ${incomplete_image:-} ]] || (exec_in_namespace rm -rf "$incomplete_image")
}

# Runs a step and waits for it. Its output is only printed if it fails.
# It runs in the background, so that traps are handled at once.
step() { # TEXT COMMAND…
  local log=$run/step.log status=0
  progress "$1"
  shift
  exec_in_namespace "$@" >"$log" 2>&1 &
  children[$!]=step
  wait_child $! || status=$?
  ((status == 0)) || failed_step "$status" "$log"
}

failed_step() { # STATUS LOG
  tail -n 30 "$2" >&2
  die "failed with exit code $1: $current_step"
}

# Executes a command in a PID and mount namespace that ends with it. If not run as root,
# also in a user namespace in which it is root. Replaces the shell: call it in a subshell.
exec_in_namespace() {
  local flags=(--mount --pid --fork --kill-child=KILL --mount-proc --propagation private)
  ((EUID == 0)) || flags+=(--user --map-root-user --map-auto)
  TMPDIR=$run exec setsid setpriv --pdeathsig KILL unshare "${flags[@]}" -- "$@"
}

# Executes a helper that does not receive the terminal's Ctrl-C but is killed when this
# shell exits. Replaces the shell: call it in a subshell.
exec_helper() { exec setsid setpriv --pdeathsig KILL "$@"; }

# Waits for a child and returns its exit code.
wait_child() {
  local status=0
  wait "$1" || status=$?
  unset "children[$1]"
  return "$status"
}

alive() { kill -0 "$1" 2>/dev/null; }

# Waits up to SECONDS for a child to exit; fails if it does not.
wait_child_at_most() { # PID SECONDS
  local end=$((SECONDS + $2))
  while alive "$1"; do
    ((SECONDS < end)) || return 1
    pause 0.2
  done
  reap "$1"
}

# Reaps a dead child without the shell's message about it.
reap() {
  wait "$1" 2>/dev/null || true
  unset "children[$1]"
}

# Sleeps without starting a process, which could be left over: waits for input from a
# FIFO that never has any.
pause() { read -r -t "$1" -u "$idle_fd" || true; }

end_children() {
  local pid
  for pid in "${!children[@]}"; do
    # Does not wait for a child that has exited: when called from a trap that has
    # interrupted another wait, bash 5.2 would block forever.
    kill -KILL "$pid" 2>/dev/null || continue
    reap "$pid"
  done
}
