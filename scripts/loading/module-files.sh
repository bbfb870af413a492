# shellcheck shell=bash disable=SC2034,SC2154 # variables of load-modules.sh
# Which modules there are: installed ones (DKMS), and files beside the sources.

is_installed() { modprobe --dry-run --quiet "$1" 2>/dev/null; } # MODULE

# Whether a module was built from the sources beside this script; without sources any is right.
is_of_these_sources() { # MODULE|FILE
  local ours
  [[ -e $kernel_dir/source-identity.sh ]] || return 0
  ours=$(sh "$kernel_dir/source-identity.sh")
  [[ $(modinfo --field source_identity "$1" 2>/dev/null) == "$ours" ]]
}

# The release that a file was built for. Empty if the file does not say.
kernel_of() { # FILE
  local magic
  magic=$(modinfo --field vermagic "$1" 2>/dev/null) || true
  echo "${magic%% *}"
}

# A file that does not say its kernel is damaged; the kernel decides.
is_of_this_kernel() { # FILE
  local built_for
  built_for=$(kernel_of "$1")
  [[ -z $built_for || $built_for == "$release" ]]
}
