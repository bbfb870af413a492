import type { Sentences } from './catalogue.ts';

/** How to make the firmware trust a key, which a person must do at the machine's own screen. */
const enrol = (key: string): string =>
  `ejecute «mokutil --import ${key}», que pide una contraseña nueva, y reinicie. En la pantalla azul, «MOK management», elija «Enroll MOK», «Continue», «Yes» y escríbala`;

/** Why a sensor could not be loaded. By itself, so that the page can load these long sentences after its first view. */
export const LOADING_SPANISH = {
  'kernel-without-modules': ({ release }) => `este kernel (${release}) se compiló sin soporte para módulos`,
  'module-loading-disabled': () =>
    'la carga de módulos está desactivada hasta el próximo arranque (kernel.modules_disabled)',
  'kernel-too-old': ({ oldest, release }) => `necesita Linux ${oldest} o posterior, y este es ${release}`,
  'module-key-unknown': ({ module, error, key }) =>
    `Secure Boot: el kernel no confía en la clave que firmó ${module} («${error}»); ${enrol(key)}`,
  'module-not-signed': ({ module, error, install, sources, version, key }) =>
    `Secure Boot: ${module} no está firmado («${error}»). DKMS lo firma: ejecute «${install}», «dkms add ${sources}» y «dkms install vigia/${version}». Después ${enrol(key)}`,
  'module-locked-down': ({ level, module, error }) =>
    `el kernel está bloqueado (lockdown=${level}) y solo acepta módulos firmados; rechazó ${module} («${error}»)`,
  'module-not-permitted': ({ module, error }) =>
    `el kernel rechazó ${module} («${error}»): lo impide una política de seguridad o falta CAP_SYS_MODULE`,
  'module-for-other-kernel': ({ file, builtFor, release, install }) =>
    `${file} se compiló para el kernel ${builtFor}, y este es ${release}; ejecute «${install}»`,
  'module-damaged': ({ file, error, install }) =>
    `${file} está dañado o no corresponde a este kernel («${error}»); elimine el archivo y ejecute «${install}»`,
  'module-installed-damaged': ({ module, error }) =>
    `el módulo instalado ${module} está dañado o no corresponde a este kernel («${error}»): dkms install --force`,
  'module-name-taken': ({ path }) =>
    `${path} ya existe y pertenece a otro módulo: descárguelo o configure otro carnet`,
  'module-sources-missing': ({ module, release, sources }) =>
    `no hay un módulo ${module} para el kernel ${release}, ni fuentes en ${sources} para compilarlo`,
  'module-not-installed': ({ module, release }) =>
    `DKMS no tiene un módulo ${module} para el kernel ${release}; «dkms autoinstall -k ${release}» dice por qué`,
  'kernel-headers-missing': ({ module, release, install }) =>
    `no hay un módulo ${module} para el kernel ${release}, ni sus encabezados para compilarlo: ejecute «${install}»`,
  'tool-missing': ({ tool, install }) => `«${tool}» no está instalado: ejecute «${install}»`,
  'compiler-differs': ({ release, compiler, used, error, install }) =>
    `los módulos no compilan para el kernel ${release}, que se compiló con ${compiler}, y ${used} dice «${error}». Ejecute «${install}»`,
  'module-other-carnet': ({ module, present, path, reload }) =>
    `${module} está cargado con otro carnet y publica ${present}, no ${path}. Detenga Vigía y ejecute «${reload}»`,
  'module-without-file': ({ module, folder, reload }) =>
    `${module} está cargado y no publica nada en ${folder}; detenga Vigía y ejecute «${reload}»`,
  'bpf-no-types': ({ release, path }) =>
    `a este kernel (${release}) le falta ${path} (CONFIG_DEBUG_INFO_BTF)`,
  'bpf-locked-down': () => 'el kernel está bloqueado (lockdown=confidentiality)',
  'bpf-no-file-system': ({ path }) => `ejecute «mount -t bpf bpf ${path}»`,
  'bpf-files-missing': ({ file }) => `falta ${file}: instale el paquete de nuevo`,
  'build-failed': ({ release, error, command }) =>
    `no compila para el kernel ${release}: «${error}»; «${command}» muestra todo`,
  'insert-failed': ({ what, error }) => `el kernel no pudo cargar ${what} («${error}»)`,
  'loader-not-allowed': ({ what, unit, reload }) =>
    `este servicio no puede cargar ${what}; «systemctl status ${unit}» muestra por qué no se cargó. Ejecute «${reload}»`,
  'loading-needs-root': () => 'solo root puede cargarlo: use sudo',
  'loading-lock-unusable': ({ lock, variable }) => `no se puede abrir ${lock}; configure ${variable}`,
  'loading-lock-held': ({ lock, seconds }) =>
    `otro retiene ${lock} desde hace ${seconds} s; «fuser ${lock}» lo muestra`,
} satisfies Partial<Sentences>;
