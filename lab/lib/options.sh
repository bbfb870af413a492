# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# The command line of the lab.

usage() {
  cat <<'END'
vigia lab: the whole system in a throw-away virtual machine (Debian 13, QEMU)

usage: vigia lab [OPTION…]
       vigia lab --run COMMAND [OPTION…]

Without --run the machine stays up, the daemon's log on the terminal and its
page on a local port, until Ctrl-C powers it off.

  --run COMMAND         run COMMAND inside (root, /opt/vigia, bash -lc) after the
                        daemon's first cycle; its output and exit code are ours
  --no-daemon           do not start the daemon; --run then waits for Docker only
  --port N              local port of the page (default 8080; next free if taken)
  --memory MB           memory of the machine (default 4096)
  --cpus N              processors of the machine (default 2)
  --timeout SECONDS     give up after so long; exit code 124
  --copy-out FROM:TO    copy the machine's FROM to the local TO before power-off
                        (repeatable)
  --count-instructions  emulate one processor whose clock goes on by 1 ns with
                        each instruction: CPU times are instruction counts, and
                        the same on a busy host
  --rebuild             build the machine anew, not from the cache
  --help                this text

exit codes: 0 fine · 1 the machine, the daemon or the kernel failed · 2 wrong
option · 124 time is up · 130, 143 interrupted · with --run, the command's own

examples:
  vigia lab                                     look at it: http://127.0.0.1:8080/
  vigia lab --run './vigia status'
  vigia lab --no-daemon --run 'docker info'
  vigia lab --run './vigia events --json >/tmp/e.json' --copy-out /tmp/e.json:.
END
}

wrong_option() {
  printf 'vigia lab: %s\n  vigia lab --help lists the options\n' "$1" >&2
  exit 2
}

command='' with_command=false with_daemon=true rebuild=false count_instructions=false
port=8080 memory=4096 cpus=2 timeout=0
copies=()

read_options() {
  while (($# > 0)); do
    case $1 in
      --run | --port | --memory | --cpus | --timeout | --copy-out)
        (($# > 1)) || wrong_option "$1 needs a value"
        read_value "$1" "$2"
        shift
        ;;
      --run=* | --port=* | --memory=* | --cpus=* | --timeout=* | --copy-out=*)
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
