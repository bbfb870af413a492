#!/usr/bin/env bash
# Runs a command with a Docker engine: the one that already runs, or a temporary one.
# Runs are serialised: two at once would remove each other's containers, and the first to end would stop the engine.
set -euo pipefail

exec {turn}>/run/vigia-with-engine.lock
flock --nonblock "$turn" || { echo 'with-engine: waiting for another run to end' >&2; flock "$turn"; }

answers() { curl --silent --fail --max-time 5 --unix-socket /var/run/docker.sock http://docker/_ping >/dev/null; }

if answers; then
  # The daemon under test manages every managed container of its engine: none may belong to another user.
  if [[ -n $(docker ps --quiet --filter label=vigia.managed=true) ]]; then
    echo 'with-engine: managed containers (label vigia.managed=true) run on this host, and the tests would remove them.' >&2
    echo "with-engine: stop Vigía, remove them (docker rm -f \$(docker ps -qf label=vigia.managed=true)), and try again." >&2
    exit 1
  fi
else
  log=$(mktemp)
  dockerd >"$log" 2>&1 {turn}>&- &
  engine=$!
  trap 'kill "$engine" 2>/dev/null; wait "$engine" 2>/dev/null; rm -f "$log"' EXIT
  for _ in $(seq 600); do
    answers && break
    if ! kill -0 "$engine" 2>/dev/null; then
      echo 'with-engine: dockerd ended before it answered:' >&2
      tail -5 "$log" >&2
      exit 1
    fi
    sleep 0.2
  done
  answers || { echo 'with-engine: dockerd did not answer within 120 s' >&2; exit 1; }
fi
"$@" {turn}>&-
