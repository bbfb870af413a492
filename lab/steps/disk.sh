#!/usr/bin/env bash
# Creates an ext4 disk image with the content of a directory and some free space.
# usage: disk.sh DIRECTORY IMAGE SPARE_MB
set -euo pipefail

from=$1 image=$2 spare=$3
used=$(du -sm --apparent-size "$from" | cut -f1)
rm -f "$image"
truncate -s "$((used * 6 / 5 + spare))M" "$image"
# No journal, because the disk is discarded; no zeroing, because the file is new.
mke2fs -q -t ext4 -d "$from" -m 0 -O '^has_journal' \
  -E lazy_itable_init=1,assume_storage_prezeroed=1,root_owner=0:0 "$image"
