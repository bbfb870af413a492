# shellcheck shell=bash disable=SC2034,SC2154 # variables of load-modules.sh
# What the kernel says of signatures, and which key the host signs its own modules with.

# none, integrity or confidentiality; empty where the kernel does not say.
lockdown_level() {
  sed -nE 's/.*\[([a-z]+)\].*/\1/p' "$host_root/sys/kernel/security/lockdown" 2>/dev/null || true
}

is_secure_boot() {
  local variable
  for variable in "$host_root"/sys/firmware/efi/efivars/SecureBoot-*; do
    # Four bytes of attributes, then the value.
    [[ $(od -An -tu1 -j4 -N1 -- "$variable" 2>/dev/null) -eq 1 ]] && return
  done
  return 1
}

# The public key that DKMS signs with: as it was told, else the one that is there, else where it will make one.
signing_key() {
  local told file
  told=$(sed -nE 's/^[[:space:]]*mok_certificate="?([^"]*)"?.*/\1/p' "$host_root"/etc/dkms/framework.conf \
    "$host_root"/etc/dkms/framework.conf.d/*.conf 2>/dev/null | tail -n 1) || true
  for file in $told /var/lib/shim-signed/mok/MOK.der /var/lib/dkms/mok.pub; do
    [[ ! -e $host_root$file ]] || { echo "$file" && return; }
  done
  case " $(distribution) " in
    *' ubuntu '*) echo /var/lib/shim-signed/mok/MOK.der ;;
    *) echo /var/lib/dkms/mok.pub ;;
  esac
}

# The kernel has refused a module for its signature, or for the lack of one.
refuse_for_signature() { # MODULE FILE ERROR
  local level
  is_unsigned=true
  level=$(lockdown_level)
  if ! is_secure_boot && [[ $level == integrity || $level == confidentiality ]]; then
    refused module-locked-down "module=$1" "error=$3" "level=$level"
  elif [[ -z $2 ]]; then
    refused module-key-unknown "module=$1" "error=$3" "key=$(signing_key)"
  else
    refused module-not-signed "module=$1" "error=$3" "key=$(signing_key)" "sources=$kernel_dir" \
      "version=$(dkms_version)" "install=$(how_to_install dkms headers)"
  fi
}

dkms_version() { sed -nE 's/^PACKAGE_VERSION="(.*)"$/\1/p' "$kernel_dir/dkms.conf" 2>/dev/null || true; }
