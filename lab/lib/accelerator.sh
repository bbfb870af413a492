# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# Chooses KVM if it works, else emulation. Being able to open /dev/kvm is not enough,
# because nested virtualisation can hang a guest: the machine's kernel is booted on it
# once, up to guest/init, and the result is cached.

choose_accelerator() {
  counting=() cpu=max
  if $count_instructions; then
    accelerator=tcg,thread=single cpus=1
    counting=(-icount shift=0)
    # The emulator counts one instruction for each byte of "rep movsb", unlike a
    # processor. Without these two features the kernel copies with ordinary loops.
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
    progress 'testing KVM (at most 15 s, only once)'
    local answer=no
    ! kvm_boots || answer=yes
    printf '%s\n%s\n' "$host" "$answer" >"$kept.$$"
    mv "$kept.$$" "$kept"
  fi
  [[ $(tail -n 1 "$kept") == yes ]]
}

kvm_boots() {
  exec_helper qemu-system-x86_64 -machine q35 -accel kvm -cpu max -smp "$cpus" -m 512 \
    -nodefaults -no-user-config -display none -no-reboot -monitor none \
    -kernel "$base/vmlinuz" -initrd "$base/initrd.img" \
    -append 'console=ttyS0 panic=-1 vigia.probe' \
    -serial "file:$run/probe.log" </dev/null >"$run/probe.err" 2>&1 &
  local pid=$!
  children["$pid"]=probe
  wait_child_at_most "$pid" 15 || {
    kill -KILL "$pid"
    reap "$pid"
  }
  grep -qs vigia-probe-ok "$run/probe.log"
}
