# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# How the machine's kernel is started: by QEMU, or by UEFI firmware with Secure Boot on.

firmware_code=/usr/share/OVMF/OVMF_CODE_4M.ms.fd
# With Microsoft's keys, as most computers are sold.
firmware_variables=/usr/share/OVMF/OVMF_VARS_4M.ms.fd
# Any will do: who enrolled a key.
owner=605dab50-e046-4300-abb6-3dd810dd8b23

# How long the machine may take to come up. The firmware's interrupts cost an emulator dearly.
boot_seconds=180

# Installs what --secure-boot needs.
install_firmware() {
  $secure_boot || return 0
  boot_seconds=600
  "$lab/install.sh" "$firmware_code" ovmf mcopy mtools
  [[ -z $enrolled ]] || "$lab/install.sh" virt-fw-vars python3-virt-firmware
}

# Sets $machine_type and $boot, the options of QEMU that start the kernel with the given command line.
choose_boot() { # KERNEL_COMMAND_LINE
  machine_type=q35
  if ! $secure_boot; then
    boot=(-kernel "$base/vmlinuz" -initrd "$base/initrd.img" -append "$1")
    return
  fi
  local loader=$cache/boot-loader
  [[ -f $loader/grub.efi ]] || step 'fetching the signed boot loaders' "$lab/steps/boot-loader.sh" "$loader"
  # The firmware prints on every serial line, also on that of the events. Without "quiet" the kernel ends its last line.
  step 'writing the EFI system partition' "$lab/steps/esp.sh" "$loader" "$base" "${1/ quiet / }" "$run/esp.img"
  cp "$firmware_variables" "$run/firmware-variables.fd"
  [[ -z $enrolled ]] || step 'enrolling the key' \
    virt-fw-vars --inplace "$run/firmware-variables.fd" --add-mok "$owner" "$enrolled"
  # The firmware keeps the system from changing its keys by the system management mode.
  machine_type=q35,smm=on
  boot=(
    -global 'driver=cfi.pflash01,property=secure,value=on'
    -drive "if=pflash,unit=0,format=raw,readonly=on,file=$firmware_code"
    -drive "if=pflash,unit=1,format=raw,file=${run//,/,,}/firmware-variables.fd"
    # Not on virtio: the disks of the system are the first and the second there.
    -drive "if=none,id=esp,format=raw,snapshot=on,file=${run//,/,,}/esp.img"
    -device 'ide-hd,drive=esp,bootindex=0'
  )
}
