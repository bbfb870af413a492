#!/usr/bin/env bash
# Runs tests on an emulated arm64 machine: Debian's kernel, a ram disk with the programs of its packages, Node and the
# work tree; no systemd and no container engine. Everything in C is cross-compiled.
#
#	run.sh TEST…		TEST is a file below tests/, without .test.ts
#
# Prints the TAP of each test file. Exit code 0 if all tests pass and the kernel logged no warning.
# shellcheck disable=SC2034 # variables shared with the library
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab=$(dirname "$here")
tree=$(dirname "$lab")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vigia/lab
node=$tree/node_modules/node/bin/node
rebuild=false kernel=6.12
seconds=${VIGIA_ARM64_SECONDS:-5400}

# shellcheck source=../lib/progress.sh
source "$lab/lib/progress.sh"
# shellcheck source=../lib/process.sh
source "$lab/lib/process.sh"
# shellcheck source=../lib/kernels.sh
source "$lab/lib/kernels.sh"
# shellcheck source=../lib/image.sh
source "$lab/lib/image.sh"
# shellcheck source=../lib/kernel-log.sh
source "$lab/lib/kernel-log.sh"

main() {
  (($# > 0)) || die 'usage: run.sh TEST…'
  ((EUID == 0)) || die 'must be run as root'
  "$lab/install.sh" qemu-system-aarch64 qemu-system-arm busybox busybox-static npm npm
  open_scratch
  trap close_scratch EXIT
  # The system of the amd64 machine with the same kernel has make and what else the compiler needs.
  ensure_image
  ensure_packages
  stage_tree
  step 'cross-compiling' "$here/compile.sh" "$base/root" "$packages" "$run/stage"
  step 'writing the ram disk' "$here/ram-disk.sh" "$tree" "$packages" "$run/stage" "$run/initrd.img"
  run_tests "$@"
}

# Unpacked once for each list of packages and version of Node.
ensure_packages() {
  local hash version
  version=$("$node" --version)
  hash=$( (cat "$here/packages" "$here/fetch.sh" && echo "$version") | sha256sum | cut -c1-16)
  packages=$cache/arm64/$hash
  [[ ! -f $packages/release ]] || return 0
  step 'making room in the cache' rm -rf "$cache/arm64"
  mkdir -p "$packages"
  step "fetching Node $version for arm64" "$here/node.sh" "$version" "$packages/node"
  step 'fetching packages for arm64' "$here/fetch.sh" "$packages" "$(debian_mirror)"
}

# The sources that are compiled and run, as listed by git, and the BPF object, which fits every processor.
stage_tree() {
  mkdir "$run/stage"
  git -C "$tree" -c safe.directory='*' ls-files -z --cached --others --exclude-standard \
    bpf contract daemon kernel package.json scripts tests vigia |
    tar --create --directory="$tree" --null --files-from=- --ignore-failed-read |
    tar --extract --directory="$run/stage" --no-same-owner
  make --silent -C "$tree/bpf" build/tasks.bpf.o
  mkdir -p "$run/stage/bpf/build"
  cp "$tree/bpf/build/tasks.bpf.o" "$run/stage/bpf/build/"
}

run_tests() { # TEST…
  local results=$run/results console=$run/console tests status=0
  printf -v tests '%s,' "$@"
  progress "booting, and running $*"
  mkfifo "$results"
  # A processor of today's clouds. With all that QEMU has (-cpu max), WebAssembly fails in Node.
  TMPDIR=$run exec_helper timeout "$seconds" qemu-system-aarch64 -name vigia-arm64 -sandbox on,spawn=deny \
    -machine virt,gic-version=3 -accel tcg,thread=multi -cpu neoverse-n1 -smp 2 -m 3072 \
    -nodefaults -no-user-config -display none -no-reboot -monitor none \
    -kernel "$packages"/kernel/boot/vmlinuz-* -initrd "$run/initrd.img" \
    -append "console=ttyAMA0 panic=-1 loglevel=6 log_buf_len=4M psi=1 vigia.tests=${tests%,}" \
    -serial "file:$console" -serial stdio </dev/null >"$results" 2>"$run/qemu.log" &
  children[$!]=machine
  tr -d '\r' <"$results" | tee "$run/all"
  cat "$run/qemu.log" >&2
  grep -q '^# the end' "$run/all" || {
    tail -n 25 "$console" >&2
    die "the machine did not come to the end of the tests within $seconds s"
  }
  ! grep -q '^not ok' "$run/all" || status=1
  ! kernel_warnings "$console" | sed 's/^/# kernel log: /' | grep . || status=1
  progress "done, exit code $status"
  exit "$status"
}

main "$@"
