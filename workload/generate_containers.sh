#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Starts ten random containers with random names. A front of spawn-containers.sh, which does the work.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: generate_containers.sh [OPTION ...]

Starts ten containers, each drawn at random from vigia/cpu (high CPU), vigia/ram (high RAM) and vigia/idle
(low). Every name is random and unique: vigia-<kind>-<time>-<number from /dev/urandom>-<n>.

It runs spawn-containers.sh --count 10 --force: the containers are started even while Vigía is not running.
Options are passed on to it:

  --seed N    the same seed draws the same kinds and sizes; the names still differ
  --dry-run   print the draw, start nothing
  --count N   another number of containers, 1 to 200

Example: sudo ./generate_containers.sh --dry-run
Exit codes and environment: those of spawn-containers.sh (--help there lists them)
TEXT
}

for argument in "$@"; do
  case $argument in
    --help | -h)
      usage
      exit 0
      ;;
  esac
done

# The real folder, also when this file is started through a symbolic link.
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
exec "$here/spawn-containers.sh" --count 10 --force "$@"
