#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Compiles the programs of the three workload images.
set -euo pipefail
# Cron and systemd set a short PATH, or none.
PATH="${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH

usage() {
  cat <<'TEXT'
Usage: build-binaries.sh [--force] [--help]

Compiles workload/images/<kind>/<kind>.c into the static program vigia-<kind>, for cpu, ram and idle.
A program that is newer than its sources is not compiled again; --force compiles all three.

Example: build-binaries.sh --force

Environment: CC (default gcc)
Exit codes:  0 all three are up to date   1 a compilation failed   2 bad arguments
TEXT
}

force=false
while (($# > 0)); do
  case $1 in
    --force) force=true ;;
    --help | -h)
      usage
      exit 0
      ;;
    *)
      echo "build-binaries: unknown argument \"$1\"; --help lists the arguments" >&2
      exit 2
      ;;
  esac
  shift
done

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
compiler=${CC:-gcc}

is_up_to_date() { # program, its sources
  local program=$1 source
  shift
  [[ -x $program ]] || return 1
  for source in "$@"; do
    [[ $program -nt $source ]] || return 1
  done
}

for kind in cpu ram idle; do
  program=$here/images/$kind/vigia-$kind
  source=$here/images/$kind/$kind.c
  # This script counts as a source because it holds the compiler's options.
  if [[ $force == false ]] &&
    is_up_to_date "$program" "$source" "$here/images/common.h" "${BASH_SOURCE[0]}"; then
    echo "vigia-$kind: up to date"
    continue
  fi
  if ! command -v "$compiler" >/dev/null; then
    echo "build-binaries: vigia-$kind must be compiled, and \"$compiler\" is not installed;" \
      "install it (apt-get install gcc libc6-dev) or set CC" >&2
    exit 1
  fi
  # Compiled under another name first: an interrupted run must not leave an incomplete program.
  unfinished=$program.$$.part
  trap 'rm -f -- "$unfinished"' EXIT
  if ! "$compiler" -std=gnu11 -O2 -Wall -Wextra -Werror -static -s -Wl,--build-id=none \
    -o "$unfinished" "$source"; then
    echo "build-binaries: $compiler could not compile $source; its messages are above" \
      "(\"cannot find -lc\" means: apt-get install libc6-dev)" >&2
    exit 1
  fi
  mv -- "$unfinished" "$program"
  echo "vigia-$kind: compiled"
done
