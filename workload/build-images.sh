#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the three workload images: vigia/cpu, vigia/ram, vigia/idle.
set -euo pipefail
# Cron and systemd set a short PATH, or none.
PATH="${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH

usage() {
  cat <<'TEXT'
Usage: build-images.sh [--force] [--help]

Compiles the programs if their sources and a compiler are installed, then builds vigia/cpu, vigia/ram and
vigia/idle. An image is not built again if its label vigia.source equals the digest of its Dockerfile and program;
--force builds all three. Without a compiler it uses the programs that are already compiled.

Example: build-images.sh --force

Environment: CC (default gcc), DOCKER_HOST
Exit codes:  0 all three images exist   1 something failed   2 bad arguments
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
      echo "build-images: unknown argument \"$1\"; --help lists the arguments" >&2
      exit 2
      ;;
  esac
  shift
done

fail() {
  echo "build-images: $*" >&2
  exit 1
}

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

# The Debian package contains the compiled programs and no sources.
if [[ -e $here/images/cpu/cpu.c ]] && command -v "${CC:-gcc}" >/dev/null; then
  "$here/build-binaries.sh" >/dev/null || fail "the programs could not be compiled; the reason is above"
fi
for kind in cpu ram idle; do
  [[ -x $here/images/$kind/vigia-$kind ]] ||
    fail "$here/images/$kind/vigia-$kind does not exist and no compiler is installed;" \
      "run \"apt-get install gcc libc6-dev\" and start this again"
done

command -v docker >/dev/null || fail 'the docker command is not installed; run "apt-get install docker.io"'
engine_error=$(timeout 20 docker version --format '{{.Server.Version}}' 2>&1 >/dev/null) ||
  fail "Docker's engine does not answer (${engine_error:-no answer within 20 s}); start it (systemctl start docker)"

# The classic builder, which is part of the engine: buildx is a separate package.
export DOCKER_BUILDKIT=0

build() {
  local kind=$1 image=vigia/$1 context=$here/images/$1 source present output
  source=$(cat -- "$context/Dockerfile" "$context/vigia-$kind" | sha256sum)
  source=${source%% *}
  present=$(docker image inspect --format '{{index .Config.Labels "vigia.source"}}' "$image" 2>/dev/null || true)
  if [[ $force == false && $present == "$source" ]]; then
    echo "$image: up to date"
    return
  fi
  output=$(docker build --tag "$image" --label "vigia.source=$source" "$context" 2>&1) || {
    printf '%s\n' "$output" >&2
    fail "docker could not build $image from $context; its messages are above"
  }
  echo "$image: built"
}

# In parallel: the steps of a build are short and leave the processor idle in between.
builds=()
for kind in cpu ram idle; do
  build "$kind" &
  builds+=($!)
done
outcome=0
for pid in "${builds[@]}"; do
  wait "$pid" || outcome=1
done
exit "$outcome"
