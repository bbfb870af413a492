#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Loads Vigía's BPF task iterator and pins it in bpffs, from where the loop reads it without any privilege.
set -euo pipefail
# Cron and systemd set a short PATH, or none.
PATH="${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH
export LC_ALL=C

readonly host_refuses=3
readonly CAP_SYS_ADMIN=21 CAP_PERFMON=38 CAP_BPF=39
# The schema of its records is part of the name: a reader of another version does not find it. See bpf/record.h.
readonly pin_name=tasks-1

usage() {
  cat <<'TEXT'
Usage: load-bpf.sh [--gid N] [--check] [--help]

Loads the BPF program that lists all processes, and pins it as /sys/fs/bpf/vigia/tasks-1, which only root and one group
may read. It needs Linux 5.15 or later with BTF, and neither headers nor a compiler, except in a work tree, where the
program is built first.

  --gid N     number of the group that may read it (default: the group of this process)
  --check     load and build nothing, and say what would be done

Standard output:
  tasks loaded          this run loaded it
  tasks already-loaded  it was pinned before
  tasks loadable        with --check: this host takes it
Standard error: the reason of a failure is the last line.

Example:     load-bpf.sh --gid "$(getent group vigia | cut -d: -f3)"

Environment: VIGIA_BPF_DIR      directory with build/tasks.bpf.o and build/load (default: bpf/ beside scripts/)
             VIGIA_BPFFS        a mounted bpffs (default /sys/fs/bpf)
             VIGIA_BPF_LOCK     lock against a second run (default /run/vigia/bpf.lock)
             for tests: VIGIA_PROC, VIGIA_SYS, used instead of /proc and /sys
Exit codes:  0 it is pinned   1 something failed   2 bad arguments   3 this host does not take the program
TEXT
}

say() {
  echo "load-bpf: $*" >&2
}

reject() {
  say "$@"
  exit 2
}

fail() {
  say "$@"
  exit 1
}

refuse() {
  say "$@"
  exit "$host_refuses"
}

gid='' is_check=false
while (($# > 0)); do
  case $1 in
    --gid)
      [[ -n ${2:-} ]] || reject '--gid needs a value after it'
      gid=$2
      shift
      ;;
    --gid=?*) gid=${1#*=} ;;
    --check) is_check=true ;;
    --help | -h)
      usage
      exit 0
      ;;
    *) reject "unknown argument \"$1\"; --help lists the arguments" ;;
  esac
  shift
done
# 4294967295 is the kernel's "no group".
if [[ -n $gid ]]; then
  if ! [[ $gid =~ ^[0-9]{1,10}$ ]] || ((10#$gid > 4294967294)); then
    reject "--gid is \"$gid\"; give a group's number, 0 to 4294967294 (getent group vigia)"
  fi
  gid=$((10#$gid))
fi

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
bpf_dir=${VIGIA_BPF_DIR:-${here%/*}/bpf}
bpffs=${VIGIA_BPFFS:-/sys/fs/bpf}
lock=${VIGIA_BPF_LOCK:-/run/vigia/bpf.lock}
proc=${VIGIA_PROC:-/proc}
sys=${VIGIA_SYS:-/sys}
pin=$bpffs/vigia/$pin_name

((EUID == 0)) || fail 'only root can load the BPF program; run it with sudo'
take_lock() {
  # shellcheck disable=SC2174 # of that directory only
  mkdir -p -m 700 -- "$(dirname -- "$lock")" || fail "cannot make the directory of $lock; set VIGIA_BPF_LOCK"
  { exec 9>>"$lock"; } || fail "cannot open $lock; set VIGIA_BPF_LOCK"
  flock --wait 120 9 || fail "another load-bpf.sh has held $lock for 120 s; list it with \"fuser $lock\""
}
[[ $is_check == true ]] || take_lock

allow_group() {
  chmod 750 "$bpffs/vigia"
  chmod 440 "$1"
  [[ -z $gid ]] || chgrp "$gid" "$bpffs/vigia" "$1"
}

has_capability() {
  local held
  held=$(awk '$1 == "CapEff:" { print $2 }' "$proc/self/status")
  (((16#$held >> $1) & 1 || (16#$held >> CAP_SYS_ADMIN) & 1))
}

check_host() {
  local release major minor
  release=$(cat "$proc/sys/kernel/osrelease")
  IFS=.- read -r major minor _ <<<"$release"
  ((major > 5 || (major == 5 && minor >= 15))) ||
    refuse "this kernel ($release) is older than 5.15, the first that the BPF program supports"
  [[ -e $sys/kernel/btf/vmlinux ]] ||
    refuse "this kernel ($release) does not describe its types: $sys/kernel/btf/vmlinux is missing (CONFIG_DEBUG_INFO_BTF)"
  [[ $(cat "$sys/kernel/security/lockdown" 2>/dev/null || true) != *'[confidentiality]'* ]] ||
    refuse 'the kernel is locked down (lockdown=confidentiality) and lets no BPF program read its memory'
  [[ $(stat --file-system --format %T "$bpffs" 2>/dev/null || true) == bpf_fs ]] ||
    refuse "no BPF file system is mounted on $bpffs; run \"mount -t bpf bpf $bpffs\""
  { has_capability "$CAP_BPF" && has_capability "$CAP_PERFMON"; } ||
    refuse 'this process may not load BPF programs: it lacks CAP_BPF and CAP_PERFMON.' \
      'In a package only vigia-bpf.service may; "systemctl status vigia-bpf" shows why it did not'
}

check_can_build() {
  local tool
  [[ -e $bpf_dir/Makefile ]] || fail "$bpf_dir/build/tasks.bpf.o or $bpf_dir/build/load is missing; install the package again"
  for tool in make clang cc; do
    command -v "$tool" >/dev/null ||
      refuse "the BPF program must be built and \"$tool\" is not installed;" \
        'run "apt-get install make clang llvm gcc libc6-dev libbpf-dev libelf-dev zlib1g-dev"'
  done
}

build() {
  local output
  check_can_build
  output=$(make -C "$bpf_dir" 2>&1) || {
    printf '%s\n' "$output" | tail -n 20 >&2
    refuse "the BPF program could not be built; to see the compiler's messages, run \"make -C $bpf_dir\""
  }
}

is_built() {
  [[ -e $bpf_dir/build/tasks.bpf.o && -x $bpf_dir/build/load ]]
}

load() {
  local message code=0
  mkdir -p "$bpffs/vigia"
  # Under another name first, without a dot, which bpffs does not allow: only a complete one has the final name.
  rm -f "$pin-new"
  message=$("$bpf_dir/build/load" "$bpf_dir/build/tasks.bpf.o" "$pin-new" 2>&1) || code=$?
  ((code == 0)) || {
    printf '%s\n' "$message" | head -n -1 >&2
    message=${message##*$'\n'}
    rmdir --ignore-fail-on-non-empty "$bpffs/vigia"
    ((code != host_refuses)) || refuse "${message#bpf/load: }"
    fail "${message#bpf/load: }"
  }
  allow_group "$pin-new"
  mv "$pin-new" "$pin"
}

if [[ -e $pin ]]; then
  # The loop's service runs this script as well, to find out, and cannot write here.
  [[ $is_check == true || -z $gid || $(stat --format %g "$pin") == "$gid" ]] || allow_group "$pin"
  echo 'tasks already-loaded'
  exit 0
fi
check_host
if [[ $is_check == true ]]; then
  is_built || check_can_build
  echo 'tasks loadable'
  exit 0
fi
# In a work tree make also sees whether the sources are newer.
if ! is_built || { [[ -e $bpf_dir/Makefile ]] && command -v clang >/dev/null; }; then build; fi
load
echo 'tasks loaded'
