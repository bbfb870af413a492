#!/usr/bin/env bash
# Compiles both kernel modules for a lab kernel with the compiler and headers of its machine, without booting it.
# Writes both .ko files into DIRECTORY, and the kernel release into DIRECTORY/KERNEL.
# usage: build-modules.sh KERNEL DIRECTORY
# shellcheck disable=SC2034 # variables shared with the library
set -euo pipefail

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(dirname "$lab")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vigia/lab
node=$tree/node_modules/node/bin/node
rebuild=false
kernel=$1 directory=$2

# shellcheck source=lib/progress.sh
source "$lab/lib/progress.sh"
# shellcheck source=lib/process.sh
source "$lab/lib/process.sh"
# shellcheck source=lib/kernels.sh
source "$lab/lib/kernels.sh"
# shellcheck source=lib/image.sh
source "$lab/lib/image.sh"

"$lab/install.sh"
open_scratch
trap close_scratch EXIT
ensure_image
mkdir "$run/stage"
cp -r "$tree/kernel" "$run/stage/"
rm -f "$run"/stage/kernel/*.ko
step 'compiling the modules' "$lab/steps/compile-native.sh" "$base/root" "$run/stage" "$base/native"
cp "$run"/stage/kernel/*_so1.ko "$directory/"
basename "$base"/root/lib/modules/* >"$directory/KERNEL"
