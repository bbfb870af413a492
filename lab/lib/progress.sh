# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# Prints progress on standard error, with the seconds since the start. Standard output is
# reserved for the command that runs in the machine.

current_step=starting

progress() {
  current_step=$*
  printf '[%3d s] %s\n' "$SECONDS" "$*" >&2
}

note() { printf '        %s\n' "$*" >&2; }

die() {
  printf 'vigia lab: %s\n' "$1" >&2
  shift
  (($# == 0)) || printf '  %s\n' "$@" >&2
  exit 1
}
