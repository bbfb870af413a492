#!/usr/bin/env bash
# Installs Debian packages that only the tests need: programs, not services. New services are neither started nor left
# enabled; services that were there before are not changed.
# usage: tests/install-packages.sh PACKAGE…     as root
set -euo pipefail

# Debian's maintainer scripts ask this file whether a service may be started. The variable is for the test of this
# script.
policy=${VIGIA_POLICY_RC:-/usr/sbin/policy-rc.d}
installed() { dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}\n' | sed -n 's/^ii *//p' | sort; }

if [[ ! -e $policy ]]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
before=$(installed)
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null
apt-get install -y -qq --no-install-recommends "$@" >/dev/null

mapfile -t new < <(comm -13 <(echo "$before") <(installed))
((${#new[@]} > 0)) || exit 0
echo "installed: ${new[*]}"
dpkg-query --listfiles "${new[@]}" | sed -nE 's,^(/usr)?/lib/systemd/system/([^/@]+\.(service|socket|timer|path))$,\2,p' |
  while read -r unit; do
    [[ $(systemctl is-enabled "$unit" 2>/dev/null) == enabled ]] || continue
    systemctl disable --quiet "$unit"
    echo "not enabled: $unit"
  done
