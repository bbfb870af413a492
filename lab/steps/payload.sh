#!/usr/bin/env bash
# Copies the content of /opt/vigia: the work tree as listed by git (with uncommitted
# files, without ignored ones), the built page and the run-time packages.
# usage: payload.sh TREE STAGE NODE
set -euo pipefail

tree=$1 stage=$2 node=$3
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$stage"
cd "$tree"

files_of_the_tree() {
  if [[ -e .git ]]; then
    git -c safe.directory='*' ls-files -z --cached --others --exclude-standard
  else
    find . -path ./.git -prune -o -path ./node_modules -prune -o -type f -print0
  fi
}

# Skips files that are in the index but deleted in the work tree, and directories.
files_of_the_tree | while IFS= read -r -d '' file; do
  [[ -d $file && ! -L $file || ! -e $file && ! -L $file ]] || printf '%s\0' "$file"
done | tar --create --null --files-from=- --owner=0 --group=0 |
  tar --extract --directory="$stage" --no-same-owner

# Builds the page here, because its build tools are not run-time packages.
(cd "$tree" && "$node" node_modules/vite/bin/vite.js build --config page/vite.config.ts --logLevel warn)
mkdir -p "$stage/page"
cp -r page/dist "$stage/page/"

# One object fits every kernel, and its loader is linked statically: both are built here, too.
make --silent -C bpf
mkdir -p "$stage/bpf"
cp -r bpf/build "$stage/bpf/"

"$node" "$here/runtime-packages.mjs" "$tree" | while IFS= read -r folder; do
  [[ -d $folder ]] || { echo "missing: $folder (run: npm ci)" && exit 1; }
  mkdir -p "$stage/$folder"
  cp -r --preserve=mode,timestamps,links "$folder/." "$stage/$folder/"
done

# The launcher looks for Node in node_modules: link to the machine's.
mkdir -p "$stage"/node_modules/{.bin,node/bin}
ln -sfn /usr/local/bin/node "$stage/node_modules/.bin/node"
ln -sfn /usr/local/bin/node "$stage/node_modules/node/bin/node"
