#!/usr/bin/env bash
# Writes an EFI system partition that boots the machine's kernel the way an installed Debian does: firmware, shim, GRUB,
# kernel, each verified by the one before. Needs neither root nor mounts.
# usage: esp.sh BOOT_LOADER_FOLDER IMAGE_FOLDER KERNEL_COMMAND_LINE ESP
set -euo pipefail

loader=$1 image=$2 line=$3 esp=$4
# GRUB would expand them.
[[ $line != *[\$\'\"]* ]] || { echo 'the kernel command line has quotes or dollars' && exit 1; }

rm -f "$esp"
truncate -s 128M "$esp"
mformat -i "$esp" -F ::
mmd -i "$esp" ::/EFI ::/EFI/BOOT ::/EFI/debian
mcopy -i "$esp" "$loader/shim.efi" ::/EFI/BOOT/BOOTX64.EFI
mcopy -i "$esp" "$loader/grub.efi" ::/EFI/BOOT/grubx64.efi
mcopy -i "$esp" "$image/vmlinuz" "$image/initrd.img" ::/
printf 'linux /vmlinuz %s\ninitrd /initrd.img\nboot\n' "$line" | mcopy -i "$esp" - ::/EFI/debian/grub.cfg
