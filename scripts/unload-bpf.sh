#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Removes Vigía's pinned BPF task iterator. The kernel frees the program when its last reader has closed it.
set -euo pipefail

if (($# > 0)); then
  cat <<'TEXT'
Usage: unload-bpf.sh [--help]

Removes the directory /sys/fs/bpf/vigia with the BPF program that load-bpf.sh pinned there. Having none is no error.

Environment: VIGIA_BPFFS  a mounted bpffs (default /sys/fs/bpf)
Exit codes:  0 it is not there any more   1 something failed   2 bad arguments
TEXT
  [[ $1 == --help || $1 == -h ]] && exit 0
  echo "unload-bpf: unknown argument \"$1\"" >&2
  exit 2
fi

directory=${VIGIA_BPFFS:-/sys/fs/bpf}/vigia
[[ -d $directory ]] || {
  echo 'tasks not-loaded'
  exit 0
}
if ! { rm -f -- "$directory"/tasks-* && rmdir -- "$directory"; }; then
  echo "unload-bpf: $directory was not removed; run it as root" >&2
  exit 1
fi
echo 'tasks unloaded'
