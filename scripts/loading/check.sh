# shellcheck shell=bash disable=SC2034,SC2154 # variables of load-modules.sh
# What load-modules.sh would do (--check). It changes nothing.

# Fails with a reason where the kernel is known to refuse the module. A signature whose key the kernel does not know shows
# only when the module is inserted.
foresee() { # MODULE installed|file|build
  local what=$1
  [[ $2 == installed ]] || what=$kernel_dir/$1.ko
  if takes_only_signed && [[ $2 == build || -z $(modinfo --field signer "$what" 2>/dev/null) ]]; then
    refuse_for_signature "$1" "$kernel_dir/$1.ko" 'no signature'
    return 1
  fi
  foreseen+=("$1 $2")
}

takes_only_signed() {
  local level
  level=$(lockdown_level)
  [[ $level == integrity || $level == confidentiality ]] ||
    [[ $(cat "$host_root/sys/module/module/parameters/sig_enforce" 2>/dev/null) == Y ]]
}

print_foreseen() {
  local module
  for module in "${modules[@]}"; do
    [[ " ${to_load[*]-} " == *" $module "* ]] || echo "$module already-loaded $(identity_of_loaded "$module")"
  done
  ((${#foreseen[@]} == 0)) || printf '%s\n' "${foreseen[@]}"
}

# Whether the loaded module is the one that is installed or, without one, that lies beside the sources.
identity_of_loaded() { # MODULE
  local loaded present=''
  loaded=$(cat "$host_root/sys/module/$1/srcversion" 2>/dev/null) || true
  for file in "$1" "$kernel_dir/$1.ko"; do
    [[ -n $present ]] || present=$(modinfo --field srcversion "$file" 2>/dev/null) || true
  done
  if [[ -z $loaded || -z $present ]]; then echo unknown; elif [[ $loaded == "$present" ]]; then echo same; else echo other; fi
}

describe_host() {
  local has_headers=no has_make=no secure_boot=off enforced=no
  [[ ! -e $headers ]] || has_headers=yes
  ! command -v make >/dev/null || has_make=yes
  ! is_secure_boot || secure_boot=on
  ! takes_only_signed || enforced=yes
  choose_compiler
  printf 'tools\theaders=%s\tcompiler=%s\tmake=%s\tinstall=%s\n' "$has_headers" "${compiler:-$other_compiler}" "$has_make" \
    "$(how_to_install headers make "${compiler_programs[@]}")"
  printf 'signatures\tsecure-boot=%s\tlockdown=%s\tenforced=%s\n' "$secure_boot" "$(lockdown_level)" "$enforced"
}
