# shellcheck shell=bash disable=SC2154 # sentences is declared in reasons.sh
# What load-modules.sh says when it does not load the modules. See reasons.sh.

sentences+=(
  [kernel-without-modules]='this kernel ({release}) was built without support for loadable modules'
  [module-loading-disabled]='the loading of modules is switched off until the next boot (sysctl kernel.modules_disabled = 1)'
  [module-key-unknown]='Secure Boot: the kernel does not trust the key that signed {module} ("{error}"). Run "mokutil --import {key}", which asks for a new one-time password, and reboot. A blue screen, MOK management, appears before the system starts: choose "Enroll MOK", "Continue", "Yes", and type that password'
  [module-not-signed]='Secure Boot: the kernel takes only signed modules, and {module} is not signed ("{error}"). DKMS signs them: run "{install}", "dkms add {sources}" and "dkms install vigia/{version}". Then run "mokutil --import {key}", which asks for a new one-time password, and reboot. A blue screen, MOK management, appears before the system starts: choose "Enroll MOK", "Continue", "Yes", and type that password'
  [module-locked-down]='the kernel is locked down (lockdown={level}) and takes only modules signed with a key that it trusts; it refused {module} ("{error}")'
  [module-not-permitted]='the kernel refused {module} ("{error}"): a security policy, or a container or sandbox without CAP_SYS_MODULE'
  [module-for-other-kernel]='{file} was built for kernel {builtFor}, and this is {release}; for a new one, run "{install}"'
  [module-damaged]='{file} is damaged or does not fit this kernel ("{error}"); to build it again, run "{install}" and remove the file'
  [module-installed-damaged]='the installed module {module} is damaged or does not fit this kernel ("{error}"); build and install it again (dkms install --force)'
  [module-name-taken]='{path} exists already and belongs to another module: unload that one, or set another carnet'
  [module-sources-missing]='there is no module {module} for kernel {release}, and no sources in {sources} to build it from'
  [module-not-installed]='DKMS has no module {module} for kernel {release}, although the headers are installed: run "dkms autoinstall -k {release}", which says why'
  [kernel-headers-missing]='there is no module {module} for kernel {release}, and its headers are not installed to build it: run "{install}"'
  [compiler-differs]='the modules do not compile for kernel {release}, which was built by {compiler}; that is not installed, and {used} says "{error}". Run "{install}"'
  [module-other-carnet]='{module} is loaded with another carnet and publishes {present}, not {path}. To load both modules with carnet {carnet}, stop Vigía and run "{reload}"'
  [module-without-file]='{module} is loaded and publishes no file in {folder}; to load it again, stop Vigía and run "{reload}"'
)
