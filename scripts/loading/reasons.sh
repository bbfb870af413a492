# shellcheck shell=bash disable=SC2154 # variables of the script that loads something
# What load-modules.sh and load-bpf.sh say when they do not load it: a code with parameters for the daemon, on standard
# output, and the same in English for people, as the last line of standard error.
#
# The script sets `program`, `here`, `proc`, `lock` and `last_reason`, adds its own sentences, defines may_load, and calls
# print_reason at its end.

# The daemon has the same sentences, in English and Spanish (daemon/src/words); a test compares them.
declare -A sentences=(
  [tool-missing]='"{tool}" is not installed: run "{install}"'
  [build-failed]='it does not compile for kernel {release}: "{error}". For all messages, run "{command}"'
  [insert-failed]='the kernel could not load {what} ("{error}")'
  [loader-not-allowed]='this service may not load {what}; {unit}.service does, and "systemctl status {unit}" shows why it did not. To try again, run "{reload}"'
  [kernel-too-old]='it needs Linux {oldest} or newer, and this is {release}'
  [loading-needs-root]='only root can load it: run it with sudo'
  [loading-lock-unusable]='cannot open the lock {lock}; set {variable}'
  [loading-lock-held]='another run has held the lock {lock} for {seconds} s; "fuser {lock}" lists it'
)

readonly host_refuses=3

is_package=false
[[ $here != "${VIGIA_PACKAGE_DIR:-/usr/lib/vigia}/scripts" ]] || is_package=true

say() { echo "$program: $*" >&2; }

# Of the arguments.
reject() {
  say "$@"
  exit 2
}

# The reason of this run's end: its code, then name=value of each parameter.
reason=()

# Something is wrong that the host's administrator has to put right.
fail() { # CODE [NAME=VALUE…]
  reason=("$@")
  exit 1
}

# This host does not take it, as it is now.
refuse() { # CODE [NAME=VALUE…]
  reason=("$@")
  exit "$host_refuses"
}

# One way to load it has failed, and there may be others. The reason of the first counts. Always fails.
refused() { # CODE [NAME=VALUE…]
  ((${#reason[@]} > 0)) || reason=("$@")
  return 1
}

# Both, at the end of a run.
print_reason() {
  ((${#reason[@]} > 0)) || return 0
  local text=${sentences[${reason[0]}]} line=${reason[0]} parameter
  for parameter in "${reason[@]:1}"; do
    parameter=${parameter//[[:cntrl:]]/ }
    # Quoted, since bash 5.2 puts the pattern's match in the place of "&".
    text=${text//"{${parameter%%=*}}"/"${parameter#*=}"}
    line+=$'\t'$parameter
  done
  printf 'reason\t%s\n' "$line"
  # In the package one service loads it, and another asks why it is not there.
  ! { [[ $is_package == true && $is_check == false ]] && may_load; } || echo "$line" >"$last_reason" || true
  say "$text"
}

# The reason of the service that may load it, if it has one.
refuse_as_before() {
  local before
  IFS=$'\t' read -r -a before 2>/dev/null <"$last_reason" || return 0
  [[ -z ${sentences[${before[0]:-none}]:-} ]] || refuse "${before[@]}"
}

has_capability() { # NUMBER
  local held
  held=$(awk '$1 == "CapEff:" { print $2 }' "$proc/self/status" 2>/dev/null || true)
  (((16#${held:-0} >> $1) & 1))
}

# Lets no second run in.
take_lock() { # VARIABLE_THAT_SETS_IT
  # shellcheck disable=SC2174 # of that directory only: a process that may open the file may hold the lock
  mkdir -p -m 700 -- "$(dirname -- "$lock")" || fail loading-lock-unusable "lock=$lock" "variable=$1"
  { exec 9>>"$lock"; } || fail loading-lock-unusable "lock=$lock" "variable=$1"
  flock --wait 120 9 || fail loading-lock-held "lock=$lock" seconds=120
}

# The first line of make's output that says what is wrong.
first_error() { # OUTPUT
  { grep -m 1 -E '(error|Error|not found)[: ]' <<<"$1" || tail -n 1 <<<"$1"; } | cut -c 1-200
}
