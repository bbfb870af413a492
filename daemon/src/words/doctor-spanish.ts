import type { DoctorWords } from './doctor-catalogue.ts';

const MISSING = { headers: 'las cabeceras del kernel', compiler: 'un compilador', make: 'make' } as const;
const SOURCE = {
  installed: 'están instalados (DKMS)',
  file: 'están compilados para este kernel',
  build: 'se pueden compilar aquí',
} as const;

export const doctorSpanish: DoctorWords = {
  states: { ok: 'bien', note: 'nota', problem: 'PROBLEMA' },
  checks: {
    configuration: 'configuración',
    managed: 'entradas de manage',
    kernel: 'kernel',
    signatures: 'Secure Boot',
    build: 'cabeceras, compilador',
    modules: 'módulos del kernel',
    bpf: 'iterador BPF',
    cgroups: 'cgroups',
    pressure: 'presión (PSI)',
    swap: 'swap',
    engine: 'motor',
    placing: 'sensor',
    cron: 'cron',
    compose: 'Docker Compose',
    pagePort: 'puerto de la página',
    grafana: 'Grafana',
    disks: 'disco',
    clock: 'reloj',
    record: 'registro',
    recordAccess: 'registro para Grafana',
    unit: 'unidad de systemd',
  },
  findings: {
    'probe-failed': ({ because }, say) => `no se puede comprobar: ${say.render(because)}`,
    'probe-too-slow': () => 'no se puede comprobar: no respondió a tiempo',

    'configuration-valid': ({ file }) => `${file} es válida`,
    'configuration-defaults': () => 'no hay archivo: valen los valores predeterminados',
    'configuration-invalid': ({ error }) => [
      `no es válida, y el resto se juzga con los valores predeterminados: ${error}`,
      'corrija esas líneas; «vigia config show» muestra todos los ajustes',
    ],
    'entry-without-effect': ({ because }, say) => [
      say.render(because),
      'corrija o quite la entrada; «vigia plan» muestra todos los contenedores',
    ],
    'entries-match': () => 'cada entrada coincide con un contenedor',

    'kernel-suits': ({ release }) => `Linux ${release}`,
    'kernel-old': ({ release }) => [
      `Linux ${release} es anterior a 5.10: ni los módulos ni el iterador BPF funcionan en él`,
      'arranque un kernel más nuevo, o déjelo así: Vigía lee /proc en su lugar',
    ],
    'signatures-free': () => 'los módulos no necesitan firma',
    'signatures-demanded': ({ secureBoot, lockdown }) => [
      `el kernel solo acepta módulos firmados (Secure Boot ${secureBoot ? 'activo' : 'inactivo'}, lockdown ${lockdown === '' ? 'desconocido' : lockdown})`,
      'fírmelos con DKMS e inscriba su clave con mokutil; el iterador BPF no necesita firma',
    ],
    'tools-present': ({ compiler }) => `hay cabeceras, ${compiler} y make`,
    'tools-missing': ({ missing, install }) => [
      `falta: ${missing.map((name) => MISSING[name]).join(', ')}; los módulos no se pueden compilar`,
      install,
    ],
    'modules-loaded': () => 'cargados',
    'modules-of-other-sources': ({ names }) => [
      `cargados, pero compilados de otras fuentes que las instaladas: ${names}`,
      'sudo vigia modules unload && sudo vigia modules load',
    ],
    'modules-loadable': ({ from }) => `sin cargar; los carga «vigia up»: ${SOURCE[from]}`,
    'modules-refused': ({ because, isDemanded }, say) => [
      say.render(because),
      isDemanded
        ? 'o ponga sensor: auto, que lee el iterador BPF o /proc en su lugar'
        : 'o déjelo así: Vigía lee el iterador BPF o /proc en su lugar',
    ],
    'modules-not-wanted': ({ sensor }) => `no se piden (sensor: ${sensor})`,
    'bpf-loaded': () => 'cargado',
    'bpf-loadable': () => 'sin cargar; lo carga «vigia up» donde no se cargan los módulos',
    'bpf-refused': ({ because }, say) => [say.render(because), 'o déjelo así: Vigía lee /proc en su lugar'],

    'cgroups-suit': ({ version }) => `versión ${version}, con todos los controladores que usa Vigía`,
    'cgroups-old': () => [
      'versión 1: no se puede contener la memoria (memory.high) ni limitar la E/S (io.max)',
      'arranque con systemd.unified_cgroup_hierarchy=1',
    ],
    'controllers-missing': ({ names }) => [
      `faltan los controladores ${names}; esos límites no se pueden poner`,
      'actívelos en el kernel, o déjelo así',
    ],
    'memory-controller-missing': () => [
      'el controlador de memoria está apagado: no se sabe qué ocupan los contenedores',
      'arranque con cgroup_enable=memory',
    ],
    'pressure-measured': () => 'se mide',
    'pressure-missing': () => [
      'no se mide: Vigía nota la falta de memoria solo por la disponible, y ninguna tormenta de E/S',
      'arranque con psi=1 (el kernel necesita CONFIG_PSI)',
    ],
    'swap-present': ({ devices, mib }, say) => `${say.number(mib / 1024, 1)} GiB (${devices})`,
    'swap-in-memory': ({ devices, mib }, say) =>
      `${say.number(mib / 1024, 1)} GiB, comprimidos en memoria (${devices})`,
    'swap-absent': () => [
      'ninguna: la memoria de un servicio contenido solo puede salir de sus archivos, y contenerlo lo frena más',
      'añada un archivo de swap o zram, o déjelo así',
    ],

    'engine-answers': ({ version }) => `versión ${version}`,
    'engine-old': ({ version, install }) => [
      `versión ${version}; Vigía se prueba con 20.10 y posteriores`,
      install,
    ],
    'engine-silent': ({ because, install }, say) => [
      say.render(because),
      `si no hay ningún motor instalado: ${install}`,
    ],
    'containers-placed': ({ sensor, running }) =>
      running === 0
        ? `${sensor}; no hay contenedores en ejecución`
        : `${sensor}; encuentra ${running === 1 ? 'el contenedor' : `los ${running} contenedores`} en ejecución`,
    'containers-not-placed': ({ because }, say) => [
      say.render(because),
      'ejecute Vigía en el propio equipo, junto a su motor',
    ],

    'cron-ready': () => 'hay un daemon de cron en marcha',
    'cron-not-wanted': () => 'no se pide ninguna tarea (solo con demo: true o cron.install, en modo enforce)',
    'cron-without-daemon': ({ install }) => [
      'no hay ningún daemon de cron en marcha: ningún programa lee la tarea',
      install,
    ],
    'cron-left-over': () => [
      'quedó una tarea de cron aunque Vigía no se ejecuta; mientras tanto no inicia nada',
      'sudo vigia cron remove',
    ],
    'cron-altered': () => ['la tarea de cron no es como la escribió Vigía', 'sudo vigia cron install'],
    'cron-missing': () => ['falta la tarea de cron mientras Vigía se ejecuta', 'sudo vigia cron install'],

    'compose-present': ({ command }) => command,
    'compose-missing': ({ install }) => [
      'no está instalado: Vigía no puede iniciar Grafana',
      `${install}; o ponga grafana: { start: false }`,
    ],
    'port-free': ({ port }) => `el ${port} está libre`,
    'port-ours': ({ port }) => `Vigía la sirve en el ${port}`,
    'port-taken': ({ port, by, pid }) => [
      `el ${port} lo ocupa ${by === '' ? 'otro programa' : by}${pid === null ? '' : ` (proceso ${pid})`}`,
      port === 3000
        ? 'termine ese programa, o ponga en VIGIA_GRAFANA_PORT un puerto libre'
        : 'termine ese programa, o ponga en page.port uno libre',
    ],
    'grafana-runs': () => 'su contenedor está en ejecución',
    'grafana-stopped': ({ status }) => [`su contenedor está en estado ${status}`, 'sudo vigia grafana up'],
    'grafana-absent': () => ['no tiene contenedor, aunque Vigía se ejecuta', 'sudo vigia grafana up'],
    'grafana-not-wanted': () => 'no se pide (grafana.start: false)',

    'disk-has-room': ({ path, used, freeGib }, say) =>
      `${path}: ${say.percent(used)} en uso, ${say.number(freeGib, 1)} GiB libres`,
    'disk-short': ({ path, used, freeGib }, say) => [
      `${path}: ${say.percent(used)} en uso, ${say.number(freeGib, 1)} GiB libres`,
      'libere espacio ahí; «docker system df» muestra lo que ocupa el motor, y «docker image prune» elimina imágenes sin uso',
    ],
    'inodes-short': ({ path, used }, say) => [
      `${path}: ${say.percent(used)} de sus inodos en uso`,
      'elimine muchos archivos pequeños ahí; «docker image prune» elimina imágenes sin uso',
    ],

    'clock-synchronised': () => 'sincronizado',
    'clock-not-synchronised': ({ install }) => [
      'sin sincronizar: las horas del registro pueden ser incorrectas',
      `sudo timedatectl set-ntp true, o ${install}`,
    ],
    'clock-unknown': ({ install }) => [
      'no se puede saber si está sincronizado',
      `${install}, si no lo ajusta el anfitrión de esta máquina`,
    ],

    'record-sound': ({ path }) => `${path} está íntegro`,
    'record-absent': ({ path }) => `${path} no existe todavía; lo empieza «vigia up»`,
    'record-too-large': ({ path }) =>
      `${path} se puede leer; es demasiado grande para leerlo entero aquí: lo hace «vigia db check»`,
    'record-damaged': ({ path, detail }) => [
      `${path} está dañado: ${detail}`,
      'reinicie Vigía, que lo aparta y empieza otro; «vigia db check» muestra los daños',
    ],
    'record-no-permission': ({ path }) => [
      `sin permiso para leer ${path}`,
      'use sudo, o entre en el grupo vigia',
    ],
    'record-unreadable': ({ path, detail }) => [
      `${path} no se puede leer: ${detail}`,
      'revise el archivo y su disco',
    ],
    'record-shared': () => 'su usuario lo puede leer',
    'record-not-shared': ({ paths, directory }) => [
      `su usuario (472, con el grupo de ${directory}) no puede leer ${paths.join(', ')}`,
      `chmod g+rx ${directory}; chmod g+r ${paths.join(' ')}; chgrp --reference=${directory} ${paths.join(' ')}`,
    ],

    'unit-absent': () => 'no está instalada: Vigía se inicia a mano',
    'unit-sandboxed': ({ status }) => `${status}, en su aislamiento`,
    'unit-other': ({ file, status }) => `${status}; ${file} no es la del paquete`,
    'unit-failed': () => [
      'falló',
      'journalctl -u vigia -n 50 dice por qué; después, systemctl restart vigia',
    ],
    'unit-loosened': ({ settings }) => [
      `su aislamiento no es el del paquete: ${settings}`,
      'systemctl cat vigia muestra el drop-in que lo cambia; systemctl revert vigia lo quita',
    ],
    'no-systemd': () => 'aquí no se ejecuta systemd: Vigía se inicia a mano',
  },
  summary: (problems, notes, fine) =>
    `${problems} problema${problems === 1 ? '' : 's'}, ${notes} nota${notes === 1 ? '' : 's'}, ${fine} en orden`,
  atStart: 'Lo que no está bien en este equipo («vigia doctor» muestra todas las comprobaciones):',
};
