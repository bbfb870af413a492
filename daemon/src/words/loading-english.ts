import type { Sentences } from './catalogue.ts';

/** Why a sensor could not be loaded. By itself, so that the page can load these long sentences after its first view. */
export const LOADING_ENGLISH = {
  'kernel-without-modules': ({ release }) =>
    `this kernel (${release}) was built without support for loadable modules`,
  'module-loading-disabled': () =>
    'the loading of modules is switched off until the next boot (sysctl kernel.modules_disabled = 1)',
  'kernel-too-old': ({ oldest, release }) => `it needs Linux ${oldest} or newer, and this is ${release}`,
  'module-key-unknown': ({ module, error, key }) =>
    `Secure Boot: the kernel does not trust the key that signed ${module} ("${error}"). Run "mokutil --import ${key}", which asks for a new one-time password, and reboot. A blue screen, MOK management, appears before the system starts: choose "Enroll MOK", "Continue", "Yes", and type that password`,
  'module-not-signed': ({ module, error, install, sources, version, key }) =>
    `Secure Boot: the kernel takes only signed modules, and ${module} is not signed ("${error}"). DKMS signs them: run "${install}", "dkms add ${sources}" and "dkms install vigia/${version}". Then run "mokutil --import ${key}", which asks for a new one-time password, and reboot. A blue screen, MOK management, appears before the system starts: choose "Enroll MOK", "Continue", "Yes", and type that password`,
  'module-locked-down': ({ level, module, error }) =>
    `the kernel is locked down (lockdown=${level}) and takes only modules signed with a key that it trusts; it refused ${module} ("${error}")`,
  'module-not-permitted': ({ module, error }) =>
    `the kernel refused ${module} ("${error}"): a security policy, or a container or sandbox without CAP_SYS_MODULE`,
  'module-for-other-kernel': ({ file, builtFor, release, install }) =>
    `${file} was built for kernel ${builtFor}, and this is ${release}; for a new one, run "${install}"`,
  'module-damaged': ({ file, error, install }) =>
    `${file} is damaged or does not fit this kernel ("${error}"); to build it again, run "${install}" and remove the file`,
  'module-installed-damaged': ({ module, error }) =>
    `the installed module ${module} is damaged or does not fit this kernel ("${error}"); build and install it again (dkms install --force)`,
  'module-name-taken': ({ path }) =>
    `${path} exists already and belongs to another module: unload that one, or set another carnet`,
  'module-sources-missing': ({ module, release, sources }) =>
    `there is no module ${module} for kernel ${release}, and no sources in ${sources} to build it from`,
  'module-not-installed': ({ module, release }) =>
    `DKMS has no module ${module} for kernel ${release}, although the headers are installed: run "dkms autoinstall -k ${release}", which says why`,
  'kernel-headers-missing': ({ module, release, install }) =>
    `there is no module ${module} for kernel ${release}, and its headers are not installed to build it: run "${install}"`,
  'tool-missing': ({ tool, install }) => `"${tool}" is not installed: run "${install}"`,
  'compiler-differs': ({ release, compiler, used, error, install }) =>
    `the modules do not compile for kernel ${release}, which was built by ${compiler}; that is not installed, and ${used} says "${error}". Run "${install}"`,
  'module-other-carnet': ({ module, present, path, carnet, reload }) =>
    `${module} is loaded with another carnet and publishes ${present}, not ${path}. To load both modules with carnet ${carnet}, stop Vigía and run "${reload}"`,
  'module-without-file': ({ module, folder, reload }) =>
    `${module} is loaded and publishes no file in ${folder}; to load it again, stop Vigía and run "${reload}"`,
  'bpf-no-types': ({ release, path }) => `this kernel (${release}) lacks ${path} (CONFIG_DEBUG_INFO_BTF)`,
  'bpf-locked-down': () =>
    'the kernel is locked down (lockdown=confidentiality) and takes no BPF program that reads its memory',
  'bpf-no-file-system': ({ path }) =>
    `no BPF file system is mounted on ${path}: run "mount -t bpf bpf ${path}"`,
  'bpf-files-missing': ({ file }) => `${file} is missing: install the package again`,
  'build-failed': ({ release, error, command }) =>
    `it does not compile for kernel ${release}: "${error}". For all messages, run "${command}"`,
  'insert-failed': ({ what, error }) => `the kernel could not load ${what} ("${error}")`,
  'loader-not-allowed': ({ what, unit, reload }) =>
    `this service may not load ${what}; ${unit}.service does, and "systemctl status ${unit}" shows why it did not. To try again, run "${reload}"`,
  'loading-needs-root': () => 'only root can load it: run it with sudo',
  'loading-lock-unusable': ({ lock, variable }) => `cannot open the lock ${lock}; set ${variable}`,
  'loading-lock-held': ({ lock, seconds }) =>
    `another run has held the lock ${lock} for ${seconds} s; "fuser ${lock}" lists it`,
} satisfies Partial<Sentences>;
