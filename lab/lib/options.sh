# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# The command line of the lab.

usage() {
  cat <<'END'
vigia lab: the whole system in a throw-away virtual machine (Debian, QEMU)

usage: vigia lab [OPTION…]
       vigia lab --run COMMAND [--then COMMAND…] [OPTION…]

Without --run the machine stays up, the daemon's log on the terminal and its
page on a local port, until Ctrl-C powers it off.

  --run COMMAND         run COMMAND inside (root, /opt/vigia, bash -lc) after the
                        daemon's first cycle; its output and exit code are ours
  --then COMMAND        reboot the machine, then run COMMAND as well (repeatable)
  --no-daemon           do not start the daemon; --run then waits for Docker only
  --kernel NAME         kernel and Debian of the machine: 5.10, 6.1, 6.12, 7.x
                        (default 6.12; lab/kernels.txt says where they come from)
  --cgroup VERSION      v2 (default) or v1: which hierarchy systemd and Docker use
  --port N              local port of the page (default 8080; next free if taken)
  --memory MB           memory of the machine (default 4096)
  --cpus N              processors of the machine (default 2)
  --timeout SECONDS     give up after so long; exit code 124
  --copy-out FROM:TO    copy the machine's FROM to the local TO before power-off
                        (repeatable)
  --count-instructions  emulate one processor whose clock goes on by 1 ns with
                        each instruction: CPU times are instruction counts, and
                        the same on a busy host
  --newer-kernel NAME   lay the Debian packages of another kernel in
                        /opt/vigia/newer-kernel, to try an upgrade with
  --payload FILE        lay the local FILE in /opt/vigia/payload (repeatable)
  --rebuild             build the machine anew, not from the cache
  --help                this text

exit codes: 0 fine · 1 the machine, the daemon or the kernel failed · 2 wrong
option · 124 time is up · 130, 143 interrupted · with --run, the command's own

examples:
  vigia lab                                     look at it: http://127.0.0.1:8080/
  vigia lab --run './vigia status'
  vigia lab --no-daemon --run 'docker info'
  vigia lab --kernel 5.10 --cgroup v1 --run './vigia status'
  vigia lab --run './vigia events --json >/tmp/e.json' --copy-out /tmp/e.json:.
END
}

wrong_option() {
  printf 'vigia lab: %s\n  vigia lab --help lists the options\n' "$1" >&2
  exit 2
}

command='' with_command=false with_daemon=true rebuild=false count_instructions=false
kernel=6.12 cgroup=v2 newer_kernel='' port=8080 memory=4096 cpus=2 timeout=0
copies=() more_commands=() payloads=()

read_options() {
  while (($# > 0)); do
    case $1 in
      --run | --then | --payload | --kernel | --newer-kernel | --cgroup | --port | --memory | --cpus | --timeout | --copy-out)
        (($# > 1)) || wrong_option "$1 needs a value"
        read_value "$1" "$2"
        shift
        ;;
      --run=* | --then=* | --payload=* | --kernel=* | --newer-kernel=* | --cgroup=* | --port=* | --memory=* | --cpus=* | --timeout=* | --copy-out=*)
        read_value "${1%%=*}" "${1#*=}"
        ;;
      --no-daemon) with_daemon=false ;;
      --count-instructions) count_instructions=true ;;
      --rebuild) rebuild=true ;;
      -h | --help) usage && exit 0 ;;
      *) wrong_option "unknown option: $1" ;;
    esac
    shift
  done
}

read_value() { # OPTION VALUE
  case $1 in
    --run) command=$2 with_command=true ;;
    --then) more_commands+=("$2") ;;
    --payload)
      [[ -f $2 ]] || wrong_option "--payload: there is no file $2"
      payloads+=("$2")
      ;;
    --kernel | --newer-kernel)
      kernel_names | grep -qxF -- "$2" || wrong_option "$1 wants one of $(kernel_names | paste -sd' '), not: $2"
      if [[ $1 == --kernel ]]; then kernel=$2; else newer_kernel=$2; fi
      ;;
    --cgroup)
      [[ $2 == v[12] ]] || wrong_option "--cgroup wants v1 or v2, not: $2"
      cgroup=$2
      ;;
    --copy-out)
      [[ $2 == ?*:?* ]] || wrong_option "--copy-out wants FROM:TO, not: $2"
      copies+=("$2")
      ;;
    *)
      [[ $2 =~ ^[1-9][0-9]{0,5}$ ]] || wrong_option "$1 wants a whole number above 0, not: $2"
      declare -g "${1#--}=$2"
      ;;
  esac
}
