#!/usr/bin/env bash
# Installs the package in a fresh lab machine, changes the carnet, reboots, upgrades and purges. Output and exit code
# are those of the tests.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
version=$(node_modules/node/bin/node -p 'require("./package.json").version')
packaging/build.sh >&2
# The same package with a higher version, for the upgrade.
packaging/build.sh --version "$version+next" >&2

# Node runs the files in the order of their names.
in_machine() { # TEST ...
  echo "exec node --test --test-concurrency=1 $(printf 'tests/package/%s.test.ts ' "$@")"
}
exec lab/lab.sh --no-daemon --timeout 3000 \
  --payload "dist/vigia_${version}_amd64.deb" --payload "dist/vigia_$version+next_amd64.deb" \
  --run "$(in_machine 1-install 2-carnet)" --then "$(in_machine 3-upgrade-and-purge)"
