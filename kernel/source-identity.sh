#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Prints a hash of everything that both modules are compiled from. Kbuild puts it into
# them (modinfo --field source_identity), so that the load script knows a module of
# older sources.
set -eu
export LC_ALL=C
cd "$(dirname "$0")"
{
	echo Kbuild
	find common compat continfo sysinfo -type f -name '*.[ch]'
} | sort | xargs sha256sum | sha256sum | cut -c 1-16
