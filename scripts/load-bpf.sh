#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Loads Vigía's BPF task iterator and pins it in bpffs, from where the loop reads it without any privilege.
#
# loading/reasons.sh      how it says why it does not load it: a code with parameters, and a sentence
# loading/bpf-reasons.sh  these codes and sentences
# loading/packages.sh     the distribution's command to install what is missing
set -euo pipefail
# Cron and systemd set a short PATH, or none.
PATH="${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH
export LC_ALL=C

readonly program=load-bpf
readonly CAP_SYS_ADMIN=21 CAP_PERFMON=38 CAP_BPF=39
# The schema of its records is part of the name: a reader of another version does not find it. See bpf/record.h.
readonly pin_name=tasks-1

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=loading/reasons.sh
source "$here/loading/reasons.sh"
# shellcheck source=loading/bpf-reasons.sh
source "$here/loading/bpf-reasons.sh"
# shellcheck source=loading/packages.sh
source "$here/loading/packages.sh"

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
  reason <code> <name>=<value> ...  it is not loaded; the fields are separated by tabs
Standard error: the same reason in words is the last line.

Example:     load-bpf.sh --gid "$(getent group vigia | cut -d: -f3)"

Environment: VIGIA_BPF_DIR      directory with build/tasks.bpf.o and build/load (default: bpf/ beside scripts/)
             VIGIA_BPFFS        a mounted bpffs (default /sys/fs/bpf)
             VIGIA_BPF_LOCK     lock against a second run (default /run/vigia/bpf.lock)
             for tests: VIGIA_PROC, VIGIA_SYS, VIGIA_PACKAGE_DIR, used instead of /proc, /sys and /usr/lib/vigia;
             VIGIA_HOST_ROOT, before /etc
Exit codes:  0 it is pinned   1 something failed   2 bad arguments   3 this host does not take the program
TEXT
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

bpf_dir=${VIGIA_BPF_DIR:-${here%/*}/bpf}
bpffs=${VIGIA_BPFFS:-/sys/fs/bpf}
lock=${VIGIA_BPF_LOCK:-/run/vigia/bpf.lock}
last_reason=${lock%/*}/bpf.reason
proc=${VIGIA_PROC:-/proc}
sys=${VIGIA_SYS:-/sys}
host_root=${VIGIA_HOST_ROOT:-}
release=$(cat "$proc/sys/kernel/osrelease")
pin=$bpffs/vigia/$pin_name

trap print_reason EXIT
((EUID == 0)) || fail loading-needs-root
[[ $is_check == true ]] || take_lock VIGIA_BPF_LOCK

allow_group() {
  chmod 750 "$bpffs/vigia"
  chmod 440 "$1"
  [[ -z $gid ]] || chgrp "$gid" "$bpffs/vigia" "$1"
}

# The loop's service runs this script as well, to find out whether it is loaded, and may not load it.
may_load() {
  has_capability "$CAP_SYS_ADMIN" || { has_capability "$CAP_BPF" && has_capability "$CAP_PERFMON"; }
}

check_host() {
  [[ $is_package == false ]] || may_load || refuse_as_before
  local major minor
  IFS=.- read -r major minor _ <<<"$release"
  ((major > 5 || (major == 5 && minor >= 15))) || refuse kernel-too-old oldest=5.15 "release=$release"
  [[ -e $sys/kernel/btf/vmlinux ]] ||
    refuse bpf-no-types "release=$release" "path=$sys/kernel/btf/vmlinux"
  [[ $(cat "$sys/kernel/security/lockdown" 2>/dev/null || true) != *'[confidentiality]'* ]] || refuse bpf-locked-down
  [[ $(stat --file-system --format %T "$bpffs" 2>/dev/null || true) == bpf_fs ]] ||
    refuse bpf-no-file-system "path=$bpffs"
  may_load || refuse loader-not-allowed what=tasks.bpf.o unit=vigia-bpf 'reload=systemctl restart vigia-bpf vigia vigia-page'
}

check_can_build() {
  local file tool
  if ! [[ -e $bpf_dir/Makefile ]]; then
    file=$bpf_dir/build/load
    [[ ! -x $file ]] || file=$bpf_dir/build/tasks.bpf.o
    fail bpf-files-missing "file=$file"
  fi
  for tool in make clang cc; do
    command -v "$tool" >/dev/null ||
      refuse tool-missing "tool=$tool" "install=$(how_to_install make clang llvm gcc bpf-libraries)"
  done
}

build() {
  local output
  check_can_build
  output=$(make -C "$bpf_dir" 2>&1) || {
    printf '%s\n' "$output" | tail -n 20 >&2
    refuse build-failed "release=$release" "error=$(first_error "$output")" "command=make -C $bpf_dir"
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
    ((code != host_refuses)) || refuse insert-failed what=tasks.bpf.o "error=${message#bpf/load: }"
    fail insert-failed what=tasks.bpf.o "error=${message#bpf/load: }"
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
rm -f -- "$last_reason"
echo 'tasks loaded'
