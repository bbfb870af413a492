# shellcheck shell=bash disable=SC2034,SC2154 # variables of load-modules.sh
# Inserts a module, and says why the kernel refused it.

is_loaded() {
  [[ -e $proc/modules ]] && awk -v name="$1" '$1 == name { found = 1 } END { exit !found }' "$proc/modules"
}

insert_file() { # MODULE
  insert "$1" "$kernel_dir/$1.ko" insmod "$kernel_dir/$1.ko"
}

insert_installed() { # MODULE
  insert "$1" '' modprobe "$1"
}

# Fails with a reason if the kernel refuses the module. FILE is empty for an installed one.
insert() { # MODULE FILE COMMAND…
  local module=$1 file=$2 before message
  local -a settings=("carnet=$carnet")
  [[ -z $gid ]] || settings+=("gid=$gid")
  shift 2
  before=$(dmesg 2>/dev/null | tail -n 1 || true)
  inserted+=("$module")
  if message=$("$@" "${settings[@]}" 2>&1); then return; fi
  # If the module is loaded now, another process has loaded it, and this run must not unload it.
  unset 'inserted[-1]'
  message=$(tail -n 1 <<<"$message")
  # insmod and modprobe begin with their own name and the module's.
  explain "$module" "$file" "${message##*: }$(kernel_lines_since "$before" "$module")"
}

# The lines of the kernel's log after line `$1` that concern the loading of module `$2`.
kernel_lines_since() {
  dmesg 2>/dev/null |
    LAST=$1 awk '{ line[NR] = $0 } $0 == ENVIRON["LAST"] { from = NR }
      END { for (i = from + 1; i <= NR; i++) print line[i] }' |
    grep -iE "$2|lockdown|module|signature|x\.509" | tail -n 2 | sed 's/^\[[^]]*\] */: /' | tr -d '\n' | cut -c 1-300 || true
}

explain() { # MODULE FILE ERROR
  local module=$1 file=$2 error=$3 level
  case $error in
    *'Key was rejected by service'* | *'Required key not available'*) refuse_for_signature "$module" "$file" "$error" ;;
    *'Operation not permitted'* | *'Permission denied'*)
      level=$(lockdown_level)
      if [[ $level == integrity || $level == confidentiality ]]; then
        refuse_for_signature "$module" "$file" "$error"
      else
        refused module-not-permitted "module=$module" "error=$error"
      fi
      ;;
    *'Function not implemented'*) refused kernel-without-modules "release=$release" ;;
    *'nvalid module format'* | *'Unknown symbol'* | *'Exec format error'* | *'Bad message'* | *'Invalid argument'*)
      if [[ -z $file ]]; then
        refused module-installed-damaged "module=$module" "error=$error"
      elif is_of_this_kernel "$file"; then
        refused module-damaged "file=$file" "error=$error" \
          "install=$(how_to_install headers make "$(compiler_to_install)")"
      else
        refused module-for-other-kernel "file=$file" "builtFor=$(kernel_of "$file")" "release=$release" \
          "install=$(how_to_install headers make "$(compiler_to_install)")"
      fi
      ;;
    *) refused insert-failed "what=$module" "error=$error" ;;
  esac
}
