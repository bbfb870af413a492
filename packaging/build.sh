#!/usr/bin/env bash
# Builds the Debian package dist/vigia_<version>_amd64.deb and its bill of materials, dist/vigia_<version>.cdx.json.
# Reproducible: the same sources on the same host give the same bytes.
# usage: packaging/build.sh [--version VERSION]     VERSION replaces that of package.json, to test an upgrade
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
node=$root/node_modules/node/bin/node
PATH=$root/node_modules/node/bin:$PATH
export LC_ALL=C

fail() {
  echo "packaging/build.sh: $*" >&2
  exit 1
}

[[ -x $node ]] || fail 'node_modules/node is missing: run "npm ci"'
for tool in dpkg-deb strip gcc make clang llvm-strip zstd npm; do
  command -v "$tool" >/dev/null ||
    fail "\"$tool\" is not installed: run \"apt-get install dpkg binutils gcc libc6-dev make clang llvm libbpf-dev libelf-dev zlib1g-dev zstd npm\""
done

version=$("$node" -p 'require("./package.json").version')
if [[ ${1:-} == --version && -n ${2:-} ]]; then
  version=$2
elif (($# > 0)); then
  fail "unknown arguments \"$*\"; the only option is --version VERSION"
fi
# The time of the last commit; without a Git history, the time of package.json.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat --format %Y package.json)}
export SOURCE_DATE_EPOCH

commit=$(git rev-parse --short=12 HEAD 2>/dev/null || true)

stage=dist/package
rm -rf "$stage"
mkdir -p "$stage/DEBIAN"
umask 022

# --- the executable -------------------------------------------------------------

"$node" packaging/bundle.mjs
# Node without its symbols, which makes it smaller.
strip -o dist/node "$node"
"$node" --build-sea packaging/executable.json >/dev/null
home=$stage/usr/lib/vigia
install -D dist/vigia "$home/vigia"
install -m 644 dist/record-thread.mjs dist/watch-thread.mjs dist/proc-thread.mjs "$home"
mkdir -p "$stage/usr/bin"
ln -s ../lib/vigia/vigia "$stage/usr/bin/vigia"

# --- files read at run time, in the folders of the work tree (layout/paths.ts) ----

# Copies each FILE, a path relative to FOLDER, to the same path below TARGET.
copy() { # MODE TARGET FOLDER FILE…
  local mode=$1 target=$2 from=$3 file
  shift 3
  for file in "$@"; do install -D -m "$mode" "$from/$file" "$target/$file"; done
}
below() { (cd "$1" && find . -type f "${@:2}" -printf '%P\n' | sort); }

echo "{ \"version\": \"$version\"${commit:+, \"commit\": \"$commit\"} }" >"$home/package.json"
mapfile -t files < <(below daemon/src -path './record/migrations/*.sql')
copy 644 "$home/daemon/src" daemon/src "${files[@]}"
mapfile -t files < <(below daemon/src -path './simulate/scenarios/*.json')
copy 644 "$home/daemon/src" daemon/src "${files[@]}"
copy 755 "$home" . scripts/load-modules.sh scripts/unload-modules.sh scripts/load-bpf.sh scripts/unload-bpf.sh workload/spawn-containers.sh \
  workload/generate_containers.sh workload/build-images.sh
mapfile -t files < <(below scripts/loading)
copy 644 "$home/scripts/loading" scripts/loading "${files[@]}"
mapfile -t files < <(below dashboards ! -path './secrets/*')
copy 644 "$home/dashboards" dashboards "${files[@]}"
npm run --silent --if-present build:page >/dev/null
if [[ -d page/dist ]]; then
  mapfile -t files < <(below page/dist)
  copy 644 "$home/page/dist" page/dist "${files[@]}"
fi
# The compiled programs of the workload: the host needs no compiler.
workload/build-binaries.sh >/dev/null
for kind in cpu ram idle; do
  copy 644 "$home/workload/images/$kind" "workload/images/$kind" Dockerfile .dockerignore
  copy 755 "$home/workload/images/$kind" "workload/images/$kind" "vigia-$kind"
done

# --- the modules, for DKMS --------------------------------------------------------

mapfile -t files < <(below kernel \( -name '*.[ch]' -o -name Kbuild -o -name Makefile -o -name source-identity.sh \) ! -name '*.mod.c' \
  ! -path './test/*' ! -path './usertest/*')
copy 644 "$stage/usr/src/vigia-$version" kernel "${files[@]}"
sed "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$version\"/" kernel/dkms.conf >"$stage/usr/src/vigia-$version/dkms.conf"

# --- the BPF program and its loader -------------------------------------------------

make --silent -C bpf clean all
copy 644 "$home/bpf/build" bpf/build tasks.bpf.o
copy 755 "$home/bpf/build" bpf/build load

# --- files outside /usr/lib/vigia ---------------------------------------------------

copy 644 "$stage/usr/lib/systemd/system" packaging/units vigia.service vigia-page.service vigia-modules.service \
  vigia-bpf.service vigia-notify.service
install -D -m 644 packaging/units/sysusers.conf "$stage/usr/lib/sysusers.d/vigia.conf"
install -D -m 644 packaging/modprobe.conf "$stage/usr/lib/modprobe.d/vigia.conf"
# The loop's unit makes this folder writable. It must exist even if cron is installed later.
mkdir -p "$stage/etc/cron.d"
# Empty: the configuration belongs to the host and may exist before the package. For a conffile dpkg would ask a
# question.
mkdir -p "$stage/etc/vigia"
mkdir -p "$stage/usr/share/man/man1"
"$node" packaging/man-page.mjs "$home/vigia" | gzip -9n >"$stage/usr/share/man/man1/vigia.1.gz"
complete() { # SHELL FILE
  "$home/vigia" completion "$1" >dist/completion 2>/dev/null || return 0
  install -D -m 644 dist/completion "$stage/usr/share/$2"
}
complete bash bash-completion/completions/vigia
complete zsh zsh/vendor-completions/_vigia
complete fish fish/vendor_completions.d/vigia.fish

doc=$stage/usr/share/doc/vigia
mkdir -p "$doc"
"$node" packaging/bill-of-materials.mjs "$version" >"dist/vigia_$version.cdx.json"
install -m 644 "dist/vigia_$version.cdx.json" "$doc/vigia.cdx.json"
"$node" packaging/copyright.mjs >"$doc/copyright"
gzip -9n <CHANGELOG.md >"$doc/changelog.gz"
copy 644 "$doc" docs manual-de-usuario.md manual-tecnico.md
copy 644 "$doc/examples" packaging/debian config.yaml

# --- the package ------------------------------------------------------------------

size=$(du -sk --apparent-size --exclude=DEBIAN "$stage" | cut -f1)
sed "s/@VERSION@/$version/; s/@INSTALLED_SIZE@/$size/" packaging/debian/control >"$stage/DEBIAN/control"
copy 644 "$stage/DEBIAN" packaging/debian templates
for script in postinst prerm postrm; do
  sed "s/@VERSION@/$version/" "packaging/debian/$script" >"$stage/DEBIAN/$script"
  chmod 755 "$stage/DEBIAN/$script"
done
(cd "$stage" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum) >"$stage/DEBIAN/md5sums"
find "$stage" -type d -exec chmod 755 {} +
package=dist/vigia_${version}_amd64.deb
dpkg-deb --root-owner-group -Zzstd -z10 --threads-max=1 --build "$stage" "$package" >/dev/null
echo "$package: $(($(stat --format %s "$package") / 1048576)) MB, $((size / 1024)) MB installed, SHA-256 $(sha256sum "$package" | cut -c1-64)"
