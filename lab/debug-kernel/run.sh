#!/usr/bin/env bash
# Both modules on a kernel with every detector on, and then with a seeded bug at
# a time, each of which must be found by the detector that its patch names.
#
#	run.sh [PATCH…]		with patches: only those, not the whole suite
#
# Prints TAP; exit code 0 when nothing failed.
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

# Some allocations fail because we wish it, which vmalloc() reports with a trace.
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

# The recipe is the configuration and how it is built. A newer linux-source alone
# is no reason to build again.
ensure_kernel() {
  local hash
  hash=$(cat "$here/config" "$here/kernel.sh" | sha256sum | cut -c1-16)
  base=$cache/$hash
  mkdir -p "$cache"
  exec {lock}>>"$cache/lock"
  flock --shared "$lock"
  if [[ ! -f $base/vmlinuz ]]; then
    progress 'waiting for others who use or build a debug kernel'
    flock --exclusive "$lock"
  fi
  if [[ ! -f $base/vmlinuz ]]; then
    step 'making room in the cache' find "$cache" -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +
    step 'building the debug kernel (a quarter of an hour)' "$here/kernel.sh" "$base.new"
    mv "$base.new" "$base"
  fi
  # Shared from here to the end of the run: nobody removes it under us.
  flock --shared "$lock"
  runs=$base/runs/$(date +%Y%m%d-%H%M%S)-$$
  mkdir -p "$runs"
}

# --- a boot ---------------------------------------------------------------------

# The sources as git sees them: what was built for another kernel stays behind.
copy_sources() {
  rm -rf "$run/kernel"
  git -C "$tree" ls-files -z --cached --others --exclude-standard kernel |
    tar --create --directory="$tree" --null --files-from=- --ignore-failed-read |
    tar --extract --directory="$run"
}

# Boots $run/kernel. What the suite says goes to $results, and line by line to
# HANDLER; what the kernel says goes to $console. A kmemleak scan takes the longer
# the more memory there is.
boot() { # NAME full|quick MEMORY SECONDS HANDLER
  local name=$1 size=$2 memory=$3 seconds=$4 handler=$5 options from_suite line
  console=$runs/$name.console.log results=$runs/$name.results
  step "$name: compiling" "$here/initrd.sh" "$base/build" "$run/kernel" "$run/initrd.img"
  progress "$name: booting (${accelerator%%,*}, $size)"
  options="console=ttyS0 loglevel=7 panic=-1 oops=panic slab_nomerge vigia.size=$size"
  # The emulated ACPI tables make this kernel's interpreter time out for minutes.
  options+=' pci=noacpi no_timer_check'
  # Under emulation KASAN has been seen to take exception to the kernel's own start; it speaks up again then.
  options+=' kasan_multi_shot'
  exec {from_suite}< <(
    TMPDIR=$run companion timeout "$seconds" setpriv --pdeathsig KILL qemu-system-x86_64 \
      -name vigia-debug-kernel -sandbox on,spawn=deny -machine q35 -accel "$accelerator" -cpu max -smp 2 -m "$memory" \
      -nodefaults -no-user-config -display none -no-reboot -monitor none \
      -kernel "$base/vmlinuz" -initrd "$run/initrd.img" -append "$options" \
      -serial "file:$console" -serial stdio </dev/null 2>"$run/qemu.log"
  )
  machine=$!
  children[machine]=machine
  while IFS= read -r line <&"$from_suite"; do
    line=${line%$'\r'}
    printf '%s\n' "$line" >>"$results"
    "$handler" "$line"
  done
  exec {from_suite}<&-
  forget "$machine"
  cat "$run/qemu.log" >&2
}

pass_on() { # LINE
  case $1 in
    'ok - '*) result 0 "${1#ok - }" ;;
    'not ok - '*) result 1 "${1#not ok - }" ;;
    *) printf '%s\n' "$1" ;;
  esac
}

keep_quiet() { :; }

# A bug that has been found need not be looked for until the end.
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

# --- without and with a bug -------------------------------------------------------

whole_suite() {
  copy_sources
  boot suite full 1536 5400 pass_on
  nothing_found suite
}

# The small suite that the seeded bugs get finds nothing where nothing is.
control() {
  copy_sources
  boot control quick 640 1800 keep_quiet
  nothing_found control
}

nothing_found() { # NAME
  local status=0
  grep -q '^# the end' "$results" || status=1
  result $status "$1: ran to its end"
  status=0
  ! grep '^not ok' "$results" | sed 's/^/# /' | grep . || status=1
  result $status "$1: every result is good"
  status=0
  ! kernel_complaints "$console" | sed 's/^/# /' | grep . || status=1
  result $status "$1: the kernel kept quiet"
}

seeded_bug() { # PATCH
  local name expected status=0
  name=seeded-$(basename "$1" .patch)
  expected=$(sed -n 's/^Expected: //p' "$1")
  copy_sources
  if ! patch --silent --batch --forward --strip=1 --directory="$run" <"$1" >&2; then
    result 1 "$name: the patch no longer applies"
    return
  fi
  boot "$name" quick 640 1800 stop_when_found
  grep -Ehm 1 "$expected" "$console" "$results" | sed 's/^/# /' | grep . || status=1
  result $status "$name: found by what was to find it: $expected"
}

main "$@"
