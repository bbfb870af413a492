#!/usr/bin/env bash
# Builds dist/proyecto-1.tar.gz: the project in the folders that the assignment names (ARCHITECTURE.md maps them), both
# modules compiled for the lab's kernel beside their sources. Links keep the names of the work tree, so that
# `sudo ./vigia up` runs in it; tests and lab stay in the repository.
# usage: packaging/delivery.sh
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export LC_ALL=C
stage=dist/proyecto-1
rm -rf "$stage"
mkdir -p "$stage/bash"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat --format %Y package.json)}

# What git knows, never what was built or written beside it.
take() { # FOLDER TARGET
  mkdir -p "$stage/$2"
  git -c safe.directory='*' ls-files -z --cached --others --exclude-standard -- "$1" |
    tar --create --null --files-from=- | tar --extract --directory="$stage/$2" --strip-components=1 --no-same-owner
}
take kernel modulo-kernel
take daemon daemon
take scripts bash/scripts
take workload bash/workload
take dashboards dashboard
take docs documentacion
take contract contract
# To be read without a tool: the same as HTML and PDF.
"$root/node_modules/node/bin/node" packaging/manuals.mjs "$stage/documentacion"
# The page's sources, and the page as Vite builds it from them.
if [[ -d page ]]; then
  take page daemon/page
  npm run --silent --if-present build:page >/dev/null
  [[ ! -d page/dist ]] || cp -r page/dist "$stage/daemon/page/"
  ln -s daemon/page "$stage/page"
fi
cp vigia package.json package-lock.json LICENSE "$stage/"
cp packaging/LEEME.md "$stage/"

ln -s modulo-kernel "$stage/kernel"
ln -s bash/scripts "$stage/scripts"
ln -s bash/workload "$stage/workload"
ln -s dashboard "$stage/dashboards"
ln -s documentacion "$stage/docs"
# Where the scripts look for the modules when they are started by the names of the assignment.
ln -s ../modulo-kernel "$stage/bash/kernel"

lab/build-modules.sh 6.12 "$stage/modulo-kernel"

tar --create --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode='u=rwX,go=rX' \
  --directory=dist proyecto-1 | gzip -9n >dist/proyecto-1.tar.gz
echo "dist/proyecto-1.tar.gz: $(($(stat --format %s dist/proyecto-1.tar.gz) / 1024)) KB, modules for $(<"$stage/modulo-kernel/KERNEL")"
