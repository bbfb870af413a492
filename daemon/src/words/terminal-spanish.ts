import type { ShownKind } from './catalogue.ts';
import type { TerminalWords } from './terminal-catalogue.ts';

/** What SQLite says most often. Anything else is quoted in English. */
const SQLITE: Readonly<Record<string, string>> = {
  'unable to open database file': 'no se puede abrir el archivo',
  'file is not a database': 'el archivo no es una base de datos',
  'database disk image is malformed': 'la base de datos está dañada',
  'no such table: cycle': 'no es una base de datos de Vigía',
  'database is locked': 'otro programa la está usando',
  'disk I/O error': 'error de entrada/salida del disco',
};
const sqlite = (message: string): string => SQLITE[message] ?? message;

const plural = (count: number, one: string, several: string): string =>
  `${count} ${count === 1 ? one : several}`;

const KINDS: Readonly<Record<ShownKind, readonly [one: string, several: string]>> = {
  disposable: ['desechable', 'desechables'],
  service: ['servicio', 'servicios'],
  managed: ['gestionado', 'gestionados'],
  foreign: ['ajeno', 'ajenos'],
  protected: ['protegido', 'protegidos'],
};

export const terminalSpanish: TerminalWords = {
  common: {
    classes: { low: 'bajo', high: 'alto', unknown: 'sin clasificar' },
    running: 'en marcha',
    stopped: 'DETENIDO',
    cycle: 'ciclo',
    modes: { enforce: 'modo enforce', 'dry-run': 'modo dry-run', observe: 'observa' },
    circumstances: (age, sensor, mode) => `${age}, sensor ${sensor}, ${mode}`,
    ago: (length) => `hace ${length}`,
    ahead: (length) => `${length} en el futuro (el reloj del sistema se atrasó)`,
    noCycle: 'Todavía no hay ningún ciclo. «vigia up» registra el primero en unos segundos.',
    noDecision: 'Todavía no hay ninguna decisión.',
    latestDecisions: 'Últimas decisiones',
  },
  columns: {
    action: 'ACCIÓN',
    age: 'EDAD',
    broken: 'ROTOS',
    changed: 'MODIFICADA',
    checks: 'PRUEBAS',
    class: 'CLASE',
    container: 'CONTENEDOR',
    containers: 'CONTENEDORES',
    crashes: 'CAÍDAS',
    cycle: 'CICLO',
    cycles: 'CICLOS',
    database: 'BASE',
    duration: 'DURACIÓN',
    event: 'EVENTO',
    faults: 'FALLOS',
    kind: 'TIPO',
    killed: 'POR MEMORIA',
    may: 'VIGÍA PUEDE',
    name: 'NOMBRE',
    newest: 'HASTA',
    next: 'PRÓXIMO CICLO',
    oldest: 'DESDE',
    output: 'SALIDA',
    present: 'ACTUAL',
    reaction: 'REACCIÓN p99',
    removed: 'ELIMINADOS',
    restored: 'CUOTAS p99',
    result: 'RESULTADO',
    rows: 'FILAS',
    scenario: 'ESCENARIO',
    script: 'SCRIPT',
    seed: 'SEMILLA',
    size: 'TAMAÑO',
    table: 'TABLA',
    time: 'HORA',
    why: 'MOTIVO',
  },
  status: {
    ram: (used, total, share, free, available) =>
      `RAM     ${used} de ${total} en uso (${share}), libre ${free}, disponible ${available}`,
    ramUnknown: 'RAM     desconocida',
    quotas: (classes, unclassified) => `cuotas  ${classes}  sin clasificar ${unclassified}`,
    kinds: (counts) => `tipos   ${counts}`,
    disk: (path, used, free, left) =>
      `disco   ${path}: ${used} en uso, ${free} libres${left === null ? '' : `, lleno en ${left}`}`,
    diskHint:
      '        para liberar espacio: docker image prune (elimina imágenes sin uso; Vigía no elimina ninguna)',
    fault: (sensor, reason) => `fallo   ${sensor}: ${reason}`,
    notice: (time, reason) => `aviso   ${time} ${reason}`,
    noContainer: 'No se vio ningún contenedor.',
  },
  top: {
    tryingAgain: (problem) => `${problem}; se intenta de nuevo`,
    fault: (sensor, reason) => `fallo: ${sensor}: ${reason}`,
    notice: (time, reason) => `aviso ${time}: ${reason}`,
    ramUnknown: 'RAM   desconocida',
    ram: (share, used, total) => `${share}, ${used} de ${total}`,
    cpu: (share, cores, load) => `${share} de ${cores} núcleos, carga ${load}`,
    psi: { memory: 'memoria', disk: 'disco', cpu: 'CPU' },
    noPsi: 'este kernel no la mide',
    processes: (total, ownMemory) => `procesos ${total}   daemon ${ownMemory}`,
    missing: (count) => `${count === 1 ? 'falta' : 'faltan'} ${count}`,
    surplus: (count) => `${count === 1 ? 'sobra' : 'sobran'} ${count}`,
    complete: 'completo',
    emptyPlace: 'vacío',
    justStarted: 'recién iniciado',
    hidden: (above, below) => {
      const parts = [
        ...(above > 0 ? [`${above} más arriba`] : []),
        ...(below > 0 ? [`${below} más abajo`] : []),
      ];
      return `contenedores: ${parts.join(', ')} (flechas)`;
    },
    found: (shown, total) => `${shown} de ${total}`,
    filter: 'filtro:',
    filterKeys: 'Intro lo conserva, Esc lo quita',
    filtered: (found, filter) => `${found} con «${filter}»`,
    clearFilter: 'Esc quita el filtro',
    keys: 'q salir  ? ayuda  Intro explicar  / filtro  orden: s clase c CPU m RAM',
    closeHelp: 'cualquier tecla cierra la ayuda',
    closeExplanation: 'Esc, Intro o q: volver a la tabla; las flechas recorren el texto',
    help: [
      'BAJO, ALTO  un puesto por cada contenedor de la cuota, con su contenedor',
      'CPU, RSS    100 % es un núcleo; la memoria física de sus procesos',
      'CLASE       de los desechables, la medida; ? hasta tener dos lecturas',
      '            servicio: se limita o reinicia. ajeno, protegido: nunca se tocan.',
      'EDAD        desde que Vigía vio el contenedor por primera vez',
      'MOTIVO      las cifras que deciden la clase',
      'Debajo de la tabla: las últimas decisiones, cada una con su motivo.',
      '',
      's c m n a   ordenar por clase, CPU, memoria, nombre, edad (primero el más nuevo)',
      'r           invertir el orden',
      '/           filtrar por nombre, ID, imagen, clase, tipo o motivo; Esc lo quita',
      '↑ ↓ PgUp PgDn Home End   elegir un contenedor; Intro lo explica',
      'q, Ctrl-C   salir',
      '',
      'Imprimir esto una vez: vigia top --once. Sin las barras: vigia status.',
      'Por qué se eliminó uno que ya no está: vigia explain NOMBRE',
    ],
  },
  events: {
    none: 'Todavía no hay ninguna acción.',
    noScript: 'No se ejecutó ningún script. «vigia config show» dice su directorio (scripts.directory).',
    nothingTold: 'El motor todavía no informó de ningún contenedor.',
    results: {
      done: 'hecho',
      failed: 'falló',
      vetoed: 'no lo permite',
      killed: 'interrumpido',
      refused: 'rechazado',
      dropped: 'descartado',
    },
    failed: (result, exit) => `${result} (${exit === null ? 'señal' : `código de salida ${exit}`})`,
  },
  explain: {
    did: {
      start: 'lo inició',
      remove: 'lo eligió para eliminarlo',
      restart: 'lo reinició',
      throttle: 'limitó su CPU',
      release: 'levantó un límite suyo',
      squeeze: 'limitó su memoria',
      'limit-pids': 'limitó sus procesos',
      'limit-io': 'limitó su E/S',
      stop: 'le pidió que se detuviera',
      kill: 'mató sus procesos',
    },
    action: (tick, time, did, because) => `El ciclo ${tick} (${time}) ${did}: ${because}.`,
    outcome: (result, detail, ms) => `Resultado: ${result}, ${detail} (${ms}).`,
    ownership: {
      disposable: 'es desechable: Vigía puede eliminarlo y reemplazarlo',
      service: 'es un servicio: Vigía puede limitarlo o reiniciarlo, nunca eliminarlo',
      managed: 'está gestionado por Vigía',
      foreign: 'no está gestionado: Vigía solo lo observa',
      protected: 'está protegido: Vigía nunca actúa sobre él',
    },
    introduction: ({ name, id, image, declared, ownership, first, last, removed }) =>
      `${name} (${id}), imagen ${image}${declared === null ? '' : `, iniciado como contenedor ${declared}`}, ${ownership}. Visto por primera vez ${first}, ${removed === null ? `por última vez ${last}` : `eliminado por Vigía ${removed}`}.`,
    lastClass: (level, because, cpu, rss) =>
      `Última clasificación: ${level}; ${because} (CPU ${cpu}, RSS ${rss}).`,
    shareOfHost: (share) => ` (${share} del equipo)`,
    rank: (rank, chosen, candidates, share) =>
      `Ocupó el puesto ${rank} de ${chosen} elegidos${share}; se consideraron ${candidates} candidatos.`,
    noOther: 'No había otro candidato.',
    nextSelected: (name, share) => `El siguiente era ${name}${share}, también elegido.`,
    nextExcluded: (name, share, because) => `El siguiente era ${name}${share}, no elegido: ${because}.`,
    neverTouched: 'Vigía nunca actuó sobre él.',
    told: (time, what) => `${time}: ${what}.`,
    onlyTold: (name, id, image) =>
      `${name} (${id}), imagen ${image}. Terminó antes de que lo viera un ciclo: solo el motor informó de él.`,
    notConsidered: 'Vigía no actuó sobre él; ningún ciclo reciente lo consideró.',
    notSelected: (tick, time, share, because) =>
      `Vigía no actuó sobre él. El ciclo ${tick} (${time}) lo consideró${share} y no lo eligió: ${because}.`,
    superseded: 'lo sustituyó un ciclo más reciente',
    alsoMatching: (names) => `(también coinciden: ${names})`,
    noMatch: (text) => `ningún contenedor coincide con «${text}» (los muestran vigia status y vigia events)`,
    noLongerRecorded: (name) => `${name} ya no está en la base de datos`,
  },
  classify: {
    groups: { low: 'Bajo consumo', high: 'Alto consumo' },
    none: 'ninguno',
    standardInput: 'entrada estándar',
    measuring: (seconds) => `midiendo la CPU durante ${seconds} s (--once no espera y muestra promedios)`,
    noFile: 'no existe',
    noModules:
      'no existe. Sin un archivo, los módulos del kernel deben estar cargados: sudo vigia modules load',
    noPermission: 'sin permiso: use sudo',
    isDirectory: 'es un directorio: indique un archivo',
  },
  replay: {
    noCycle: 'no hay ciclos de ese tiempo: use un --since anterior',
    cycles: (count, from, to, acted) =>
      `${count} ciclos, de ${from} a ${to}; ${acted} con acciones, en una u otra configuración`,
    asRecorded: (count, areAll) =>
      `la configuración actual planea lo que se registró en ${count} de ellos${areAll ? '' : '; en los demás regía otra configuración'}`,
    sameConfiguration: 'las dos configuraciones son iguales',
    notSet: 'sin definir',
    more: (count) => `… y ${count} más (--limit, --json)`,
    difference: (tick, time, present, changed, same) =>
      `ciclo ${tick} (${time}): ${present} → ${changed}${same === 0 ? '' : `, ${plural(same, 'igual', 'iguales')} en ambas`}`,
    hold: (because) => `en espera (${because})`,
    actions: (count) => plural(count, 'acción', 'acciones'),
    nothing: 'nada',
    allSame: (cycles) => `ambas deciden lo mismo en los ${cycles} ciclos`,
    summary: (differing, cycles, onlyPresent, onlyChanged) =>
      `${differing} de ${cycles} ciclos difieren. Solo con la configuración actual: ${onlyPresent}; solo con la modificada: ${onlyChanged}`,
  },
  simulate: {
    run: ({ seed, days, cycles, containers, seconds, cpuSeconds }) =>
      `semilla ${seed}: ${days} ${days === '1' ? 'día' : 'días'}, ${cycles} ciclos, ${containers} contenedores en ${seconds} (CPU ${cpuSeconds})`,
    faults: (faults, crashes) =>
      `${plural(faults, 'fallo', 'fallos')}, de ellos ${plural(crashes, 'caída', 'caídas')}`,
    done: ({ removed, kills, started, throttles, limits, restarts }) =>
      `eliminados ${removed}; terminados por falta de memoria ${kills}; iniciados ${started}; frenados ${throttles}; otros límites ${limits}; reiniciados ${restarts}`,
    restored: 'tiempo en restablecer las cuotas',
    reaction: 'de la falta de memoria a la acción',
    ownMemory: 'memoria del daemon (RSS)',
    database: 'tamaño de la base de datos',
    neverNeeded: 'nunca hizo falta',
    percentiles: (p50, p95, p99, max, times) =>
      `mediana ${p50}, p95 ${p95}, p99 ${p99}, máximo ${max} (${plural(times, 'vez', 'veces')})`,
    checks: (count) => `${count} ${count === '1' ? 'prueba' : 'pruebas'}`,
    holds: 'bien',
    broken: 'ROTO',
    notReached: 'no se probó',
    violation: (tick, clock, what) => `ciclo ${tick}, ${clock}: ${what}`,
    clock: (day, time) => `día ${day} ${time}`,
    failure: (tick, command) => `FALLÓ en el ciclo ${tick}. Para repetirlo: ${command}`,
    missed: (invariants, command) =>
      `FALLÓ: no se probó ${invariants}, y el escenario existe para eso. Para repetirlo: ${command}`,
    none: 'ninguno',
    noScenario: (name, names, problem) => `no hay ningún escenario ${name} (hay ${names}): ${problem}`,
    fileExists: (path) => `${path} ya existe: indique un archivo nuevo`,
    noReport: (seed) => `la semilla ${seed} terminó sin informe: su error está más arriba`,
  },
  database: {
    size: (total, free, version) => `${total}, de ellos ${free} libres para filas nuevas; esquema ${version}`,
    tiers: (tiers) => `resúmenes: ${tiers}`,
    tier: (minutes, time) => `de ${minutes} min hasta ${time}`,
    sound: 'sin daños',
    backedUp: (cycles, file) => `${file} tiene ${cycles} ciclos y está íntegra`,
    restored: (cycles, file, kept) =>
      `${file} tiene ${cycles} ciclos y está íntegra${kept === null ? '' : `; la anterior queda en ${kept}`}. Un Vigía en marcha continúa en ella en su próximo ciclo.`,
    copyDamaged: (message) => `no se cambió nada: la copia está dañada: ${message}`,
    missingParent: (rows, table, parent) =>
      `${plural(rows, 'fila', 'filas')} de ${table} sin su fila de ${parent}`,
    sqlite,
    damaged: (path, message) =>
      `no se puede leer ${path}: ${sqlite(message)}. El daemon la aparta en su próximo arranque.`,
    noPermission: (path) => `no se puede leer ${path}: sin permiso. Use sudo, o entre en el grupo vigia.`,
    cannotOpen: (path, message) =>
      `no se puede leer ${path}: ${sqlite(message)}. ¿Se ha ejecutado el daemon en este equipo? (vigia up)`,
    newerVersion: (version, known) =>
      `la base de datos es de la versión ${version} y este Vigía conoce la ${known}: instale el Vigía más nuevo, o aparte el archivo`,
    olderVersion: (path, version) =>
      `${path} es de una versión anterior de Vigía (esquema ${version}): inicie Vigía una vez para actualizarla (vigia up)`,
    queryHasRange: 'una consulta indica su propio rango de tiempo: omita --since y --until',
    noTable: (table, tables) => `no hay ninguna tabla ${table}; las tablas son ${tables}`,
    noTime: (table) => `${table} no tiene hora propia: omita --since y --until`,
    remedy: 'vigia db check lee el archivo entero; el daemon lo aparta en su próximo arranque.',
  },
  parts: {
    modulesLoaded: (names) => `se cargaron ${names}`,
    modulesAlreadyLoaded: 'ya estaban cargados',
    modulesNotLoaded: (because) => `los módulos no se cargaron: ${because}`,
    modulesUnloaded: 'descargados',
    loaded: 'cargados',
    notLoaded: 'no están cargados',
    cronInstalled: 'instalada',
    cronRemoved: 'eliminada',
    cronNotInstalled: 'no está instalada, o fue modificada',
    grafanaRuns: (address) => `en marcha en ${address}`,
    grafanaStopped: 'detenido; el contenedor se conserva',
  },
  containerPolicy: {
    counts: (kind, count) => `${count} ${KINDS[kind][count === 1 ? 0 : 1]}`,
    kind: (kind, because) => `Tipo: ${kind} (${because}).`,
    may: (remedies) => `Vigía puede: ${remedies}.`,
    settings: ({ priority, cpu, memory, grace }) =>
      `Prioridad ${priority}; umbral de CPU ${cpu}; memoria esperada ${memory ?? 'sin indicar'}; espera antes de actuar ${grace}.`,
    ownThreshold: (figure) => `${figure} (propio)`,
    configured: (figure) => `${figure} (de la configuración)`,
    dependants: (names) => `Dependen de él: ${names}.`,
    warning: (because) => `Aviso: ${because}.`,
    limits: (limits) => `Límites puestos por Vigía: ${limits}.`,
    limit: (limit, figure) =>
      ({
        cpu: `CPU ${figure} de un núcleo`,
        memory: `memoria ${figure}`,
        pids: `${figure} procesos`,
        io: `E/S ${figure}`,
      })[limit],
  },
  policy: {
    kinds: { disposable: 'desechable', service: 'servicio', foreign: 'ajeno', protected: 'protegido' },
    may: {
      anything: 'cualquier acción, también eliminarlo',
      only: (remedies) => remedies,
      advise: 'solo aconsejar',
      observe: 'solo observar',
    },
  },
  place: {
    warning: (message) => `aviso: ${message}`,
    written: (file) => `${file}: escrito. Si Vigía está en marcha, lo aplica en su próximo ciclo.`,
    nothingToWrite: (file) => `${file}: sin cambios, ya lo decía`,
    changes: (name, before, after, may) =>
      `${name}: ${before === after ? after : `${before} → ${after}`}; ahora Vigía puede: ${may}`,
    unchanged: (name, kind, may) => `${name}: ${kind}, como antes; Vigía puede: ${may}`,
    notAsAsked: (name, kind, because) => `${name} sigue siendo ${kind}: ${because}`,
    noContainer: (match) =>
      `ningún contenedor de este equipo coincide con ${match}; la entrada valdrá para uno posterior`,
    engineSilent: (because) => `no se sabe a qué contenedores afecta: ${because}`,
    onlyObserves: (mode) =>
      `el modo es ${mode}: Vigía no actúa sobre estos contenedores hasta que la configuración diga mode: enforce`,
    needsRoot: (file) => `sin permiso para escribir ${file}: ejecute el comando como root (sudo)`,
  },
  plan: {
    measuring: (seconds) =>
      `midiendo durante ${seconds} s (--once no espera y deja las clases sin determinar)`,
    found: (count, kinds) => `${plural(count, 'contenedor', 'contenedores')} en este equipo: ${kinds}`,
    ramUnknown: 'RAM        desconocida',
    ram: (used, total, available) => `RAM        ${used} de ${total} en uso, ${available} disponibles`,
    sensors: {
      kernel: 'sensor     módulos del kernel de Vigía',
      bpf: 'sensor     iterador BPF de Vigía',
      procfs: 'sensor     /proc y cgroupfs',
    },
    containersUnknown: 'Contenedores de este equipo: desconocidos',
    history: { used: 'historial  el registrado', none: 'historial  todavía no hay nada registrado' },
    unusableHistory: (because) => `historial  no se usa (${because})`,
    mode: (mode) =>
      `modo       ${mode}; el plan muestra lo que haría el modo enforce, y ahora no se hace nada`,
    does: {
      start: 'iniciar',
      remove: 'eliminar',
      restart: 'reiniciar',
      stop: 'detener',
      kill: 'terminar los procesos de',
      throttle: 'limitar la CPU de',
      squeeze: 'limitar la memoria de',
      'limit-pids': 'limitar los procesos de',
      'limit-io': 'limitar la E/S de',
      release: 'levantar un límite de',
    },
    nothing: '–',
    wouldDo: 'En el próximo ciclo, Vigía haría esto:',
    wouldDoNothing: (because) =>
      `En el próximo ciclo, Vigía no haría nada${because === '' ? '' : `: ${because}`}.`,
    managedWouldDo: 'Si los contenedores ajenos estuvieran gestionados (vigia manage NOMBRE), además:',
    managedNothing:
      'Si los contenedores ajenos estuvieran gestionados (vigia manage NOMBRE), ahora no les haría nada.',
    notSeen: (sensor, because) => `no se pudo ver (${sensor}): ${because}`,
    notRoot:
      'no se ven todos los contadores de otros usuarios: ejecútelo como root (sudo) para un plan completo',
  },
  orders: {
    wholeHost: 'todo el anfitrión',
    paused: (what, until, why, all) =>
      `en pausa hasta ${until}: ${what} (${why}); ${all ? 'tampoco se actúa si falta memoria' : 'si falta memoria se sigue actuando'}`,
    noMatch: (target) =>
      `ningún contenedor de este anfitrión coincide con ${target}; la pausa vale para uno posterior`,
    resumed: (what) => `reanudado: ${what}`,
    nothingPaused: 'ninguna pausa tiene ese objetivo',
    inForce: 'El ciclo en marcha ya lo sigue.',
    noLoop: 'no hay ningún ciclo en marcha en este anfitrión: se aplica cuando se inicie',
    late: 'el ciclo todavía no lo sigue (vigia status)',
    waiting: (seconds) => `esperando el próximo ciclo … ${seconds} s`,
    cannotUndo:
      'no hay ningún ciclo en marcha en este anfitrión, así que no se puede deshacer nada: los límites se quitan cuando el ciclo termina, y los que dejó uno que fue interrumpido, cuando se inicia el siguiente',
    nothingToUndo: 'no hay nada que deshacer',
    undo: {
      lift: (name, verb) => `${name}: se quitará el límite (${verb})`,
      start: (name, verb) => `${name}: se volverá a iniciar (${verb})`,
      bar: (name, verb) => `${name}: ${verb} ya terminó, y no se repetirá`,
      impossible: (name, verb) => `${name}: ${verb} no se puede deshacer`,
    },
    barred: (until) => `Estos remedios quedan vedados para estos contenedores hasta ${until}.`,
    result: (name, isDone, detail) => `${name}: ${isDone ? 'hecho' : 'SIN hacer'}: ${detail}`,
    notDone: (name) => `${name}: todavía sin deshacer (vigia explain ${name})`,
    checked: 'La configuración es válida. No hay ningún ciclo en marcha en este anfitrión.',
    unchanged: 'La configuración es válida, y el ciclo en marcha ya la sigue.',
    change: (path, before, after, place) => `${path}: ${before} → ${after} (${place})`,
    needsRestart: 'requiere reiniciar',
    status: (what, until, why, all) => `pausa   ${what} hasta ${until}: ${why}${all ? ' (--all)' : ''}`,
    explainPaused: (until, why, all) =>
      `Vigía está en pausa para él hasta ${until} (${why})${all ? ', también si falta memoria' : ''}.`,
    explainBarred: (verb, until) => `Vedado hasta ${until}, porque un operador lo deshizo: ${verb}.`,
    compose: (address) => `Es una réplica del servicio de Compose ${address}.`,
  },
  up: {
    observing: 'Vigía ahora observa y registra; no actúa sobre nada. Para activar cada parte:',
    parts:
      '  vigia manage NOMBRE (qué contenedores); mode: enforce en /etc/vigia/config.yaml (actuar); vigia up --demo (la carga de prueba, con sus cuotas)',
    planFailed: (because) => `no se pudo hacer un plan: ${because}`,
  },
  launcher: {
    useLauncher: (command) => `${command} solo lo ejecuta el lanzador: ./vigia ${command}`,
    notHere: (command) =>
      `${command} no está en esta copia de Vigía, solo en su repositorio: allí, ./vigia ${command}`,
  },
  timeLeft: (length) => `faltan ${length}`,
  cannotWrite: (message) => `no se puede escribir la salida: ${message}`,
};
