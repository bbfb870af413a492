# shellcheck shell=bash disable=SC2154 # variables of load-modules.sh
# What load-modules.sh says when it does not load the modules: a code with parameters for the daemon, on standard output,
# and the same in English for people, as the last line of standard error.

# The daemon has the same sentences, in English and Spanish (daemon/src/words); a test compares them.
declare -rA sentences=(
  [kernel-without-modules]='this kernel ({release}) was built without support for loadable modules'
  [module-loading-disabled]='the loading of modules is switched off until the next boot (sysctl kernel.modules_disabled = 1)'
  [kernel-too-old]='the modules need Linux 5.10 or newer, and this is {release}'
  [module-key-unknown]='Secure Boot: the kernel does not trust the key that signed {module} ("{error}"). Run "mokutil --import {key}", which asks for a new one-time password, and reboot. A blue screen, MOK management, appears before the system starts: choose "Enroll MOK", "Continue", "Yes", and type that password'
  [module-not-signed]='Secure Boot: the kernel takes only signed modules, and {module} is not signed ("{error}"). DKMS signs them: run "{install}", "dkms add {sources}" and "dkms install vigia/{version}". Then run "mokutil --import {key}", which asks for a new one-time password, and reboot. A blue screen, MOK management, appears before the system starts: choose "Enroll MOK", "Continue", "Yes", and type that password'
  [module-locked-down]='the kernel is locked down (lockdown={level}) and takes only modules signed with a key that it trusts; it refused {module} ("{error}")'
  [module-not-permitted]='the kernel refused {module} ("{error}"): a security policy, or a container or sandbox without CAP_SYS_MODULE'
  [module-for-other-kernel]='{file} was built for kernel {builtFor}, and this is {release}; for a new one, run "{install}"'
  [module-damaged]='{file} is damaged or does not fit this kernel ("{error}"); to build it again, run "{install}" and remove the file'
  [module-installed-damaged]='the installed module {module} is damaged or does not fit this kernel ("{error}"); build and install it again (dkms install --force)'
  [module-name-taken]='{path} exists already and belongs to another module: unload that one, or set another carnet'
  [module-insert-failed]='the kernel could not load {module} ("{error}")'
  [module-sources-missing]='there is no module {module} for kernel {release}, and no sources in {sources} to build it from'
  [module-not-installed]='DKMS has no module {module} for kernel {release}, although the headers are installed: run "dkms autoinstall -k {release}", which says why'
  [kernel-headers-missing]='there is no module {module} for kernel {release}, and its headers are not installed to build it: run "{install}"'
  [tool-missing]='"{tool}" is not installed: run "{install}"'
  [module-build-failed]='the modules do not compile for kernel {release}: "{error}". For all messages, run "{command}"'
  [compiler-differs]='the modules do not compile for kernel {release}, which was built by {compiler}; that is not installed, and {used} says "{error}". Run "{install}"'
  [module-loader-not-allowed]='this service may not load modules ({modules}); vigia-modules.service does, and "systemctl status vigia-modules" shows why it did not. To try again, run "{reload}"'
  [module-other-carnet]='{module} is loaded with another carnet and publishes {present}, not {path}. To load both modules with carnet {carnet}, stop Vigía and run "{reload}"'
  [module-without-file]='{module} is loaded and publishes no file in {folder}; to load it again, stop Vigía and run "{reload}"'
  [modules-need-root]='only root can load kernel modules: run it with sudo'
  [modules-lock-unusable]='cannot open the lock {lock}; set VIGIA_MODULES_LOCK'
  [modules-lock-held]='another load-modules.sh or unload-modules.sh has held {lock} for {seconds} s; "fuser {lock}" lists it'
)

readonly host_refuses=3

say() { echo "load-modules: $*" >&2; }

# Of the arguments.
reject() {
  say "$@"
  exit 2
}

# The reason of this run's end: its code, then name=value of each parameter.
reason=()

# Something is wrong that the host's administrator has to put right.
fail() { # CODE [NAME=VALUE…]
  reason=("$@")
  exit 1
}

# This host does not take the modules, as it is now.
refuse() { # CODE [NAME=VALUE…]
  reason=("$@")
  exit "$host_refuses"
}

# One way to load them has failed, and there may be others. The reason of the first counts. Always fails.
refused() { # CODE [NAME=VALUE…]
  ((${#reason[@]} > 0)) || reason=("$@")
  return 1
}

print_reason() {
  ((${#reason[@]} > 0)) || return 0
  local text=${sentences[${reason[0]}]} line=${reason[0]} parameter
  for parameter in "${reason[@]:1}"; do
    parameter=${parameter//[[:cntrl:]]/ }
    # Quoted, since bash 5.2 puts the pattern's match in the place of "&".
    text=${text//"{${parameter%%=*}}"/"${parameter#*=}"}
    line+=$'\t'$parameter
  done
  printf 'reason\t%s\n' "$line"
  # In the package one service loads the modules, and another asks why they are not there.
  ! { [[ $is_package == true && $is_check == false ]] && may_load; } || echo "$line" >"$last_reason" || true
  say "$text"
}

# The reason of the service that may load modules, if it has one.
refuse_as_before() {
  local before
  IFS=$'\t' read -r -a before 2>/dev/null <"$last_reason" || return 0
  [[ -z ${sentences[${before[0]:-none}]:-} ]] || refuse "${before[@]}"
}
