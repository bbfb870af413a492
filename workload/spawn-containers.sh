#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Starts a random batch of workload containers. Cron runs it every minute; it starts nothing unless Vigía's loop is
# running and removes what is too many. It never stops, changes or removes a container that existed before.
set -euo pipefail
# Cron and systemd set a short PATH, or none.
PATH="${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH

readonly default_count=10 most_count=200 most_seed=2147483647
readonly seconds_per_start=50
readonly least_ram_mb=64

usage() {
  cat <<'TEXT'
Usage: spawn-containers.sh [--count N] [--seed N] [--dry-run] [--force] [--help]

Starts N containers (default 10). The image of each is chosen at random from vigia/cpu, vigia/ram and
vigia/idle, and so is its size: 20 to 40 % of a core (cpu), or 1 to 1.5 times the RAM that counts as high
consumption on this host (ram).

  --count N   number of containers, 1 to 200
  --seed N    0 to 2147483647: the same seed gives the same images and sizes on the same host
  --dry-run   print what would be started, and start nothing
  --force     start the containers whatever Vigía's loop does

The script starts nothing while an earlier run is still starting containers, and nothing unless Vigía's loop is
running, in mode enforce, with cron.install (otherwise nothing would remove the containers). In each case it
prints why and ends with exit code 0.

Each container has the labels vigia.managed=true and vigia.disposable=true: Vigía may remove it at any time.

Example:     spawn-containers.sh --count 3 --seed 7 --dry-run

Environment: VIGIA_LOOP_LOCK       the loop's lock         (default /run/vigia/loop.lock)
             VIGIA_LOOP_STATE      what the loop does      (default /run/vigia/state)
             VIGIA_SPAWN_LOCK      this script's own lock  (default /run/vigia/spawn.lock)
             VIGIA_SPAWN_PARALLEL  how many containers to start at a time, 1 to 50 (default 5)
             DOCKER_HOST           address of the Docker engine
Exit codes:  0 all were started, or nothing was to be started   1 something failed   2 bad arguments
TEXT
}

reject() {
  echo "spawn-containers: $*" >&2
  exit 2
}

fail() {
  echo "spawn-containers: $*" >&2
  exit 1
}

report() {
  echo "$(date '+%Y-%m-%dT%H:%M:%S%z') spawn-containers: $*"
}

whole_number() { # name, text, least, most
  # 10#: without it a number with a leading zero would be octal.
  if ! [[ $2 =~ ^[0-9]{1,10}$ ]] || ((10#$2 < $3 || 10#$2 > $4)); then
    reject "$1 is \"$2\"; give a whole number from $3 to $4"
  fi
}

count=$default_count seed='' dry_run=false force=false
while (($# > 0)); do
  case $1 in
    --count | --seed)
      (($# >= 2)) || reject "$1 needs a number after it"
      [[ -n $2 ]] || reject "$1 needs a number after it"
      if [[ $1 == --count ]]; then count=$2; else seed=$2; fi
      shift
      ;;
    --count=?*) count=${1#*=} ;;
    --seed=?*) seed=${1#*=} ;;
    --dry-run) dry_run=true ;;
    --force) force=true ;;
    --help | -h)
      usage
      exit 0
      ;;
    *) reject "unknown argument \"$1\"; --help lists the arguments" ;;
  esac
  shift
done
whole_number --count "$count" 1 "$most_count"
[[ -z $seed ]] || whole_number --seed "$seed" 0 "$most_seed"
parallel=${VIGIA_SPAWN_PARALLEL:-5}
whole_number VIGIA_SPAWN_PARALLEL "$parallel" 1 50
loop_lock=${VIGIA_LOOP_LOCK:-/run/vigia/loop.lock}
loop_state=${VIGIA_LOOP_STATE:-/run/vigia/state}
spawn_lock=${VIGIA_SPAWN_LOCK:-/run/vigia/spawn.lock}

random_number() { # number of bytes
  od -An -N"$1" -tu4 /dev/urandom | tr -d ' '
}

# The 48-bit generator of POSIX drand48(). Bash's RANDOM is not used because its sequence differs between versions, and
# a seed must give the same result everywhere. Only the upper bits are used because the lower ones have short periods.
# Bash's arithmetic wraps at 64 bits, which does not change the lower 48.
generator=0
drawn=0

seed_generator() {
  generator=$((($1 << 16 | 0x330E) & 0xFFFFFFFFFFFF))
}

# Sets `drawn` to a number from 0 to $1 - 1. It does not print the number: a subshell would lose the generator's state.
draw() {
  generator=$(((generator * 0x5DEECE66D + 0xB) & 0xFFFFFFFFFFFF))
  drawn=$(((generator >> 17) * $1 >> 31))
}

# The larger of 64 MB and 0.5 % of the host's RAM, in MB; vigia-ram computes the same.
least_ram_on_this_host() {
  local total_kb
  total_kb=$(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo)
  local share=$((total_kb / 1024 / 200 + 1))
  echo $((share > least_ram_mb ? share : least_ram_mb))
}

[[ -n $seed ]] || seed=$(($(random_number 4) & most_seed))
seed=$((10#$seed)) count=$((10#$count)) parallel=$((10#$parallel))
# The seed does not determine the names: two runs with one seed must not use the same ones.
batch=$(date '+%y%m%d%H%M%S')-$(printf '%08x' "$(random_number 4)")

least_ram=$(least_ram_on_this_host)
declare -a kinds=() sizes=()
declare -A of_kind=([cpu]=0 [ram]=0 [idle]=0)
names_of_kinds=(cpu ram idle)
seed_generator "$seed"
for ((n = 0; n < count; n++)); do
  # Two numbers are drawn for every kind of container, so that the kind of one does not change the following ones.
  draw 3
  kind=${names_of_kinds[drawn]}
  case $kind in
    cpu)
      draw 21
      size=$((20 + drawn))
      ;;
    ram)
      draw 51
      size=$((least_ram * (100 + drawn) / 100))
      ;;
    idle)
      draw 1
      size=0
      ;;
  esac
  kinds+=("$kind")
  sizes+=("$size")
  of_kind[$kind]=$((of_kind[$kind] + 1))
done

size_in_words() { # kind, size
  case $1 in
    cpu) echo "$2 % of a core" ;;
    ram) echo "$2 MB" ;;
    idle) echo 'nothing' ;;
  esac
}

counts_by_kind() {
  echo "cpu ${of_kind[cpu]}, ram ${of_kind[ram]}, idle ${of_kind[idle]}"
}

if [[ $dry_run == true ]]; then
  for ((n = 0; n < count; n++)); do
    printf '%3d  %-4s  %s\n' "$((n + 1))" "${kinds[n]}" "$(size_in_words "${kinds[n]}" "${sizes[n]}")"
  done
  report "dry run: seed $seed draws $count ($(counts_by_kind)); nothing was started"
  exit 0
fi

# shellcheck disable=SC2174 # of that directory only: a process that may open the file may hold the lock
mkdir -p -m 700 -- "$(dirname -- "$spawn_lock")" ||
  fail "cannot make the directory of $spawn_lock; run as root or set VIGIA_SPAWN_LOCK"
# Opened in append mode: the variable may point at a file with content, which must not be lost.
{ exec 9>>"$spawn_lock"; } || fail "cannot open $spawn_lock; run as root or set VIGIA_SPAWN_LOCK"
if ! flock --nonblock 9; then
  report "an earlier run is still starting containers (lock $spawn_lock); nothing was started"
  exit 0
fi

# The loop holds an exclusive lock. A shared lock is requested and released at once: it is refused while the loop runs,
# and two scripts that request it at the same time do not disturb each other.
loop_is_running() {
  local outcome=0
  [[ -e $loop_lock ]] || return 1
  [[ -r $loop_lock ]] || fail "cannot read $loop_lock to see whether Vigía's loop is running; run as root"
  flock --shared --nonblock --conflict-exit-code 75 8 8<"$loop_lock" || outcome=$?
  case $outcome in
    0) return 1 ;;
    75) return 0 ;;
    *) fail "cannot test the lock $loop_lock (flock ended with $outcome)" ;;
  esac
}

# Succeeds while the loop removes surplus containers; otherwise sets why_not. The loop writes one line: its mode, followed
# by "workload" where the configuration wants this script to start containers.
why_not=''
containers_are_wanted() {
  local state=''
  if ! loop_is_running; then
    why_not="Vigía's loop is not running (the lock $loop_lock is free)"
    return 1
  fi
  [[ ! -r $loop_state ]] || read -r state <"$loop_state" || true
  case $state in
    'enforce workload') return 0 ;;
    enforce) why_not='Vigía runs without the workload (cron.install is false)' ;;
    observe | dry-run) why_not="Vigía removes nothing (its mode is $state)" ;;
    stopping) why_not='Vigía is stopping' ;;
    paused*) why_not='Vigía is paused' ;;
    *) why_not="Vigía does not say that it removes containers ($loop_state)" ;;
  esac
  return 1
}

if [[ $force == false ]] && ! containers_are_wanted; then
  report "$why_not; nothing was started. Start Vigía with \"vigia up --demo\", or use --force"
  exit 0
fi

command -v docker >/dev/null || fail 'the docker command is not installed; run "apt-get install docker.io"'
if ! timeout 20 docker image inspect --format '{{.Id}}' vigia/cpu vigia/ram vigia/idle >/dev/null 2>&1; then
  engine_error=$(timeout 20 docker version --format '{{.Server.Version}}' 2>&1 >/dev/null) ||
    fail "Docker's engine does not answer (${engine_error:-no answer within 20 s}); nothing was started." \
      'Start it with "systemctl start docker"'
  missing=()
  for kind in "${names_of_kinds[@]}"; do
    timeout 20 docker image inspect --format '{{.Id}}' "vigia/$kind" >/dev/null 2>&1 || missing+=("vigia/$kind")
  done
  ((${#missing[@]} == 0)) || fail "these images are missing: ${missing[*]}; nothing was started." \
    "Build them with $(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)/build-images.sh"
fi

notes=$(mktemp -d)
trap 'rm -rf -- "$notes"' EXIT
# After a signal, starts that have begun are completed and reported: an interrupted one would leave an incomplete
# container.
stopped_by=''
trap 'stopped_by=SIGINT' INT
trap 'stopped_by=SIGTERM' TERM

start_container() { # number, kind, size
  local number=$1 kind=$2 size=$3 class=high
  local name=vigia-$kind-$batch-$number
  local -a settings=()
  case $kind in
    cpu) settings=(--env "VIGIA_CPU_PERCENT=$size") ;;
    ram) settings=(--env "VIGIA_RAM_MB=$size") ;;
    idle) class=low ;;
  esac
  if timeout "$seconds_per_start" docker run --detach --cidfile "$notes/$number.id" --name "$name" \
    --label vigia.managed=true --label vigia.disposable=true --label "vigia.class=$class" --label "vigia.kind=$kind" \
    --label "vigia.spawn=$batch" --network none --restart no --pull never \
    "${settings[@]}" "vigia/$kind" >/dev/null 2>"$notes/$number.error"; then
    echo "$kind" >"$notes/$number.started"
    return
  fi
  [[ -s $notes/$number.error ]] || echo "no answer within $seconds_per_start s" >"$notes/$number.error"
  # The container may have been created and not started. It is removed by the ID that this run got, never by its name.
  if [[ -s $notes/$number.id ]]; then
    timeout "$seconds_per_start" docker rm --force "$(<"$notes/$number.id")" >/dev/null 2>&1 || true
  fi
}

under_way() {
  jobs -pr | wc -l
}

SECONDS=0
attempted=0
for ((n = 0; n < count; n++)); do
  while (($(under_way) >= parallel)); do
    wait -n || true
  done
  [[ -z $stopped_by ]] || break
  # The loop may end, or change its mind, while a large batch is being started.
  if ((n > 0 && n % parallel == 0)) && [[ $force == false ]] && ! containers_are_wanted; then
    stopped_by=$why_not
    break
  fi
  # 9>&-: a child that hangs must not keep the lock of this run.
  start_container "$((n + 1))" "${kinds[n]}" "${sizes[n]}" 9>&- &
  attempted=$((attempted + 1))
done
while (($(under_way) > 0)); do
  wait -n || true
done

started=0 first_error=''
of_kind=([cpu]=0 [ram]=0 [idle]=0)
for ((n = 1; n <= attempted; n++)); do
  if [[ -e $notes/$n.started ]]; then
    started=$((started + 1))
    kind=$(<"$notes/$n.started")
    of_kind[$kind]=$((of_kind[$kind] + 1))
  elif [[ -z $first_error ]]; then
    first_error="number $n (${kinds[n - 1]}): $(tr '\n' ' ' <"$notes/$n.error")"
  fi
done

report "batch $batch, seed $seed: started $started of $count in $SECONDS s ($(counts_by_kind))"
[[ -z $stopped_by ]] ||
  fail "stopped after trying $attempted of $count containers: $stopped_by; the $started already running stay"
((started == count)) || fail "$((count - started)) of $count could not be started; the first: $first_error"
