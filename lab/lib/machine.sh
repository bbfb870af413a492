# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# Starts the virtual machine, connects to it and stops it.

start_machine() {
  local attempt
  choose_accelerator
  progress "booting $kernel (${accelerator%%,*}, $cpus processors, $memory MB, cgroup $cgroup)"
  for attempt in 1 2 3; do
    ssh_port=$(free_port $((20000 + (RANDOM + $$) % 30000)))
    launch
    pause 0.5
    alive "$machine" && return
    # Retry if another process has taken the port in between.
    grep -q 'host forwarding' "$run/qemu.log" || break
  done
  cat "$run/qemu.log" >&2
  die 'QEMU did not start'
}

launch() {
  local line="console=ttyS0 quiet loglevel=5 panic=-1 psi=1 log_buf_len=4M systemd.show_status=false"
  $with_daemon || line+=' vigia.nodaemon'
  [[ $cgroup == v2 ]] || line+=' systemd.unified_cgroup_hierarchy=0'
  [[ -z $lockdown ]] || line+=" lockdown=$lockdown"
  choose_boot "$line"
  : >"$events"
  # A kernel panic resets the machine. Power off instead, unless --then needs a reboot.
  local on_reset=(-no-reboot)
  ((${#more_commands[@]} == 0)) || on_reset=()
  local drive='if=virtio,format=raw,snapshot=on,cache=unsafe'
  # "snapshot" redirects writes to an unnamed temporary file. "restrict" isolates the
  # machine from all networks.
  TMPDIR=$run exec_helper qemu-system-x86_64 -name vigia-lab -sandbox on,spawn=deny \
    -machine "$machine_type" -accel "$accelerator" "${counting[@]}" -cpu "$cpu" -smp "$cpus" -m "$memory" \
    -nodefaults -no-user-config -display none "${on_reset[@]}" -monitor none \
    "${boot[@]}" \
    -drive "file=${base//,/,,}/disk.img,$drive" \
    -drive "file=${run//,/,,}/payload.img,$drive" \
    -nic "user,model=virtio-net-pci,restrict=on,hostfwd=tcp:127.0.0.1:$ssh_port-:22" \
    -device virtio-rng-pci \
    -serial "file:$console" -serial "file:$events" </dev/null >"$run/qemu.log" 2>&1 &
  machine=$!
  children["$machine"]=machine
}

# Reboots the machine and reconnects. What was written to its disks is kept.
reboot_machine() {
  local connections end=$((SECONDS + 300))
  connections=$(grep -c '^ssh up' "$events")
  progress 'rebooting'
  in_machine 'systemctl reboot' 2>/dev/null || true
  ssh -F "$run/ssh_config" -O exit vigia-lab 2>/dev/null || true
  until (($(grep -c '^ssh up' "$events") > connections)); do
    alive "$machine" || boot_failed 'the machine is off'
    ((SECONDS < end)) || boot_failed 'the machine did not come up after the reboot'
    pause 0.2
  done
  connect
}

# Waits for a line that the machine sends on the second serial line, such as "docker up".
wait_for_event() { # EVENT SECONDS
  local end=$((SECONDS + $2)) unit=${1%% *}
  until grep -q "^$1" "$events"; do
    ! grep -q "^$unit down" "$events" || boot_failed "$unit failed in the machine"
    alive "$machine" || boot_failed 'the machine is off'
    ((SECONDS < end)) || boot_failed "no event \"$1\" within $2 s"
    pause 0.2
  done
}

boot_failed() { # WHY
  tail -n 25 "$console" | tr -d '\r' >&2
  die "$1" "console: $console"
}

connect() {
  local end=$((SECONDS + 60))
  write_ssh_configuration
  exec_helper ssh -F "$run/ssh_config" -M -N vigia-lab </dev/null >"$run/ssh.log" 2>&1 &
  children[$!]=connection
  until ssh -F "$run/ssh_config" -O check vigia-lab 2>/dev/null; do
    alive "$machine" || boot_failed 'the machine is off'
    ((SECONDS < end)) || boot_failed "no SSH connection: $(cat "$run/ssh.log")"
    pause 0.2
  done
}

write_ssh_configuration() {
  cat >"$run/ssh_config" <<END
Host vigia-lab
  HostName 127.0.0.1
  Port $ssh_port
  User root
  HostKeyAlias vigia-lab
  IdentityFile "$base/ssh/key"
  IdentitiesOnly yes
  UserKnownHostsFile "$base/ssh/known_hosts"
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  PasswordAuthentication no
  KexAlgorithms curve25519-sha256
  ControlPath "$sockets/ssh"
  ServerAliveInterval 30
  ServerAliveCountMax 10
  LogLevel ERROR
END
}

in_machine() { # COMMAND…
  ssh -F "$run/ssh_config" vigia-lab "$@" </dev/null
}

# Forwards the daemon's page to a local port. Retries, because another process may take
# a free port before SSH binds it.
forward_page() {
  local attempt
  for attempt in 1 2 3 4 5; do
    port=$(free_port "$port") || die 'no free local port'
    if ssh -F "$run/ssh_config" -O forward -L "127.0.0.1:$port:127.0.0.1:8080" vigia-lab 2>/dev/null; then
      return
    fi
    port=$((port + 1))
  done
  die 'cannot forward the page'
}

# Stops the daemon through its systemd unit, saves the kernel log and powers off. Does not
# stop the containers, because the disks are discarded.
stop_machine() {
  progress 'powering off'
  in_machine 'systemctl stop vigia.service; dmesg --notime' >"$run/kernel.log" ||
    note 'the machine does not respond'
  [[ $phase != interactive ]] || print_rest_of_journal
  ! grep -q '^vigia down timeout' "$events" ||
    note 'the daemon did not stop in time and was killed'
  in_machine 'systemctl poweroff --force' 2>/dev/null || true
  wait_child_at_most "$machine" 30 || {
    note 'the machine did not power off within 30 s; killing it'
    kill -KILL "$machine"
    reap "$machine"
  }
}

# Fails if the kernel log or the console contains warnings, and prints them.
kernel_log_is_clean() {
  local complaints
  complaints=$(kernel_warnings "$run/kernel.log" "$console")
  [[ -n $complaints ]] || return 0
  printf 'vigia lab: warnings in the kernel log:\n%s\n  console: %s\n' "$complaints" "$console" >&2
  return 1
}
