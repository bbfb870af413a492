#!/usr/bin/env bash
# Lets Node compile the daemon once, in the machine's own root directory but at this host's speed: under emulation the
# machine would spend its first ten seconds on it.
# usage: warm.sh ROOT STAGE
set -euo pipefail

root=$1 stage=$2
[[ -d $stage/daemon/src/cli ]] || exit 0

# These mounts belong to this step's own namespace and end with it.
mount --bind "$stage" "$root/opt/vigia"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"

inside() {
  chroot "$root" /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8 PATH=/usr/local/bin:/usr/bin:/bin \
    NODE_COMPILE_CACHE=/opt/vigia/node_modules/.cache/compile "$@" </dev/null
}

inside /opt/vigia/vigia --help >/dev/null
# shellcheck disable=SC2016 # that is JavaScript
inside node --disable-warning=ExperimentalWarning --input-type=module --eval '
  import { globSync } from "node:fs";
  const files = globSync(["daemon/src/app/{up,serve}.ts", "daemon/src/cli/*.ts"], { cwd: "/opt/vigia", exclude: ["**/vigia.ts"] });
  for (const file of files) await import(`/opt/vigia/${file}`);
'

# Node keeps a folder for each user; the page runs as another one than the loop.
cache=$stage/node_modules/.cache/compile
page_user=$(awk -F: '$1 == "vigia" { print $3 }' "$root/etc/passwd")
for folder in "$cache"/*-0; do
  [[ -z $page_user || ! -d $folder ]] || cp -r "$folder" "${folder%-0}-$page_user"
done
