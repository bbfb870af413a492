# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# Follows the daemon in the machine through its journal.

# Opens the daemon's journal as the file descriptor $journal.
open_journal() {
  exec {journal}< <(exec_helper ssh -F "$run/ssh_config" vigia-lab \
    'exec journalctl --unit vigia.service --output cat --no-tail --follow' </dev/null 2>&1)
  children[$!]=journal
  partial=''
}

# Reads the next complete line into $line; fails if there is none within a second.
next_line() {
  local piece status=0
  IFS= read -r -t 1 -u "$journal" piece || status=$?
  partial+=$piece
  ((status == 0)) || return "$status"
  line=$partial
  partial=''
}

first_cycle='cycle 1($|[^0-9A-Za-z_])'

# Calls HANDLER with each line of the journal. Returns 0 after the daemon's first cycle
# (first-cycle) or when a stop is requested, 1 when the daemon stops.
follow_journal() { # HANDLER first-cycle|forever
  local line status
  while ! $stop_requested; do
    status=0
    next_line || status=$?
    if ((status == 0)); then
      "$1" "$line"
      [[ $2 == forever || ! $line =~ $first_cycle ]] || return 0
    else
      alive "$machine" || boot_failed 'the machine is off'
      ! daemon_ended || return 1
      # End of file: the connection was closed; the machine may be powering off.
      ((status > 128)) || pause 1
    fi
  done
}

# Prints what the daemon logged while it was being stopped.
print_rest_of_journal() {
  local line
  [[ -n ${journal:-} ]] || return 0
  while next_line; do print_line "$line"; done
}

daemon_ended() { grep -q '^vigia down' "$events"; }

daemon_end() { sed -n 's/^vigia down \([^\r]*\).*/\1/p' "$events" | tail -n 1; }
