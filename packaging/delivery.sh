#!/usr/bin/env bash
# Builds dist/proyecto-1.tar.gz: the project in the folders that the assignment names, with both modules compiled for
# the lab's kernel beside their sources. Unpacked into a Git repository and committed, it is complete: nothing that
# belongs to it is ignored there. Symbolic links keep the folder names of this repository, so that `sudo ./vigia up`
# runs in it. The tests and the lab are not delivered.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: packaging/delivery.sh [--modules DIR] [--without-pdf] [--output DIR] [--help]

  --modules DIR   take continfo_so1.ko, sysinfo_so1.ko and KERNEL (the release that they are for) from DIR
                  instead of compiling the modules for the lab's kernel
  --without-pdf   render the manuals as HTML only; needs no Chromium
  --output DIR    where proyecto-1/ and proyecto-1.tar.gz are written (default dist)

Example: packaging/delivery.sh && tar --extract --file dist/proyecto-1.tar.gz --directory ~/my-repository
TEXT
}

reject() {
  echo "packaging/delivery.sh: $*; --help shows the usage" >&2
  exit 2
}

modules='' output='' rendering=()
while (($# > 0)); do
  case $1 in
    --modules | --output)
      [[ -n ${2:-} ]] || reject "$1 needs a directory after it"
      if [[ $1 == --modules ]]; then modules=$(realpath -m "$2"); else output=$(realpath -m "$2"); fi
      shift
      ;;
    --without-pdf) rendering=(--html-only) ;;
    --help | -h)
      usage
      exit 0
      ;;
    *) reject "unknown argument \"$1\"" ;;
  esac
  shift
done

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export LC_ALL=C
node=$root/node_modules/node/bin/node
output=${output:-$root/dist}
stage=$output/proyecto-1
rm -rf "$stage"
mkdir -p "$stage/bash"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat --format %Y package.json)}

# Every folder of this repository that is delivered, and its name there.
declare -A folders=(
  [kernel]=modulo-kernel
  [daemon]=go-daemon
  [scripts]=bash/scripts
  [workload]=bash/workload
  [dashboards]=dashboard
  [docs]=documentacion
  [page]=page
  [contract]=contract
)

# Files that Git tracks or would track: build products and private files stay behind. A .gitignore of this repository
# would hide the .ko files from the other one, so the delivery has its own.
tracked() {
  git -c safe.directory='*' ls-files -z --cached --others --exclude-standard -- "$@" ':!:*.gitignore'
}

for folder in "${!folders[@]}"; do
  target=$stage/${folders[$folder]}
  mkdir -p "$target"
  tracked "$folder" |
    tar --create --null --files-from=- | tar --extract --directory="$target" --strip-components=1 --no-same-owner
  # The programs look for each other under the names of this repository.
  [[ -e $stage/$folder ]] || ln -s "${folders[$folder]}" "$stage/$folder"
done
# Where the scripts look for the modules when they are started as bash/scripts/….
ln -s ../modulo-kernel "$stage/bash/kernel"

# README.md is about this repository; LEEME.md takes its place.
tracked ':(glob)*.md' ':!:README.md' | xargs -0 cp --target-directory "$stage"
cp vigia package-lock.json tsconfig.json LICENSE packaging/LEEME.md "$stage/"
cp packaging/delivery.gitignore "$stage/.gitignore"
names=()
for folder in "${!folders[@]}"; do names+=("$folder=${folders[$folder]}"); done
"$node" packaging/delivery-names.mjs "$stage" "${names[@]}"

"$node" packaging/manuals.mjs "$stage/documentacion" ${rendering[@]+"${rendering[@]}"}
"$node" node_modules/vite/bin/vite.js build --config page/vite.config.ts --logLevel error \
  --outDir "$stage/page/dist" --emptyOutDir
if [[ -n $modules ]]; then
  cp "$modules"/{continfo_so1.ko,sysinfo_so1.ko,KERNEL} "$stage/modulo-kernel/"
else
  lab/build-modules.sh 6.12 "$stage/modulo-kernel"
fi

archive=$output/proyecto-1.tar.gz
tar --create --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode='u=rwX,go=rX' \
  --directory="$output" proyecto-1 | gzip -9n >"$archive"
echo "$archive: $(($(stat --format %s "$archive") / 1024)) KB, modules for $(<"$stage/modulo-kernel/KERNEL")"
