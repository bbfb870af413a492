#!/usr/bin/env bash
# Installs the packages that the lab needs and that are missing, with apt, and lists them.
# usage: install.sh [COMMAND|FILE PACKAGE]…   further commands or files that the caller needs, with their packages
set -euo pipefail

minimum_qemu=10

main() {
  local missing=()
  needs mmdebstrap mmdebstrap
  needs mke2fs e2fsprogs
  needs ssh openssh-client
  needs git git
  needs curl curl
  needs xz xz-utils
  needs setpriv util-linux
  # The BPF program and its loader are built here and run in every machine.
  needs make make
  needs gcc gcc
  needs clang clang
  needs llvm-strip llvm
  needs /usr/include/bpf/libbpf.h libbpf-dev
  needs /usr/include/libelf.h libelf-dev
  needs /usr/include/zlib.h zlib1g-dev
  needs /usr/share/keyrings/debian-archive-keyring.gpg debian-archive-keyring
  ((EUID == 0)) || needs newuidmap uidmap
  [[ -n $(qemu_version) ]] || missing+=(qemu-system-x86)
  while (($# > 1)); do
    needs "$1" "$2"
    shift 2
  done

  ((${#missing[@]} == 0)) || install_packages
  check_qemu
}

needs() { # COMMAND|FILE PACKAGE
  command -v "$1" >/dev/null || [[ -x /usr/sbin/$1 || -x /sbin/$1 || $1 == /* && -e $1 ]] || missing+=("$2")
}

say() { printf 'lab/install.sh: %s\n' "$1" >&2; }

fail() {
  say "$1"
  exit 1
}

# Major version of the installed QEMU; empty if it is not installed.
qemu_version() {
  qemu-system-x86_64 --version 2>/dev/null | sed -nE '1s/.*version ([0-9]+)\..*/\1/p'
}

check_qemu() {
  local version
  version=$(qemu_version)
  ((version < minimum_qemu)) || return 0
  say "QEMU $version runs Debian 13's kernel incorrectly under emulation; version $minimum_qemu or newer is required"
  fail 'remedy: on Debian 12, enable backports and run: apt install -t bookworm-backports qemu-system-x86; elsewhere upgrade QEMU'
}

install_packages() {
  # shellcheck source=/dev/null
  source /etc/os-release
  command -v apt-get >/dev/null || fail "apt-get not found; install these packages yourself: ${missing[*]}"
  [[ ${ID:-} != ubuntu ]] || say 'warning: not tested on Ubuntu'
  local apt=(apt-get --quiet --yes --no-install-recommends install)
  local emulators
  mapfile -t emulators < <(printf '%s\n' "${missing[@]}" | grep '^qemu-')
  if [[ ${VERSION_CODENAME:-} == bookworm ]] && ((${#emulators[@]} > 0)); then
    enable_backports
    as_root "${apt[@]}" --target-release bookworm-backports "${emulators[@]}" >&2
  fi
  say "installing: ${missing[*]}"
  as_root apt-get --quiet update >&2
  as_root "${apt[@]}" "${missing[@]}" >&2
}

enable_backports() {
  local list=/etc/apt/sources.list.d/vigia-backports.list
  if apt-cache policy | grep -q 'n=bookworm-backports'; then
    return
  fi
  say "enabling Debian backports for QEMU $minimum_qemu: $list"
  echo 'deb http://deb.debian.org/debian bookworm-backports main' | as_root tee "$list" >/dev/null
  as_root apt-get --quiet update >&2
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo "$@"
  fi
}

main "$@"
