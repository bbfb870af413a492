#!/usr/bin/env bash
# Fills Node's compile cache for the daemon, in the machine's root directory but on this host: under emulation the
# compilation would take the first ten seconds.
# usage: compile-cache.sh ROOT STAGE
set -euo pipefail

root=$1 stage=$2
[[ -d $stage/daemon/src/cli ]] || exit 0

# These mounts are in the mount namespace of this step and end with it.
mount --bind "$stage" "$root/opt/vigia"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"

in_chroot() {
  chroot "$root" /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8 PATH=/usr/local/bin:/usr/bin:/bin \
    NODE_COMPILE_CACHE=/opt/vigia/node_modules/.cache/compile "$@" </dev/null
}

in_chroot /opt/vigia/vigia --help >/dev/null
# shellcheck disable=SC2016 # JavaScript, not shell
in_chroot node --disable-warning=ExperimentalWarning --input-type=module --eval '
  import { globSync } from "node:fs";
  const files = globSync(["daemon/src/app/{up,serve}.ts", "daemon/src/cli/*.ts"], { cwd: "/opt/vigia", exclude: ["**/vigia.ts"] });
  for (const file of files) await import(`/opt/vigia/${file}`);
'

# Node has one cache folder per user. The page runs as user vigia, the loop as root.
cache=$stage/node_modules/.cache/compile
page_user=$(awk -F: '$1 == "vigia" { print $3 }' "$root/etc/passwd")
for folder in "$cache"/*-0; do
  [[ -z $page_user || ! -d $folder ]] || cp -r "$folder" "${folder%-0}-$page_user"
done
