import type { Level } from '../model/level.ts';
import type { Catalogue } from './catalogue.ts';
import type { FirstSentences } from './first-sentences.ts';
import { LIFE_SPANISH } from './life-spanish.ts';

const CLASS = { low: 'bajo consumo', high: 'alto consumo' } as const;

const SHORT = { low: 'bajo', high: 'alto' } as const;

const containers = (count: number, level: Level): string =>
  `${count} ${count === 1 ? 'contenedor' : 'contenedores'} de ${CLASS[level]}`;

const times = (count: number): string => `${count} ${count === 1 ? 'vez' : 'veces'}`;

const learned = (isLearned: boolean): string => (isLearned ? ' (lo habitual en su imagen)' : '');

const held = (seconds: number): string => (seconds > 0 ? ` durante ${seconds.toFixed(0)} s` : '');

const STATES: Readonly<Record<string, string>> = {
  created: 'creado',
  running: 'en ejecución',
  paused: 'en pausa',
  restarting: 'reiniciándose',
  removing: 'eliminándose',
  exited: 'finalizado',
  dead: 'muerto',
  unknown: 'desconocido',
};
const state = (name: string): string => STATES[name] ?? name;

const ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no existe (ENOENT)',
  EACCES: 'permiso denegado (EACCES)',
  EPERM: 'operación no permitida (EPERM)',
  ENOMEM: 'sin memoria (ENOMEM)',
  EIO: 'error de entrada/salida (EIO)',
  EINTR: 'interrumpido (EINTR)',
  ESRCH: 'el proceso no existe (ESRCH)',
  EMFILE: 'demasiados archivos abiertos (EMFILE)',
  ENOSPC: 'no queda espacio en el disco (ENOSPC)',
  ECONNRESET: 'se cerró la conexión (ECONNRESET)',
  EPIPE: 'se cerró la conexión (EPIPE)',
};

const LIMITS: Readonly<Record<string, string>> = {
  cpu: 'CPU',
  memory: 'memoria',
  pids: 'procesos',
  io: 'E/S',
};

const HOLDERS: Readonly<Record<string, string>> = {
  container: 'el contenedor',
  cgroup: 'el servicio',
  process: 'el proceso',
  tmpfs: 'los archivos en memoria',
  kernel: 'el kernel',
};

export const spanish: Catalogue<FirstSentences> = {
  decimalPoint: ',',
  levels: { low: 'de bajo consumo', high: 'de alto consumo', unknown: 'sin clasificar' },
  kinds: {
    disposable: 'desechable',
    service: 'servicio',
    foreign: 'ajeno',
    protected: 'protegido',
    managed: 'gestionado',
  },
  remedies: {
    throttle: 'limitar CPU, procesos y E/S',
    squeeze: 'limitar la memoria',
    restart: 'reiniciar',
    stop: 'detener',
    kill: 'matar si se agota la memoria',
  },
  verbs: {
    remove: 'eliminar',
    start: 'iniciar',
    throttle: 'frenar',
    release: 'liberar',
    restart: 'reiniciar',
    squeeze: 'limitar memoria',
    'limit-pids': 'limitar procesos',
    'limit-io': 'limitar E/S',
    stop: 'detener',
    kill: 'matar',
  },
  actions: {
    remove: 'eliminado',
    start: 'iniciado',
    throttle: 'frenado',
    release: 'liberado',
    restart: 'reiniciado',
    squeeze: 'limitado en memoria',
    'limit-pids': 'limitado en procesos',
    'limit-io': 'limitado en E/S',
    stop: 'detenido',
    kill: 'matado',
  },
  results: { done: 'hecho', skipped: 'omitido', failed: 'falló' },
  summary: ({ count, kind, level, result, because }, say) => {
    const plural = count === 1 ? '' : 's';
    const action = `${spanish.actions[kind] ?? kind}${plural}`;
    const name = level === null ? 'sin clasificar' : `${SHORT[level]}${plural}`;
    const failure = result === 'done' ? '' : ` (${spanish.results[result] ?? result})`;
    switch (because.code) {
      case 'surplus':
        return `${count} de ${because.count} ${SHORT[because.level]}s ${action}${failure}`;
      case 'shortage':
        return `${count} ${name} ${action} (había ${because.count} de ${because.keep})${failure}`;
      case 'ended':
        return `${count} terminado${plural} ${action}${failure}`;
      default:
        return `${count} ${name} ${action}${failure}: ${say.render(because)}`;
    }
  },
  sentences: {
    'no-process-seen': () => 'ningún sensor ve aún un proceso suyo',
    'first-reading': () => 'solo hay una lectura; la tasa de CPU necesita dos',
    'cpu-above-line': ({ cpu, line }, say) => `CPU ${say.percent(cpu)} > ${say.limit(line)}`,
    'memory-above-line': ({ memory, line }, say) => `memoria ${say.percent(memory)} > ${say.limit(line)}`,
    'above-release-line': ({ cpu, memory, share }, say) =>
      `CPU ${say.percent(cpu)} y memoria ${say.percent(memory)}: todavía por encima del ${say.limit(share)} de los límites`,
    'below-lines': ({ cpu, cpuLine, memory, memoryLine }, say) =>
      `CPU ${say.percent(cpu)} ≤ ${say.limit(cpuLine)} y memoria ${say.percent(memory)} ≤ ${say.limit(memoryLine)}`,

    'cpu-above-threshold': ({ cpu, threshold, learned: isLearned }, say) =>
      `CPU ${say.percent(cpu)} > ${say.limit(threshold)}${learned(isLearned)}`,
    'memory-above-threshold': (reason, say) =>
      `memoria ${say.percent(reason.memory)} de la RAM > ${say.limit(reason.threshold)}${learned(reason.learned)}, con ${say.percent(reason.available)} disponible < ${say.limit(reason.availableThreshold)}`,
    'memory-leak': ({ fromMib, toMib, minutes, fullInMinutes }) =>
      `la memoria subió de forma constante de ${fromMib} a ${toMib} MiB en ${minutes} min; llenará la RAM en ${fullInMinutes} min`,
    'fork-storm': ({ processes, threshold, minuteAgo }) =>
      `tormenta de procesos: ${processes} procesos ≥ ${threshold}, ${minuteAgo} hace un minuto`,
    'io-storm': ({ mibPerSecond, threshold, stalled, stalledThreshold }, say) =>
      `tormenta de E/S: ${say.number(mibPerSecond, 0)} MiB/s > ${threshold} MiB/s mientras todas las tareas esperan E/S el ${say.number(stalled, 0)} % del tiempo > ${say.limit(stalledThreshold)}`,
    'restart-loop': ({ restarts, minutes, threshold }) =>
      `se reinició ${times(restarts)} en ${minutes} min (límite: ${threshold})`,

    'memory-short': ({ available, threshold }, say) =>
      `se agota la memoria: ${say.percent(available)} disponible < ${say.limit(threshold)}`,
    'memory-stalled': ({ full, threshold, seconds }, say) =>
      `la memoria detiene a todas las tareas: PSI full ${say.percent(full)} > ${say.limit(threshold)} durante ${say.number(seconds, 0)} s`,

    surplus: ({ count, level, keep, why }, say) =>
      `${containers(count, level)}, cuota ${keep}; este: ${say.render(why)}`,
    shortage: ({ count, level, keep }) => `${containers(count, level)} en ejecución, cuota ${keep}`,
    ended: ({ state: name }) => `ha terminado (${state(name)})`,
    'never-started': ({ minutes }) => `se creó hace más de ${minutes} min y nunca arrancó`,
    'throttle-for': ({ breach, seconds, percent }, say) =>
      `${say.render(breach)}${held(seconds)}; se limita al ${say.limit(percent)} de un núcleo`,
    'restart-for': ({ breach, seconds }, say) => `${say.render(breach)}${held(seconds)}; se reinicia`,
    'replace-for': ({ breach, seconds }, say) =>
      `${say.render(breach)}${held(seconds)}; el remedio anterior no ayudó; se reemplaza`,
    'needs-less-cpu': ({ cpu, percent, seconds }, say) =>
      `usó ${say.percent(cpu)} de CPU durante ${say.number(seconds, 0)} s, con un límite del ${say.limit(percent)}; se levanta el límite`,
    'lift-limit-protected': ({ protection }, say) =>
      `ahora está protegido (${say.render(protection)}); se levanta su límite de CPU`,
    'evict-for-memory': ({ emergency, holds, next }, say) =>
      `${say.render(emergency)}; ocupa ${holds === null ? 'parte desconocida' : say.percent(holds)} de la RAM; ${next === null ? 'ningún otro contenedor ayudaría' : `siguiente candidato: ${next}`}`,

    'sensor-blind': ({ faults }, say) =>
      faults.map(({ sensor, fault }) => `${sensor}: ${say.render(fault)}`).join('; '),
    'mode-observe': () => 'modo observe: no se planea nada',
    'breaker-open': ({ cycles }) =>
      `cortacircuitos abierto: fallaron todas las eliminaciones de ${cycles} ${cycles === 1 ? 'ciclo' : 'ciclos'}; se espera`,
    'nothing-to-evict': ({ emergency }, say) =>
      `${say.render(emergency)}; ningún contenedor gestionado ocupa lo suficiente para ayudar`,
    'surplus-excluded': ({ classes }) =>
      `sin acciones: ${classes.map(({ count, level, keep }) => `${containers(count, level)} (cuota ${keep})`).join(' y ')}, pero los que sobran no se pueden eliminar`,
    'quotas-met': () => 'sin acciones: las cuotas se cumplen',

    paused: ({ until, why }) => `en pausa hasta ${until}: ${why}`,
    'protected-label': ({ label }) => `etiqueta ${label}`,
    'protected-name': ({ name }) => `nombre protegido ${name}`,
    'protected-image': ({ image }) => `imagen protegida ${image}`,
    'not-classified': () => 'aún sin clasificar',
    'within-quota': ({ keep, level }) => `dentro de la cuota de ${containers(keep, level)}`,
    'class-not-trimmed': () => 'su clase no se recorta',
    'sources-disagree': ({ sensorMib, cgroupMib }) =>
      `el sensor y el cgroup discrepan sobre su memoria (${sensorMib} y ${cgroupMib} MiB)`,
    'not-the-culprit': ({ largest, own }, say) =>
      `no es el culpable: ocupa ${say.percent(own)} de la RAM, el mayor ${say.percent(largest)}`,
    'one-at-a-time': ({ first }) => `uno por ciclo; antes ${first}`,
    'state-unknown': () => 'el motor informa de un estado que Vigía no conoce; no actúa sobre él',
    'stalled-by-own-limit': ({ name }) =>
      `al equipo no le falta memoria; ${name} se detiene en su propio límite`,
    'too-small': ({ memory, threshold }, say) =>
      `demasiado pequeño para ayudar: ${say.percent(memory)} de la RAM < ${say.limit(threshold)}`,

    'only-planned': ({ mode }) => `solo planeado (modo ${mode})`,
    preempted: () => 'se dejó para después: se agota la memoria',
    interrupted: () => 'Vigía terminó antes de hacerlo',
    'recheck-failed': ({ error }, say) => `no se pudo comprobar de nuevo el contenedor: ${say.render(error)}`,
    'already-gone': () => 'ya no existía',
    'no-longer-managed': () => 'ya no está gestionado',
    'protected-now': ({ protection }, say) => `ahora está protegido: ${say.render(protection)}`,
    unhealthy: () => 'falla su healthcheck',
    follows: ({ name }) => `depende de ${name}`,
    'unhealthy-together': ({ count, of }) => `fallan ${count} de ${of} healthchecks a la vez`,
    vetoed: ({ script }) => `${script} no lo permite`,
    'ended-by-itself': () => 'terminó por sí mismo',
    'restarted-since': ({ before, now }) => `se reinició después de clasificarlo (pid ${before} → ${now})`,
    'running-again': () => 'está de nuevo en ejecución',
    'below-floor': ({ left, level, keep }) =>
      `${left === 1 ? 'quedaría' : 'quedarían'} ${containers(left, level)}, cuota ${keep}`,
    'ended-or-restarted': () => 'terminó o se reinició después de clasificarlo',
    'own-cpu-limit': () => 'tiene un límite de CPU propio',
    'cpu-limited': ({ percent }, say) => `CPU limitada al ${say.limit(percent)} de un núcleo`,
    'cpu-limit-lifted': () => 'límite de CPU levantado',
    removed: () => 'el motor ya no lo muestra y su cgroup ya no existe',
    'removal-unconfirmed': ({ listedBy, seconds }) =>
      `eliminado, pero ${listedBy === 'cgroup' ? 'su cgroup sigue existiendo' : 'el motor aún lo muestra'} después de ${seconds} s`,
    restarted: ({ before, now }) => `de nuevo en ejecución (pid ${before} → ${now})`,
    'restarted-not-running': () => 'reiniciado, pero no está en ejecución',
    'restarted-same-run': () => 'reiniciado, pero su proceso es el mismo',
    started: ({ name }) => `${name} está en ejecución`,
    'seen-at-next-start': ({ result }, say) => `${say.render(result)}; visto en el arranque siguiente`,
    'in-state': ({ name, state: current }) => `${name} está ${state(current)}`,
    gone: () => 'ya no existe',
    'not-removed-yet': ({ state: current }) => `${state(current)}, pero aún no eliminado`,
    'outcome-unknown': ({ error }, say) => `resultado desconocido: ${say.render(error)}`,
    'not-running': () => 'el contenedor no está en ejecución',

    'reading-too-old': () => 'la lectura es anterior al momento en que se pidió',
    'removal-not-confirmed': ({ name, tick }) => `${name} se eliminó en el ciclo ${tick} y sigue ahí`,
    'cycle-interrupted': ({ tick }) =>
      `Vigía terminó durante el ciclo ${tick}; sus acciones se comprobaron en el arranque siguiente`,
    'no-container-placed': ({ containers, cause }, say) =>
      `el motor muestra ${containers} en marcha y el sensor no ve ningún proceso de ellos: ${say.render(cause)}`,
    'in-pid-namespace': () =>
      'Vigía está en un espacio de nombres de PID propio; ejecútelo en el anfitrión o con --pid=host',
    'in-cgroup-namespace': () =>
      'Vigía está en un espacio de nombres de cgroups propio; ejecútelo en el anfitrión o con --cgroupns=host',
    'no-memory-controller': () =>
      'los módulos necesitan el controlador de memoria, que cgroup v1 no tiene aquí; configure sensor: procfs',
    'process-not-here': ({ pid }) => `el motor nombra el proceso ${pid}, que no está en este equipo`,
    'cgroup-names-none': ({ pid, cgroup }) =>
      `el proceso ${pid} del motor está aquí en el cgroup ${cgroup}, que no es de ningún contenedor; no se admiten motores sin root`,
    'proc-not-read-in-time': ({ seconds }) => `/proc no se leyó en ${seconds} s`,
    'module-unloaded': () =>
      'se descargó un módulo del kernel durante la ejecución; el ciclo siguiente usa otro sensor',
    'modules-not-loaded': ({ why }, say) => `los módulos del kernel no están cargados: ${say.render(why)}`,
    'neither-loaded': ({ modules, bpf }, say) =>
      `los módulos del kernel no están cargados: ${say.render(modules)}. El iterador BPF no está cargado: ${say.render(bpf)}`,
    'bpf-not-loaded': ({ pin }) =>
      `el iterador BPF no está cargado (falta ${pin}); cárguelo con scripts/load-bpf.sh`,
    'bpf-reading-truncated': ({ bytes }) => `la lectura del iterador BPF termina después de ${bytes} bytes`,
    'bpf-record-unknown': ({ at, schema, kind, size }) =>
      `la lectura del iterador BPF es de otra versión (byte ${at}: ${schema}, ${kind}, ${size}): cárguelo de nuevo`,

    'file-empty': () => 'el archivo está vacío',
    'file-not-json': ({ characters }) => `cortado o no es JSON después de ${characters} caracteres`,
    'file-not-schema-1': ({ field }) => `no cumple el esquema 1 en «${field}»`,
    'file-unreadable': ({ path, error }, say) => `no se puede leer ${path}: ${say.render(error)}`,
    'file-too-long': ({ bytes }) => `ocupa más de ${bytes} bytes, lo máximo que Vigía lee`,
    'meminfo-lacks': ({ field }) => `/proc/meminfo no tiene ${field}`,
    'engine-timeout': ({ path, seconds }, say) =>
      `Docker no respondió a ${path} en ${say.number(seconds, Number.isInteger(seconds) ? 0 : 1)} s: ¿está bloqueado? (systemctl status docker)`,
    'engine-unreachable': ({ socket }) =>
      `Docker no responde en ${socket}: inícielo (systemctl start docker)`,
    'engine-no-permission': ({ socket }) =>
      `sin permiso para ${socket}: ejecútelo como root o con un usuario del grupo docker`,
    'engine-answer-too-long': ({ path, bytes }) => `${path} respondió más de ${bytes} bytes`,
    'engine-answer-too-deep': ({ levels }) =>
      `la respuesta del motor tiene más de ${levels} niveles de profundidad`,
    'engine-closed': ({ path }) => `${path}: el motor cerró la conexión sin responder`,
    'engine-refused': ({ path, status, message }) =>
      `${path} respondió ${status}${message === '' ? '' : `: ${message}`}`,
    'engine-not-json': ({ what, beginning }) =>
      `la respuesta del motor sobre ${what} no es JSON: ${beginning}`,
    'engine-answer-unexpected': ({ what, field }) => `${what}: respuesta inesperada en ${field}`,
    'engine-request-failed': ({ path, error }, say) => `${path}: ${say.render(error)}`,
    'engine-not-awaited': () => 'faltaba memoria, así que el ciclo no esperó la respuesta de Docker',
    'engine-backing-off': ({ last, failures, seconds }, say) =>
      `${say.render(last)}; falló ${times(failures)}, próximo intento en ${seconds} s`,
    'image-missing': ({ image }) =>
      `la imagen ${image} no está en este equipo: créela con workload/build-images.sh`,

    ...LIFE_SPANISH,

    'script-not-a-file': () => 'no es un archivo normal; un enlace podría apuntar a cualquier programa',
    'script-not-a-directory': () => 'no es un directorio',
    'script-owner': ({ uid }) =>
      `pertenece al usuario ${uid}, que podría ejecutar programas como root: use chown root`,
    'script-writable': ({ mode }) => `otros usuarios pueden escribirlo (modo ${mode}): use chmod go-w`,
    'script-queue-full': ({ waiting }) =>
      `no se ejecutó: ya ${waiting === 1 ? 'esperaba' : 'esperaban'} ${waiting} ${waiting === 1 ? 'script' : 'scripts'}`,

    'class-change-unconfirmed': ({ level, reading }, say) =>
      `sigue en ${CLASS[level]}: una sola lectura de la otra clase no basta (${say.render(reading)})`,
    'reading-gap': () => 'la última lectura es demasiado antigua para una tasa de CPU',
    'kind-by-label': ({ label }) => `etiqueta ${label}`,
    'managed-by-config': ({ at }) => `gestionado por ${at}`,
    'released-by-config': ({ name }) => `la configuración deja libre ${name}`,
    'not-managed': () => 'ni una etiqueta ni la configuración lo ponen al cuidado de Vigía',
    orchestrated: ({ label }) => `lo cuida su orquestador (etiqueta ${label})`,
    'label-not-understood': ({ label, value }) =>
      `la etiqueta ${label}=${value} no se entiende; se lee de la forma más estricta`,
    'manage-matches-nothing': ({ at }) => `${at}: esta entrada de manage no coincide con ningún contenedor`,
    'manage-matches-protected': ({ at, name }) =>
      `${at}: esta entrada de manage coincide con ${name}, que está protegido y lo sigue estando`,
    'sacrifice-for-memory': ({ emergency, holds, culprit }, say) =>
      `${say.render(emergency)}; ${say.render(culprit)}, y Vigía no puede terminarlo; se sacrifica este contenedor sobrante (${holds === null ? 'parte desconocida' : say.percent(holds)} de la RAM)`,
    'kill-for-memory': ({ emergency, holds, culprit }, say) =>
      `${say.render(emergency)}; ${say.render(culprit)}; ocupa ${say.percent(holds)} de la RAM`,
    'squeeze-for': ({ breach, seconds, toMib }, say) =>
      `${say.render(breach)}${held(seconds)}; se contiene su memoria en ${toMib} MiB`,
    'limit-pids-for': ({ breach, seconds, processes }, say) =>
      `${say.render(breach)}${held(seconds)}; se limita a ${processes} procesos`,
    'limit-io-for': ({ breach, seconds, mibPerSecond }, say) =>
      `${say.render(breach)}${held(seconds)}; se limita su E/S a ${mibPerSecond} MiB/s`,
    'stop-for': ({ breach, seconds }, say) => `${say.render(breach)}${held(seconds)}; se detiene`,
    'kill-for-storm': ({ breach }, say) => `${say.render(breach)}; se mata y se reemplaza`,
    'replace-now-for': ({ breach, seconds }, say) => `${say.render(breach)}${held(seconds)}; se reemplaza`,
    'limit-eased': ({ limit, seconds }) =>
      `el motivo de su límite de ${LIMITS[limit] ?? limit} desapareció hace ${seconds} s; se retira el límite`,
    'idle-cpu-suffices': ({ idle, taken }, say) =>
      `queda libre ${say.percent(idle)} de un núcleo, y basta para el ${say.percent(taken)} que se le quitó; se retira su límite de CPU`,
    'limit-lifted-mode': ({ mode }) => `modo ${mode}: Vigía no deja puesto ningún límite suyo`,
    'culprit-grew': ({ kind, name, grownMib, heldMib }) =>
      `${HOLDERS[kind] ?? kind} ${name} creció ${grownMib} MiB hasta ${heldMib} MiB en diez minutos`,
    'culprit-loads': ({ name, loadedMib }) =>
      `el contenedor ${name} acaba de iniciarse y cargó ${loadedMib} MiB, no más de lo habitual`,
    'culprit-above-usual': ({ kind, name, heldMib, usualMib }) =>
      `${HOLDERS[kind] ?? kind} ${name} ocupa ${heldMib} MiB, ${usualMib === null ? 'más que nadie en este equipo' : `y lo habitual son ${usualMib} MiB`}`,
    'no-culprit': () => 'nadie destaca entre los que ocupan la memoria',
    'set-aside': ({ names }) =>
      `sin acción: eliminar ${names.join(', ')} falló tres veces seguidas; se aparta por ahora`,
    'culprit-named': ({ emergency, culprit }, say) => `${say.render(emergency)}; ${say.render(culprit)}`,
    'culprit-not-ours': ({ emergency, culprit }, say) =>
      `${say.render(emergency)}; ${say.render(culprit)}. Vigía no lo gestiona, y no termina ningún otro contenedor por ello`,
    'culprit-not-ended': ({ emergency, culprit, refusal }, say) =>
      `${say.render(emergency)}; ${say.render(culprit)}, pero: ${say.render(refusal)}`,
    'culprit-unproven': ({ emergency, culprit }, say) =>
      `${say.render(emergency)}; ${say.render(culprit)}, pero eso no prueba ninguna falla: no se termina por una suposición`,
    'floor-waits': ({ count, level, keep }) =>
      `${containers(count, level)}, cuota ${keep}; se espera a contenedores aún sin clase, o tras un inicio fallido`,
    'suspect-excluded': ({ emergency, name }, say) =>
      `${say.render(emergency)}; terminar ${name} dos veces no devolvió nada; se deja hasta que se recupere la memoria`,
    'floor-not-filled': ({ image, level, miss }, say) =>
      `la imagen ${image} no da un contenedor de ${CLASS[level]} (${say.render(miss)}); no se inician más de ella`,
    'start-ended-at-once': ({ name }) => `${name} terminó enseguida`,
    'start-other-class': ({ name, level }) => `${name} resultó de ${CLASS[level]}`,
    'start-failed': ({ error }, say) => `un inicio falló: ${say.render(error)}`,
    'service-needs-attention': ({ name, breach }, say) => `${name} necesita atención: ${say.render(breach)}`,
    'policy-warning': ({ name, warning }, say) => `${name}: ${say.render(warning)}`,
    'set-aside-for-now': ({ failures }) => `eliminarlo falló ${times(failures)}; se aparta por ahora`,
    'disk-filling': ({ path, used, inodes, hours, log }, say) =>
      `${path}: ${say.percent(used)}${inodes ? ' de inodos' : ''} en uso${hours === null ? '' : `, lleno en ${say.remaining(hours)}`}${log === null ? '' : `; mayor log: ${log.name}, ${log.mib} MiB`}`,
    'service-never-removed': () => 'un servicio no se elimina nunca',
    'not-allowed': ({ remedy }) => `su dueño no permite ${remedy}`,
    'stop-asked': ({ seconds }) => `se le pidió detenerse; tiene ${seconds} s para ello y no se espera`,
    'processes-killed': () => 'se mataron sus procesos',
    'kill-unconfirmed': ({ seconds }) => `se mató, pero su primer proceso sigue ahí después de ${seconds} s`,
    'other-container-inside': () => 'dentro está el cgroup de otro contenedor: no se mata',
    'no-such-limit': () => 'este kernel no tiene ese límite, o su dueño puso uno',
    'memory-squeezed': ({ toMib }) => `memoria contenida en ${toMib} MiB`,
    'pids-limited': ({ processes }) => `limitado a ${processes} procesos`,
    'io-limited': ({ mibPerSecond }) => `E/S limitada a ${mibPerSecond} MiB/s`,
    'limit-lifted': ({ limit }) => `se retiró el límite de ${LIMITS[limit] ?? limit}`,

    'os-error': ({ errno }) => ERRORS[errno] ?? errno,
    message: ({ text }) => text,
    'recorded-text': ({ text }) => text,
  },
};
