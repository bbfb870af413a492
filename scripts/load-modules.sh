#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Loads Vigía's two kernel modules. It loads both or, when one of them fails, unloads again what it has loaded.
set -euo pipefail
# Cron and systemd set a short PATH, or none.
PATH="${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH
# The messages of the tools are compared below, and a translated message would not match.
export LC_ALL=C

readonly modules=(continfo_so1 sysinfo_so1)
readonly host_refuses=3
readonly CAP_SYS_MODULE=16
readonly restart_units='systemctl restart vigia-modules vigia vigia-page'

usage() {
  cat <<'TEXT'
Usage: load-modules.sh [--carnet X] [--gid N] [--help]

Loads continfo_so1 and sysinfo_so1, which publish /proc/continfo_so1_<carnet> and
/proc/sysinfo_so1_<carnet>. Each module is taken from kernel/<module>.ko if that file fits the running kernel,
else from modprobe (DKMS), else it is built if the headers of the running kernel are installed.

  --carnet X  1 to 32 letters, digits, "_" or "-" (default 201903553)
  --gid N     number of the group that may read both files (default: the module decides)

Standard output, one line for each module when both are loaded:
  <module> loaded          this run loaded it
  <module> already-loaded  it was loaded before, with the same carnet
Standard error: the reason of a failure is the last line.

Example:     load-modules.sh --carnet 202012345

Environment: VIGIA_KERNEL_DIR    directory of the sources and the .ko files (default: kernel/ beside scripts/)
             VIGIA_MODULES_LOCK  lock against a second run (default /run/vigia/modules.lock)
             for tests: VIGIA_PROC, VIGIA_LIB_MODULES, VIGIA_PACKAGE_DIR, used instead of /proc, /lib/modules
             and /usr/lib/vigia
Exit codes:  0 both modules are loaded   1 something failed   2 bad arguments
             3 this host does not accept the modules
TEXT
}

say() {
  echo "load-modules: $*" >&2
}

reject() {
  say "$@"
  exit 2
}

# The daemon shows the last line only, so that the EXIT trap prints the reason after everything else.
reason=''

fail() {
  reason=$*
  exit 1
}

refuse() {
  reason=$*
  exit "$host_refuses"
}

carnet=201903553 gid=''
while (($# > 0)); do
  case $1 in
    --carnet | --gid)
      (($# >= 2)) || reject "$1 needs a value after it"
      [[ -n $2 ]] || reject "$1 needs a value after it"
      if [[ $1 == --carnet ]]; then carnet=$2; else gid=$2; fi
      shift
      ;;
    --carnet=?*) carnet=${1#*=} ;;
    --gid=?*) gid=${1#*=} ;;
    --help | -h)
      usage
      exit 0
      ;;
    *) reject "unknown argument \"$1\"; --help lists the arguments" ;;
  esac
  shift
done
[[ $carnet =~ ^[A-Za-z0-9_-]{1,32}$ ]] ||
  reject "--carnet is \"$carnet\"; give 1 to 32 letters, digits, \"_\" or \"-\""
# 4294967295 is the kernel's "no group".
if [[ -n $gid ]]; then
  if ! [[ $gid =~ ^[0-9]{1,10}$ ]] || ((10#$gid > 4294967294)); then
    reject "--gid is \"$gid\"; give a group's number, 0 to 4294967294 (getent group vigia)"
  fi
  gid=$((10#$gid))
fi

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
kernel_dir=${VIGIA_KERNEL_DIR:-${here%/*}/kernel}
lock=${VIGIA_MODULES_LOCK:-/run/vigia/modules.lock}
proc=${VIGIA_PROC:-/proc}
release=$(uname -r)
headers=${VIGIA_LIB_MODULES:-/lib/modules}/$release/build
is_package=false
[[ $here != "${VIGIA_PACKAGE_DIR:-/usr/lib/vigia}/scripts" ]] || is_package=true

# Modules that this run has inserted or is inserting: a signal in between must not leave one behind.
inserted=()
undo() {
  local outcome=$? i
  trap - EXIT
  if ((outcome != 0)); then
    for ((i = ${#inserted[@]} - 1; i >= 0; i--)); do
      is_loaded "${inserted[i]}" || continue
      if rmmod "${inserted[i]}" >/dev/null 2>&1; then
        say "${inserted[i]} is unloaded again, because not both modules could be loaded"
      else
        say "${inserted[i]} could not be unloaded again; run $here/unload-modules.sh"
      fi
    done
    [[ -z $reason ]] || say "$reason"
  fi
  exit "$outcome"
}
trap undo EXIT
# A signal leaves the exit code of the last command in $?, which may be 0; the EXIT trap must see a failure.
trap 'exit 130' INT
trap 'exit 143' TERM

((EUID == 0)) || fail 'only root can load kernel modules; run it with sudo'
# shellcheck disable=SC2174 # of that directory only: a process that may open the file may hold the lock
mkdir -p -m 700 -- "$(dirname -- "$lock")" || fail "cannot make the directory of $lock; set VIGIA_MODULES_LOCK"
{ exec 9>>"$lock"; } || fail "cannot open $lock; set VIGIA_MODULES_LOCK"
flock --wait 120 9 ||
  fail "another load-modules.sh or unload-modules.sh has held $lock for 120 s; list it with \"fuser $lock\""

is_loaded() {
  [[ -e $proc/modules ]] && awk -v name="$1" '$1 == name { found = 1 } END { exit !found }' "$proc/modules"
}

# How to load the modules again with other parameters. A loop that is running keeps their files open and would make
# unloading fail, so each way stops it first.
how_to_reload() {
  if [[ $is_package == true ]]; then
    echo "run \"$restart_units\""
  else
    echo "stop Vigía, run \"$here/unload-modules.sh\" and start \"vigia up\" again"
  fi
}

check_what_is_loaded() {
  local module=$1 file present=() group
  file=$proc/${module}_$carnet
  if [[ -e $file ]]; then
    if [[ -n $gid ]]; then
      group=$(stat --format %g -- "$file")
      [[ $group == "$gid" ]] ||
        say "warning: $module is already loaded and its file belongs to group $group, not $gid;" \
          "to change the group, $(how_to_reload)"
    fi
    return
  fi
  for file in "$proc/${module}_"*; do
    [[ ! -e $file ]] || present+=("$file")
  done
  ((${#present[@]} > 0)) ||
    fail "$module is already loaded but publishes no file in $proc. To load it again, $(how_to_reload)"
  fail "$module is already loaded and $proc/${module}_$carnet is not there (it was loaded with another carnet and" \
    "publishes ${present[*]}). To load both modules with carnet $carnet, $(how_to_reload)"
}

# The loop's service runs this script as well, to find out whether the modules are loaded, and may not load any.
may_load() {
  local capabilities
  capabilities=$(awk '$1 == "CapEff:" { print $2 }' "$proc/self/status" 2>/dev/null || true)
  [[ -z $capabilities ]] || (((16#$capabilities >> CAP_SYS_MODULE) & 1))
}

# Succeeds if kernel/<module>.ko exists and was built for the running kernel. A file that was built for another kernel
# is the last choice: a kernel with symbol versions may accept it, every other kernel refuses it.
has_usable_file() {
  local file=$kernel_dir/$1.ko made_for
  stale=''
  [[ -f $file ]] || return 1
  made_for=$(modinfo --field vermagic "$file" 2>/dev/null) || return 0
  [[ ${made_for%% *} == "$release" ]] || {
    stale="$file was built for kernel ${made_for%% *}"
    return 1
  }
}

build_modules() {
  local output
  command -v make >/dev/null ||
    refuse "$1 must be built and \"make\" is not installed; run \"apt-get install make gcc\""
  say "building the modules in $kernel_dir for kernel $release"
  output=$(make -C "$kernel_dir" KDIR="$headers" 2>&1) || {
    printf '%s\n' "$output" | tail -n 20 >&2
    fail "the modules could not be built; to see the compiler's messages, run \"make -C $kernel_dir KDIR=$headers\""
  }
}

last_kernel_line() {
  dmesg 2>/dev/null | tail -n 1 || true
}

# The lines of the kernel's log after line `$1` that concern the loading of module `$2`.
kernel_lines_since() {
  dmesg 2>/dev/null |
    LAST=$1 awk '{ line[NR] = $0 } $0 == ENVIRON["LAST"] { from = NR }
      END { for (i = from + 1; i <= NR; i++) print line[i] }' |
    grep -iE "$2|lockdown|module|signature|x\.509" | tail -n 3 | paste -sd '|' | sed 's/|/ | /g' || true
}

# Inserts a module with the command given. The loader's message decides whether the host refuses modules in general
# (exit code 3) or this module is at fault (exit code 1).
insert() {
  local module=$1 before message from_kernel words
  local -a settings=("carnet=$carnet")
  [[ -z $gid ]] || settings+=("gid=$gid")
  shift
  before=$(last_kernel_line)
  inserted+=("$module")
  if message=$("$@" "${settings[@]}" 2>&1); then return; fi
  # If the module is loaded now, another process has loaded it, and this run must not unload it.
  unset 'inserted[-1]'
  from_kernel=$(kernel_lines_since "$before" "$module")
  words="\"${message:-no message}\"${from_kernel:+; kernel log: \"$from_kernel\"}"
  case $message in
    *'Key was rejected by service'* | *'Required key not available'*)
      refuse "this kernel takes only modules signed with a key it trusts, and refused $module: $words." \
        'Sign the modules (DKMS: enrol its key with "mokutil --import") or turn Secure Boot off'
      ;;
    *'Operation not permitted'* | *'Permission denied'*)
      refuse "this kernel refused $module: $words. Possible causes: lockdown" \
        '(cat /sys/kernel/security/lockdown), a security policy, or a container or sandbox without CAP_SYS_MODULE'
      ;;
    *'Function not implemented'*)
      refuse "this kernel ($release) has no support for loadable modules: $words"
      ;;
    *'Invalid module format'* | *'Unknown symbol'* | *'Exec format error'*)
      [[ -z $stale ]] || refuse "$stale, which does not fit kernel $release: $words. $remedy"
      fail "$module does not fit the running kernel $release: $words." \
        "Build it again: make -C $kernel_dir clean, then start this again"
      ;;
    *) fail "$module could not be loaded: $words" ;;
  esac
}

remedy="Run \"apt-get install linux-headers-$release make gcc\" and start this again"
to_load=()
for module in "${modules[@]}"; do
  if is_loaded "$module"; then check_what_is_loaded "$module"; else to_load+=("$module"); fi
done

if ((${#to_load[@]} > 0)); then
  [[ -e $proc/modules ]] ||
    refuse "this kernel ($release) was built without loadable modules ($proc/modules is not there);" \
      'Vigía can read the same data from /proc and cgroupfs'
  if [[ $is_package == true ]] && ! may_load; then
    refuse "not loaded: ${to_load[*]}. This service may not load modules; vigia-modules.service does." \
      "\"systemctl status vigia-modules\" shows why it did not; to try again, run \"$restart_units\""
  fi
  if [[ $(cat "$proc/sys/kernel/modules_disabled" 2>/dev/null || echo 0) == 1 ]]; then
    refuse 'the loading of modules is switched off until the next boot (sysctl kernel.modules_disabled = 1)'
  fi
  for tool in insmod rmmod; do
    command -v "$tool" >/dev/null || fail "\"$tool\" is not installed; run \"apt-get install kmod\""
  done
fi

for module in ${to_load[@]+"${to_load[@]}"}; do
  if has_usable_file "$module"; then
    insert "$module" insmod "$kernel_dir/$module.ko"
  elif modprobe --dry-run --quiet "$module" 2>/dev/null; then
    insert "$module" modprobe "$module"
  elif [[ -e $headers && -e $kernel_dir/Makefile ]]; then
    build_modules "$module"
    has_usable_file "$module" ||
      fail "\"make -C $kernel_dir\" succeeded but made no $module.ko for kernel $release ${stale:+($stale)}"
    insert "$module" insmod "$kernel_dir/$module.ko"
  elif [[ -n $stale ]]; then
    insert "$module" insmod "$kernel_dir/$module.ko"
  else
    refuse "there is no $module for kernel $release: no $kernel_dir/$module.ko, none installed for modprobe," \
      "and nothing to build it with (headers: $headers, sources: $kernel_dir/Makefile). $remedy"
  fi
  [[ -e $proc/${module}_$carnet ]] ||
    fail "$module was loaded but $proc/${module}_$carnet does not exist; see \"dmesg | tail\""
done

# Only now: each of these lines promises that both modules are loaded.
for module in "${modules[@]}"; do
  if [[ " ${to_load[*]-} " == *" $module "* ]]; then echo "$module loaded"; else echo "$module already-loaded"; fi
done
