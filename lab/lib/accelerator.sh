# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# KVM where it really works, emulation elsewhere. A /dev/kvm that opens is not
# enough (nested virtualisation can hang a guest), so the machine's own kernel
# is booted on it once, as far as our start-up program; the answer is kept.

choose_accelerator() {
  counting=() cpu=max
  if $count_instructions; then
    accelerator=tcg,thread=single cpus=1
    counting=(-icount shift=0)
    # The emulator counts "rep movsb" once a byte, a processor once a kilobyte:
    # without these two the kernel copies and clears with ordinary loops.
    cpu=max,-erms,-fsrm
  elif [[ -n ${VIGIA_LAB_ACCELERATOR:-} ]]; then
    accelerator=$VIGIA_LAB_ACCELERATOR
  elif kvm_works; then
    accelerator=kvm
  else
    accelerator=tcg,thread=multi
  fi
}

kvm_works() {
  local kept=$base/kvm-works host
  [[ -r /dev/kvm && -w /dev/kvm ]] || return 1
  host="$(uname -rv) $(qemu-system-x86_64 --version | head -n 1)"
  if [[ ! -f $kept || $(head -n 1 "$kept") != "$host" ]]; then
    progress 'trying KVM (at most 15 s, once)'
    local answer=no
    ! kvm_boots || answer=yes
    printf '%s\n%s\n' "$host" "$answer" >"$kept.$$"
    mv "$kept.$$" "$kept"
  fi
  [[ $(tail -n 1 "$kept") == yes ]]
}

kvm_boots() {
  companion qemu-system-x86_64 -machine q35 -accel kvm -cpu max -smp "$cpus" -m 512 \
    -nodefaults -no-user-config -display none -no-reboot -monitor none \
    -kernel "$base/vmlinuz" -initrd "$base/initrd.img" \
    -append 'console=ttyS0 panic=-1 vigia.probe' \
    -serial "file:$run/probe.log" </dev/null >"$run/probe.err" 2>&1 &
  local pid=$!
  children[pid]=probe
  await_at_most "$pid" 15 || {
    kill -KILL "$pid"
    forget "$pid"
  }
  grep -qs vigia-probe-ok "$run/probe.log"
}
