#!/usr/bin/env bash
# vigia lab: runs the whole system in a temporary virtual machine.
# shellcheck disable=SC2317 # some functions are called by traps or by name only
set -euo pipefail

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(dirname "$lab")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vigia/lab
node=$tree/node_modules/node/bin/node

# shellcheck source=lib/progress.sh
source "$lab/lib/progress.sh"
# shellcheck source=lib/process.sh
source "$lab/lib/process.sh"
# shellcheck source=lib/ports.sh
source "$lab/lib/ports.sh"
# shellcheck source=lib/options.sh
source "$lab/lib/options.sh"
# shellcheck source=lib/kernels.sh
source "$lab/lib/kernels.sh"
# shellcheck source=lib/image.sh
source "$lab/lib/image.sh"
# shellcheck source=lib/payload.sh
source "$lab/lib/payload.sh"
# shellcheck source=lib/accelerator.sh
source "$lab/lib/accelerator.sh"
# shellcheck source=lib/firmware.sh
source "$lab/lib/firmware.sh"
# shellcheck source=lib/machine.sh
source "$lab/lib/machine.sh"
# shellcheck source=lib/daemon.sh
source "$lab/lib/daemon.sh"
# shellcheck source=lib/kernel-log.sh
source "$lab/lib/kernel-log.sh"

main() {
  read_options "$@"
  watch_signals
  prepare
  ensure_image
  open_run
  make_payload
  start_machine
  wait_for_event 'ssh up' "$boot_seconds"
  connect
  progress 'waiting for Docker'
  wait_for_event 'docker up' "$boot_seconds"

  local status=0
  if $with_command; then
    run_commands || status=$?
  else
    run_interactively || status=$?
  fi
  copy_out || status=$((status == 0 ? 1 : status))
  stop_machine
  kernel_log_is_clean || status=$((status == 0 ? 1 : status))
  progress "done, exit code $status"
  exit "$status"
}

# --- before and after ---------------------------------------------------------

prepare() {
  "$lab/install.sh"
  install_firmware
  [[ -x $node ]] || die 'Node is not installed in node_modules' 'remedy: npm ci'
  open_scratch
  ((timeout == 0)) || start_timeout
}

# Creates the console log of this run; keeps those of the last ten runs.
open_run() {
  sockets=$run
  console=$base/runs/$(date +%Y%m%d-%H%M%S)-$$.console.log
  events=$run/events
  find "$base/runs" -name '*.console.log' -printf '%T@ %p\0' | sort -zrn | tail -zn +10 |
    cut -zd' ' -f2- | xargs -0r rm -f
  : >"$console"
}

stop_requested=false phase=building
declare -i machine=0

watch_signals() {
  trap 'on_signal 130' INT
  trap 'on_signal 143' TERM
  trap 'on_signal 129' HUP
  trap close_scratch EXIT
}

# In the interactive phase the first Ctrl-C powers the machine off. In any other phase, and the second time, the lab is
# ended at once.
on_signal() { # EXIT_CODE
  if [[ $phase == interactive ]] && ! $stop_requested; then
    stop_requested=true
  else
    printf 'vigia lab: interrupted: %s\n' "$current_step" >&2
    exit "$1"
  fi
}

start_timeout() {
  trap 'printf "vigia lab: timed out after %s s while: %s\n" "$timeout" "$current_step" >&2; exit 124' USR1
  (
    trap - EXIT INT TERM HUP
    pause "$timeout"
    kill -USR1 $$
  ) &
  children[$!]=timeout
}

# --- running commands, or the daemon interactively ----------------------------

run_commands() {
  if $with_daemon; then
    wait_for_first_cycle || return 1
  fi
  run_command || return
  for command in ${more_commands[@]+"${more_commands[@]}"}; do
    reboot_machine
    run_command || return
  done
}

run_command() {
  local status=0 terminal=()
  [[ ! -t 0 || ! -t 1 || ! -t 2 ]] || terminal=(-t)
  progress "running: $command"
  setpriv --pdeathsig KILL ssh -F "$run/ssh_config" "${terminal[@]}" vigia-lab \
    "cd /opt/vigia && exec bash -lc $(printf '%q' "$command")" <&0 &
  children[$!]='command'
  wait_child $! || status=$?
  return "$status"
}

wait_for_first_cycle() {
  progress "waiting for the daemon's first cycle"
  open_journal
  follow_journal log_line first-cycle || {
    cat "$run/journal.log" >&2
    printf 'vigia lab: the daemon stopped before its first cycle: %s\n' "$(daemon_end)" >&2
    return 1
  }
}

log_line() { printf '%s\n' "$1" >>"$run/journal.log"; }

print_line() { printf '%s\n' "$1"; }

run_interactively() {
  phase=interactive
  if ! $with_daemon; then
    print_ssh_hint
    until $stop_requested; do
      alive "$machine" || boot_failed 'the machine is off'
      pause 1
    done
    return 0
  fi
  progress "waiting for the daemon's first cycle"
  open_journal
  if follow_journal print_line first-cycle && ! $stop_requested; then
    forward_page
    print_ssh_hint
    progress "web page: http://127.0.0.1:$port/ (press Ctrl-C to power off)"
    follow_journal print_line forever || true
  fi
  $stop_requested || {
    printf 'vigia lab: the daemon stopped: %s\n' "$(daemon_end)" >&2
    return 1
  }
}

print_ssh_hint() { note "to open a shell in the machine: ssh -F $run/ssh_config vigia-lab"; }

copy_out() {
  local copy status=0
  for copy in "${copies[@]}"; do
    progress "copying ${copy%%:*} to ${copy#*:}"
    scp -q -r -p -F "$run/ssh_config" "vigia-lab:${copy%%:*}" "${copy#*:}" </dev/null >&2 || status=1
  done
  return "$status"
}

main "$@"
