# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# The daemon in the machine, seen through its journal.

# Opens the daemon's journal as a file descriptor of ours.
open_journal() {
  exec {journal}< <(companion ssh -F "$run/ssh_config" vigia-lab \
    'exec journalctl --unit vigia.service --output cat --no-tail --follow' </dev/null 2>&1)
  children[$!]=journal
  partial=''
}

# The next whole line, in $line; fails after a second without one.
next_line() {
  local piece status=0
  IFS= read -r -t 1 -u "$journal" piece || status=$?
  partial+=$piece
  ((status == 0)) || return "$status"
  line=$partial
  partial=''
}

first_cycle='cycle 1($|[^0-9A-Za-z_])'

# Hands each line of the journal to HANDLER; comes back at the daemon's first
# cycle (if asked), at its end, or when someone stops us.
follow_journal() { # HANDLER first-cycle|forever
  local line status
  while ! $stop_asked; do
    status=0
    next_line || status=$?
    if ((status == 0)); then
      "$1" "$line"
      [[ $2 == forever || ! $line =~ $first_cycle ]] || return 0
    else
      alive "$machine" || boot_failed 'the machine is off'
      ! daemon_ended || return 1
      # End of file: the connection is gone, the machine may follow.
      ((status > 128)) || pause 1
    fi
  done
}

# What the daemon said while it was stopped.
print_rest_of_journal() {
  local line
  [[ -n ${journal:-} ]] || return 0
  while next_line; do print_line "$line"; done
}

daemon_ended() { grep -q '^vigia down' "$events"; }

daemon_end() { sed -n 's/^vigia down \([^\r]*\).*/\1/p' "$events" | tail -n 1; }
