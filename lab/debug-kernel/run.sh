#!/usr/bin/env bash
# Runs the test suite of both modules on a kernel with all debugging features. Then runs it
# with one seeded bug at a time, each of which must be reported as its patch expects.
#
#	run.sh [PATCH…]		with patches: only those seeded bugs, not the whole suite
#
# Prints TAP. Exit code 0 if all tests pass.
# shellcheck disable=SC2317 # some functions are called by name only
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab=$(dirname "$here")
tree=$(dirname "$lab")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vigia/debug-kernel
accelerator=${VIGIA_LAB_ACCELERATOR:-tcg,thread=multi}

# shellcheck source=../lib/progress.sh
source "$lab/lib/progress.sh"
# shellcheck source=../lib/process.sh
source "$lab/lib/process.sh"
# shellcheck source=../lib/kernel-log.sh
source "$lab/lib/kernel-log.sh"

# Allocations fail on purpose here, and vmalloc() logs that with a call trace.
excused_trace+='|vmalloc error|page allocation failure'
count=0
failures=0

main() {
  "$lab/install.sh" gcc gcc make make flex flex bison bison bc bc xz xz-utils patch patch \
    busybox busybox-static /usr/include/gelf.h libelf-dev
  open_scratch
  trap close_scratch EXIT
  ensure_kernel
  note "Linux $(cat "$base/release"), consoles and results in $runs"

  if (($# == 0)); then
    whole_suite
    control
    set -- "$here"/seeded/*.patch
  fi
  local patch
  for patch in "$@"; do
    seeded_bug "$patch"
  done
  echo "1..$count"
  progress "done, $failures of $count failed"
  ((failures == 0))
}

# --- the kernel -----------------------------------------------------------------

# The recipe is the configuration and the build script. A newer linux-source alone does
# not cause a rebuild.
ensure_kernel() {
  local hash
  hash=$(cat "$here/config" "$here/kernel.sh" | sha256sum | cut -c1-16)
  base=$cache/$hash
  mkdir -p "$cache"
  exec {lock}>>"$cache/lock"
  flock --shared "$lock"
  if [[ ! -f $base/vmlinuz ]]; then
    progress 'waiting for other runs that are using or building a debug kernel'
    flock --exclusive "$lock"
  fi
  if [[ ! -f $base/vmlinuz ]]; then
    step 'making room in the cache' find "$cache" -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +
    step 'building the debug kernel (a quarter of an hour)' "$here/kernel.sh" "$base.new"
    mv "$base.new" "$base"
  fi
  # Hold a shared lock until the end of the run, so that no other run removes the kernel.
  flock --shared "$lock"
  runs=$base/runs/$(date +%Y%m%d-%H%M%S)-$$
  mkdir -p "$runs"
}

# --- a boot ---------------------------------------------------------------------

# Copies the sources listed by git, without build products for other kernels.
copy_sources() {
  rm -rf "$run/kernel"
  git -C "$tree" ls-files -z --cached --others --exclude-standard kernel |
    tar --create --directory="$tree" --null --files-from=- --ignore-failed-read |
    tar --extract --directory="$run"
}

# Boots the debug kernel with the modules in $run/kernel. The output of the suite is written to
# $results and passed to HANDLER line by line; the kernel log is written to $console.
# MEMORY is kept small, because a kmemleak scan takes longer with more memory.
boot() { # NAME full|quick MEMORY SECONDS HANDLER
  local name=$1 size=$2 memory=$3 seconds=$4 handler=$5 options from_suite line
  console=$runs/$name.console.log results=$runs/$name.results
  step "$name: compiling" "$here/initrd.sh" "$base/build" "$run/kernel" "$run/initrd.img"
  progress "$name: booting (${accelerator%%,*}, $size)"
  options="console=ttyS0 loglevel=7 panic=-1 oops=panic slab_nomerge vigia.size=$size"
  # Without pci=noacpi, interpreting the emulated ACPI tables takes minutes.
  options+=' pci=noacpi no_timer_check'
  # Report more than one KASAN error: under emulation there may be a false one during boot.
  options+=' kasan_multi_shot'
  exec {from_suite}< <(
    TMPDIR=$run exec_helper timeout "$seconds" setpriv --pdeathsig KILL qemu-system-x86_64 \
      -name vigia-debug-kernel -sandbox on,spawn=deny -machine q35 -accel "$accelerator" -cpu max -smp 2 -m "$memory" \
      -nodefaults -no-user-config -display none -no-reboot -monitor none \
      -kernel "$base/vmlinuz" -initrd "$run/initrd.img" -append "$options" \
      -serial "file:$console" -serial stdio </dev/null 2>"$run/qemu.log"
  )
  machine=$!
  children["$machine"]=machine
  while IFS= read -r line <&"$from_suite"; do
    line=${line%$'\r'}
    printf '%s\n' "$line" >>"$results"
    "$handler" "$line"
  done
  exec {from_suite}<&-
  reap "$machine"
  cat "$run/qemu.log" >&2
}

forward_result() { # LINE
  case $1 in
    'ok - '*) result 0 "${1#ok - }" ;;
    'not ok - '*) result 1 "${1#not ok - }" ;;
    *) printf '%s\n' "$1" ;;
  esac
}

ignore_line() { :; }

# Ends the run as soon as the expected report has appeared.
stop_when_found() {
  ! grep -Eqs "$expected" "$console" "$results" || kill -KILL "$machine" 2>/dev/null || true
}

result() { # STATUS DESCRIPTION
  local word=ok
  count=$((count + 1))
  (($1 == 0)) || {
    word='not ok'
    failures=$((failures + 1))
  }
  printf '%s %d - %s\n' "$word" "$count" "$2"
}

# --- runs without and with a seeded bug -------------------------------------------

whole_suite() {
  copy_sources
  boot suite full 1536 5400 forward_result
  expect_clean_run suite
}

# Without a seeded bug, the quick suite must not report anything.
control() {
  copy_sources
  boot control quick 640 1800 ignore_line
  expect_clean_run control
}

expect_clean_run() { # NAME
  local status=0
  grep -q '^# the end' "$results" || status=1
  result $status "$1: the suite completed"
  status=0
  ! grep '^not ok' "$results" | sed 's/^/# /' | grep . || status=1
  result $status "$1: all tests passed"
  status=0
  ! kernel_warnings "$console" | sed 's/^/# /' | grep . || status=1
  result $status "$1: no warnings in the kernel log"
}

seeded_bug() { # PATCH
  local name expected status=0
  name=seeded-$(basename "$1" .patch)
  expected=$(sed -n 's/^Expected: //p' "$1")
  copy_sources
  if ! patch --silent --batch --forward --strip=1 --directory="$run" <"$1" >&2; then
    result 1 "$name: the patch does not apply"
    return
  fi
  boot "$name" quick 640 1800 stop_when_found
  grep -Ehm 1 "$expected" "$console" "$results" | sed 's/^/# /' | grep . || status=1
  result $status "$name: reported as expected: $expected"
}

main "$@"
