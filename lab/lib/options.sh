# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# Parses the command line of the lab.

usage() {
  cat <<'END'
vigia lab: run the whole system in a temporary virtual machine (Debian, QEMU)

usage: vigia lab [OPTION…]
       vigia lab --run COMMAND [--then COMMAND…] [OPTION…]

Without --run the machine runs until Ctrl-C. The daemon's log is printed on the
terminal and its web page is available on a local port.

  --run COMMAND         run COMMAND in the machine (as root, in /opt/vigia, bash
                        -lc) after the daemon's first cycle; its output and exit
                        code are passed on
  --then COMMAND        reboot the machine, then run COMMAND (repeatable)
  --no-daemon           do not start the daemon; --run only waits for Docker
  --kernel NAME         kernel and Debian release of the machine: 5.10, 6.1, 6.12,
                        7.x (default 6.12; see lab/kernels.txt)
  --cgroup VERSION      cgroup version for systemd and Docker: v2 (default) or v1
  --secure-boot         boot by UEFI firmware with Secure Boot on, from Debian's signed
                        boot loaders; the kernel then takes signed modules only
  --enrol CERTIFICATE   with --secure-boot: the machine's owner has enrolled this key
                        (PEM), as the blue screen after mokutil does
  --lockdown LEVEL      lock the kernel down: integrity or confidentiality
  --port N              local port of the web page (default 8080; the next free one
                        if it is in use)
  --memory MB           memory of the machine (default 4096)
  --cpus N              processors of the machine (default 2)
  --timeout SECONDS     stop after this time with exit code 124
  --copy-out FROM:TO    copy FROM in the machine to the local TO before power-off
                        (repeatable)
  --count-instructions  emulate one processor whose clock advances by 1 ns with
                        each instruction: CPU times become instruction counts,
                        which do not depend on the load of the host
  --newer-kernel NAME   provide the Debian packages of another kernel in
                        /opt/vigia/newer-kernel, to test an upgrade
  --payload FILE        copy the local FILE to /opt/vigia/payload (repeatable)
  --rebuild             rebuild the machine image instead of using the cached one
  --help                print this text

exit codes: 0 success · 1 the machine, the daemon or the kernel failed · 2 usage
error · 124 timeout · 130, 143 interrupted · with --run, that of the command

examples:
  vigia lab                                     web page: http://127.0.0.1:8080/
  vigia lab --run './vigia status'
  vigia lab --no-daemon --run 'docker info'
  vigia lab --kernel 5.10 --cgroup v1 --run './vigia status'
  vigia lab --run './vigia events --json >/tmp/e.json' --copy-out /tmp/e.json:.
END
}

usage_error() {
  printf 'vigia lab: %s\n  vigia lab --help lists the options\n' "$1" >&2
  exit 2
}

command='' with_command=false with_daemon=true rebuild=false count_instructions=false
kernel=6.12 cgroup=v2 newer_kernel='' secure_boot=false enrolled='' lockdown='' port=8080 memory=4096 cpus=2 timeout=0
copies=() more_commands=() payloads=()

read_options() {
  while (($# > 0)); do
    case $1 in
      --run | --then | --payload | --kernel | --newer-kernel | --cgroup | --enrol | --lockdown | --port | --memory | --cpus | --timeout | --copy-out)
        (($# > 1)) || usage_error "$1 needs a value"
        read_value "$1" "$2"
        shift
        ;;
      --run=* | --then=* | --payload=* | --kernel=* | --newer-kernel=* | --cgroup=* | --enrol=* | --lockdown=* | --port=* | --memory=* | --cpus=* | --timeout=* | --copy-out=*)
        read_value "${1%%=*}" "${1#*=}"
        ;;
      --no-daemon) with_daemon=false ;;
      --secure-boot) secure_boot=true ;;
      --count-instructions) count_instructions=true ;;
      --rebuild) rebuild=true ;;
      -h | --help) usage && exit 0 ;;
      *) usage_error "unknown option: $1" ;;
    esac
    shift
  done
}

read_value() { # OPTION VALUE
  case $1 in
    --run) command=$2 with_command=true ;;
    --then) more_commands+=("$2") ;;
    --payload)
      [[ -f $2 ]] || usage_error "--payload: file not found: $2"
      payloads+=("$2")
      ;;
    --kernel | --newer-kernel)
      kernel_names | grep -qxF -- "$2" || usage_error "$1 must be one of $(kernel_names | paste -sd' '), not: $2"
      if [[ $1 == --kernel ]]; then kernel=$2; else newer_kernel=$2; fi
      ;;
    --cgroup)
      [[ $2 == v[12] ]] || usage_error "--cgroup must be v1 or v2, not: $2"
      cgroup=$2
      ;;
    --enrol)
      [[ -f $2 ]] || usage_error "--enrol: file not found: $2"
      enrolled=$2
      ;;
    --lockdown)
      [[ $2 == integrity || $2 == confidentiality ]] ||
        usage_error "--lockdown must be integrity or confidentiality, not: $2"
      lockdown=$2
      ;;
    --copy-out)
      [[ $2 == ?*:?* ]] || usage_error "--copy-out must be FROM:TO, not: $2"
      copies+=("$2")
      ;;
    *)
      [[ $2 =~ ^[1-9][0-9]{0,5}$ ]] || usage_error "$1 must be a positive integer, not: $2"
      declare -g "${1#--}=$2"
      ;;
  esac
}
