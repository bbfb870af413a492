#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Loads Vigía's two kernel modules. It loads both or, when one of them fails, unloads again what it has loaded.
#
# loading/reasons.sh         how it says why it does not load them: a code with parameters, and a sentence
# loading/module-reasons.sh  these codes and sentences
# loading/module-files.sh    which modules there are, and what they were built from
# loading/build.sh           builds them, with the kernel's own compiler
# loading/insert.sh          inserts one, and says why the kernel refused it
# loading/secure-boot.sh     signatures, lockdown, the key to enrol
# loading/packages.sh        the distribution's command to install what is missing
# loading/check.sh           what it would do, for --check
set -euo pipefail
# Cron and systemd set a short PATH, or none.
PATH="${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH
# The messages of the tools are compared, and a translated message would not match.
export LC_ALL=C

readonly program=load-modules modules=(continfo_so1 sysinfo_so1)
readonly CAP_SYS_MODULE=16
readonly restart_units='systemctl restart vigia-modules vigia vigia-page'

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=loading/reasons.sh
source "$here/loading/reasons.sh"
# shellcheck source=loading/module-reasons.sh
source "$here/loading/module-reasons.sh"
# shellcheck source=loading/module-files.sh
source "$here/loading/module-files.sh"
# shellcheck source=loading/build.sh
source "$here/loading/build.sh"
# shellcheck source=loading/insert.sh
source "$here/loading/insert.sh"
# shellcheck source=loading/secure-boot.sh
source "$here/loading/secure-boot.sh"
# shellcheck source=loading/packages.sh
source "$here/loading/packages.sh"
# shellcheck source=loading/check.sh
source "$here/loading/check.sh"

usage() {
  cat <<'TEXT'
Usage: load-modules.sh [--carnet X] [--gid N] [--check] [--help]

Loads continfo_so1 and sysinfo_so1, which publish /proc/continfo_so1_<carnet> and
/proc/sysinfo_so1_<carnet>. Each module is taken from modprobe if one is installed (DKMS, which signs it), else from
kernel/<module>.ko if that file fits the running kernel and the sources beside it, else it is built if the headers of
the running kernel are installed. Modules of other sources are the last choice.

  --carnet X  1 to 32 letters, digits, "_" or "-" (default 201903553)
  --gid N     number of the group that may read both files (default: the module decides)
  --check     load and build nothing, and say what would be done; root is not needed

Standard output, one line for each module when both are loaded:
  <module> loaded          this run loaded it
  <module> already-loaded  it was loaded before, with the same carnet
or one line when they are not, its fields separated by tabs:
  reason <code> <name>=<value> ...
With --check, first what the host has to build and to admit modules, then the same lines, with these words:
  tools headers=yes|no compiler=<program> make=yes|no install=<command>
  signatures secure-boot=on|off lockdown=<level> enforced=yes|no
  <module> already-loaded same|other|unknown  whether it is the module that would be loaded now
  <module> installed|file|build               where it would come from
Standard error: the same reason in words is the last line.

Example:     load-modules.sh --carnet 202012345

Environment: VIGIA_KERNEL_DIR    directory of the sources and the .ko files (default: kernel/ beside scripts/)
             VIGIA_MODULES_LOCK  lock against a second run (default /run/vigia/modules.lock)
             for tests: VIGIA_PROC, VIGIA_LIB_MODULES, VIGIA_PACKAGE_DIR, used instead of /proc, /lib/modules
             and /usr/lib/vigia; VIGIA_HOST_ROOT, before /etc, /sys and /var
Exit codes:  0 both modules are loaded   1 something failed   2 bad arguments
             3 this host does not take the modules, as it is now
TEXT
}

carnet=201903553 gid='' is_check=false
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
    --check) is_check=true ;;
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

kernel_dir=${VIGIA_KERNEL_DIR:-${here%/*}/kernel}
lock=${VIGIA_MODULES_LOCK:-/run/vigia/modules.lock}
last_reason=${lock%/*}/modules.reason
proc=${VIGIA_PROC:-/proc}
host_root=${VIGIA_HOST_ROOT:-}
release=$(uname -r)
headers=${VIGIA_LIB_MODULES:-/lib/modules}/$release/build

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
    print_reason
  fi
  exit "$outcome"
}
trap undo EXIT
# A signal leaves the exit code of the last command in $?, which may be 0; the EXIT trap must see a failure.
trap 'exit 130' INT
trap 'exit 143' TERM

if [[ $is_check == true ]]; then
  describe_host
else
  ((EUID == 0)) || fail loading-needs-root
  take_lock VIGIA_MODULES_LOCK
fi

# How to load the modules again with other parameters. A loop that is running keeps their files open and would make
# unloading fail, so each way stops it first.
how_to_reload() {
  if [[ $is_package == true ]]; then
    echo "$restart_units"
  else
    echo "$here/unload-modules.sh"
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
          "to change the group, run \"$(how_to_reload)\""
    fi
    return
  fi
  for file in "$proc/${module}_"*; do
    [[ ! -e $file ]] || present+=("$file")
  done
  ((${#present[@]} > 0)) || fail module-without-file "module=$module" "folder=$proc" "reload=$(how_to_reload)"
  fail module-other-carnet "module=$module" "present=${present[*]}" "path=$proc/${module}_$carnet" "carnet=$carnet" \
    "reload=$(how_to_reload)"
}

# The loop's service runs this script as well, to find out whether the modules are loaded, and may not load any.
may_load() {
  [[ ! -e $proc/self/status ]] || has_capability "$CAP_SYS_MODULE"
}

check_host() {
  [[ -e $proc/modules ]] || refuse kernel-without-modules "release=$release"
  if [[ $is_package == true ]] && ! may_load; then
    refuse_as_before
    refuse loader-not-allowed "what=${to_load[*]}" unit=vigia-modules "reload=$restart_units"
  fi
  if [[ $(cat "$proc/sys/kernel/modules_disabled" 2>/dev/null || echo 0) == 1 ]]; then
    refuse module-loading-disabled
  fi
  local tool
  for tool in insmod rmmod; do
    command -v "$tool" >/dev/null || refuse tool-missing "tool=$tool" "install=$(how_to_install kmod)"
  done
}

# Inserts a module, or notes that it would be. Fails with a reason.
try() { # MODULE installed|file|build
  if [[ $is_check == true ]]; then foresee "$@"; elif [[ $2 == installed ]]; then insert_installed "$1"; else insert_file "$1"; fi
}

# Tries what there is, the best first. What the kernel refuses for its signature it would refuse again, so that nothing
# is built then. Fails with a reason.
load() { # MODULE
  local module=$1 file=$kernel_dir/$1.ko path=$proc/${1}_$carnet is_damaged=false
  # The kernel would only say that it cannot allocate memory.
  [[ ! -e $path ]] || refused module-name-taken "path=$path" || return
  if is_installed "$module" && is_of_these_sources "$module"; then
    try "$module" installed && return
  fi
  if [[ -f $file && $is_unsigned == false ]] && is_of_this_kernel "$file" && is_of_these_sources "$file"; then
    try "$module" file && return
    is_damaged=true
  fi
  if [[ $is_unsigned == false ]] && can_build; then
    # make does not replace a file that is newer than its sources, whatever is in it.
    [[ $is_damaged == false ]] || rm -f -- "$file"
    build_modules && try "$module" build && return
  fi
  if is_installed "$module" && ! is_of_these_sources "$module"; then
    say "warning: the installed $module was built from other sources than those in $kernel_dir"
    try "$module" installed && return
  fi
  if [[ -f $file && $is_damaged == false && $is_unsigned == false ]]; then
    say "warning: $file was built for another kernel or from other sources"
    try "$module" file && return
  fi
  explain_missing "$module"
  return 1
}

# The package has no sources beside this script: DKMS builds its modules as soon as there are headers.
explain_missing() { # MODULE
  if [[ $is_package == true && -e $headers ]]; then
    refused module-not-installed "module=$1" "release=$release" || true
  elif [[ $is_package == true ]]; then
    refused kernel-headers-missing "module=$1" "release=$release" "install=$(how_to_install headers)" || true
  elif [[ -e $kernel_dir/Makefile ]]; then
    refused kernel-headers-missing "module=$1" "release=$release" \
      "install=$(how_to_install headers make "$(compiler_to_install)")" || true
  else
    refused module-sources-missing "module=$1" "release=$release" "sources=$kernel_dir" || true
  fi
}

is_unsigned=false
to_load=() foreseen=()
for module in "${modules[@]}"; do
  if is_loaded "$module"; then check_what_is_loaded "$module"; else to_load+=("$module"); fi
done
((${#to_load[@]} == 0)) || check_host
for module in ${to_load[@]+"${to_load[@]}"}; do
  load "$module" || exit "$host_refuses"
  # An earlier attempt may have failed.
  reason=()
  [[ $is_check == true || -e $proc/${module}_$carnet ]] || fail module-without-file "module=$module" "folder=$proc" "reload=$(how_to_reload)"
done

if [[ $is_check == true ]]; then
  print_foreseen
  exit 0
fi
rm -f -- "$last_reason" 2>/dev/null || true
# Only now: each of these lines promises that both modules are loaded.
for module in "${modules[@]}"; do
  if [[ " ${to_load[*]-} " == *" $module "* ]]; then echo "$module loaded"; else echo "$module already-loaded"; fi
done
