#!/usr/bin/env bash
# Prints the distribution's command to install each of the named things, a line each (see packages.sh).
set -euo pipefail
# shellcheck disable=SC2034 # packages.sh reads both
host_root=${VIGIA_HOST_ROOT:-} release=$(uname -r)
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=packages.sh
source "$here/packages.sh"
for name in "$@"; do how_to_install "$name"; done
