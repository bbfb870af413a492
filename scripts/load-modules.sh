#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Loads Vigía's two kernel modules. Either both are loaded when it ends, or none that it loaded itself.
set -euo pipefail
# Cron and systemd give a short PATH, or none.
PATH="${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH
# The messages of the tools are compared below, and a translated one would not be recognised.
export LC_ALL=C

readonly modules=(continfo_so1 sysinfo_so1)
readonly host_refuses=3

usage() {
  cat <<'TEXT'
Usage: load-modules.sh [--carnet X] [--gid N] [--help]

Loads continfo_so1 and sysinfo_so1, which publish /proc/continfo_so1_<carnet> and
/proc/sysinfo_so1_<carnet>. Each comes from kernel/<module>.ko, else from modprobe (DKMS), else it is
built where the headers of the running kernel are installed.

  --carnet X  1 to 32 letters, digits, "_" or "-" (default 201903553)
  --gid N     the group that may read both files (default: the module's own)

Standard output, one line for each module once both are there:
  <module> loaded          this run loaded it
  <module> already-loaded  it was there before, with the same carnet

Environment: VIGIA_KERNEL_DIR   where the sources and the .ko files are (default ../kernel from here)
             VIGIA_MODULES_LOCK lock against a second run (default /run/vigia/modules.lock)
             VIGIA_PROC, VIGIA_LIB_MODULES  in place of /proc and /lib/modules, for tests
Exit codes:  0 both are loaded   1 something failed   2 bad arguments
             3 this host cannot take the modules; the reason is on standard error
TEXT
}

say() {
  echo "load-modules: $*" >&2
}

reject() {
  say "$@"
  exit 2
}

fail() {
  say "$@"
  exit 1
}

refuse() {
  say "$@"
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
    *) reject "unknown argument \"$1\"; --help lists what is taken" ;;
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

((EUID == 0)) || fail 'only root can load kernel modules; run it with sudo'
# shellcheck disable=SC2174 # of that one: whoever may open the file may hold the lock
mkdir -p -m 700 -- "$(dirname -- "$lock")" || fail "cannot make the directory of $lock; set VIGIA_MODULES_LOCK"
{ exec 9>>"$lock"; } || fail "cannot open $lock; set VIGIA_MODULES_LOCK"
flock --wait 120 9 ||
  fail "another load-modules.sh or unload-modules.sh has held $lock for 120 s; see who with \"fuser $lock\""

# What this run has inserted or is just inserting: a signal in between must not leave it behind.
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
  fi
  exit "$outcome"
}
trap undo EXIT
# A signal leaves the last command's outcome in $?, which may be success; the EXIT trap must see a failure.
trap 'exit 130' INT
trap 'exit 143' TERM

is_loaded() {
  [[ -e $proc/modules ]] && awk -v name="$1" '$1 == name { found = 1 } END { exit !found }' "$proc/modules"
}

check_what_is_loaded() {
  local module=$1 file present=() group
  file=$proc/${module}_$carnet
  if [[ -e $file ]]; then
    if [[ -n $gid ]]; then
      group=$(stat --format %g -- "$file")
      [[ $group == "$gid" ]] ||
        say "warning: $module is already loaded and its file belongs to group $group, not $gid;" \
          "to change that run $here/unload-modules.sh and start this again"
    fi
    return
  fi
  for file in "$proc/${module}_"*; do
    [[ ! -e $file ]] || present+=("$file")
  done
  fail "$module is already loaded and $proc/${module}_$carnet is not there" \
    "(${present[*]:-it publishes no file at all}). To load it with carnet $carnet, first run" \
    "$here/unload-modules.sh"
}

# 0 where kernel/<module>.ko is there and was built for the running kernel. One of another kernel comes
# last: a kernel with symbol versions may still take it, and every other refuses it.
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
    fail "the modules could not be built with \"make -C $kernel_dir KDIR=$headers\"; the last lines are above"
  }
}

last_kernel_line() {
  dmesg 2>/dev/null | tail -n 1 || true
}

# What the kernel has said since `$1` was its last line, as far as it bears on loading module `$2`.
kernel_lines_since() {
  dmesg 2>/dev/null |
    LAST=$1 awk '{ line[NR] = $0 } $0 == ENVIRON["LAST"] { from = NR }
      END { for (i = from + 1; i <= NR; i++) print line[i] }' |
    grep -iE "$2|lockdown|module|signature|x\.509" | tail -n 3 | paste -sd '|' | sed 's/|/ | /g' || true
}

# Inserts a module by the command given; the loader's own words decide whether the host refuses modules
# (then Vigía can work without them) or something is wrong with this one.
insert() {
  local module=$1 before message from_kernel words
  local -a settings=("carnet=$carnet")
  [[ -z $gid ]] || settings+=("gid=$gid")
  shift
  before=$(last_kernel_line)
  inserted+=("$module")
  if message=$("$@" "${settings[@]}" 2>&1); then return; fi
  # Not this run's, should it be there all the same: somebody else's insmod was quicker.
  unset 'inserted[-1]'
  from_kernel=$(kernel_lines_since "$before" "$module")
  words="\"${message:-no message}\"${from_kernel:+; kernel log: \"$from_kernel\"}"
  case $message in
    *'Key was rejected by service'* | *'Required key not available'*)
      refuse "this kernel takes only modules signed with a key it trusts, and refused $module: $words." \
        'Sign the modules (DKMS: enrol its key with "mokutil --import") or turn Secure Boot off'
      ;;
    *'Operation not permitted'* | *'Permission denied'*)
      refuse "this kernel refused $module: $words. Lockdown (cat /sys/kernel/security/lockdown)," \
        'a security policy, or a container or sandbox without CAP_SYS_MODULE does that'
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
      'Vigía can read the same from /proc and cgroupfs'
  if [[ $(cat "$proc/sys/kernel/modules_disabled" 2>/dev/null || echo 0) == 1 ]]; then
    refuse 'loading modules was switched off until the next boot (sysctl kernel.modules_disabled = 1)'
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
      fail "\"make -C $kernel_dir\" succeeded and left no $module.ko for kernel $release ${stale:+($stale)}"
    insert "$module" insmod "$kernel_dir/$module.ko"
  elif [[ -n $stale ]]; then
    insert "$module" insmod "$kernel_dir/$module.ko"
  else
    refuse "there is no $module for kernel $release: no $kernel_dir/$module.ko, none installed for modprobe," \
      "and nothing to build it with (headers: $headers, sources: $kernel_dir/Makefile). $remedy"
  fi
  [[ -e $proc/${module}_$carnet ]] ||
    fail "$module was loaded and $proc/${module}_$carnet is not there; see \"dmesg | tail\""
done

# All at the end: whoever reads a line "loaded" may rely on both.
for module in "${modules[@]}"; do
  if [[ " ${to_load[*]-} " == *" $module "* ]]; then echo "$module loaded"; else echo "$module already-loaded"; fi
done
