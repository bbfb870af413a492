import type { Level } from '../model/level.ts';
import type { Catalogue } from './catalogue.ts';
import type { FirstSentences } from './first-sentences.ts';
import { LIFE_ENGLISH } from './life-english.ts';

const containers = (count: number, level: Level): string =>
  `${count} ${level}-consumption ${count === 1 ? 'container' : 'containers'}`;

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

const learned = (isLearned: boolean): string => (isLearned ? ' (usual for its image)' : '');

const held = (seconds: number): string => (seconds > 0 ? ` for ${seconds.toFixed(0)} s` : '');

const ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file (ENOENT)',
  EACCES: 'permission denied (EACCES)',
  EPERM: 'operation not permitted (EPERM)',
  ENOMEM: 'out of memory (ENOMEM)',
  EIO: 'input/output error (EIO)',
  EINTR: 'interrupted (EINTR)',
  ESRCH: 'no such process (ESRCH)',
  EMFILE: 'too many open files (EMFILE)',
  ENOSPC: 'no space left on the disk (ENOSPC)',
  ECONNRESET: 'the connection was closed (ECONNRESET)',
  EPIPE: 'the connection was closed (EPIPE)',
};

const LIMITS: Readonly<Record<string, string>> = { cpu: 'CPU', memory: 'memory', pids: 'process', io: 'I/O' };

const HOLDERS: Readonly<Record<string, string>> = {
  container: 'container',
  cgroup: 'service',
  process: 'process',
  tmpfs: 'files in memory',
  kernel: 'the kernel',
};

export const english: Catalogue<FirstSentences> = {
  decimalPoint: '.',
  levels: { low: 'low', high: 'high', unknown: 'unclassified' },
  kinds: {
    disposable: 'disposable',
    service: 'service',
    foreign: 'foreign',
    protected: 'protected',
    managed: 'managed',
  },
  remedies: {
    throttle: 'limit CPU, processes and I/O',
    squeeze: 'limit memory',
    restart: 'restart',
    stop: 'stop',
    kill: 'kill when memory runs out',
  },
  verbs: {
    remove: 'remove',
    start: 'start',
    throttle: 'throttle',
    release: 'release',
    restart: 'restart',
    squeeze: 'squeeze',
    'limit-pids': 'limit processes',
    'limit-io': 'limit I/O',
    stop: 'stop',
    kill: 'kill',
  },
  actions: {
    remove: 'removed',
    start: 'started',
    throttle: 'throttled',
    release: 'released',
    restart: 'restarted',
    squeeze: 'squeezed',
    'limit-pids': 'process-limited',
    'limit-io': 'I/O-limited',
    stop: 'stopped',
    kill: 'killed',
  },
  results: { done: 'done', skipped: 'skipped', failed: 'failed' },
  summary: ({ count, kind, level, result, because }, say) => {
    const action = english.actions[kind] ?? kind;
    const name = english.levels[level ?? 'unknown'];
    const failure = result === 'done' ? '' : ` (${english.results[result] ?? result})`;
    switch (because.code) {
      case 'surplus':
        return `${action} ${count} of ${because.count} ${name}${failure}`;
      case 'shortage':
        return `${action} ${count} ${name} (${because.count} of ${because.keep} ran)${failure}`;
      case 'ended':
        return `${action} ${count} ended${failure}`;
      default:
        return `${action} ${count} ${name}${failure}: ${say.render(because)}`;
    }
  },
  sentences: {
    'no-process-seen': () => 'no sensor sees a process of it yet',
    'first-reading': () => 'only one reading so far; a CPU rate needs two',
    'cpu-above-line': ({ cpu, line }, say) => `CPU ${say.percent(cpu)} > ${say.limit(line)}`,
    'memory-above-line': ({ memory, line }, say) => `memory ${say.percent(memory)} > ${say.limit(line)}`,
    'above-release-line': ({ cpu, memory, share }, say) =>
      `CPU ${say.percent(cpu)} and memory ${say.percent(memory)}: still above ${say.limit(share)} of the limits`,
    'below-lines': ({ cpu, cpuLine, memory, memoryLine }, say) =>
      `CPU ${say.percent(cpu)} ≤ ${say.limit(cpuLine)} and memory ${say.percent(memory)} ≤ ${say.limit(memoryLine)}`,

    'cpu-above-threshold': ({ cpu, threshold, learned: isLearned }, say) =>
      `CPU ${say.percent(cpu)} > ${say.limit(threshold)}${learned(isLearned)}`,
    'memory-above-threshold': (reason, say) =>
      `memory ${say.percent(reason.memory)} of RAM > ${say.limit(reason.threshold)}${learned(reason.learned)}, with ${say.percent(reason.available)} available < ${say.limit(reason.availableThreshold)}`,
    'memory-leak': ({ fromMib, toMib, minutes, fullInMinutes }) =>
      `memory rose steadily from ${fromMib} to ${toMib} MiB in ${minutes} min; RAM will be full in ${fullInMinutes} min`,
    'fork-storm': ({ processes, threshold, minuteAgo }) =>
      `fork storm: ${processes} processes ≥ ${threshold}, ${minuteAgo} a minute ago`,
    'io-storm': ({ mibPerSecond, threshold, stalled, stalledThreshold }, say) =>
      `I/O storm: ${say.number(mibPerSecond, 0)} MiB/s > ${threshold} MiB/s while every task waits for I/O ${say.number(stalled, 0)} % of the time > ${say.limit(stalledThreshold)}`,
    'restart-loop': ({ restarts, minutes, threshold }) =>
      `restarted ${times(restarts)} in ${minutes} min (limit ${threshold})`,

    'memory-short': ({ available, threshold }, say) =>
      `memory is running out: ${say.percent(available)} available < ${say.limit(threshold)}`,
    'memory-stalled': ({ full, threshold, seconds }, say) =>
      `memory stalls every task: PSI full ${say.percent(full)} > ${say.limit(threshold)} for ${say.number(seconds, 0)} s`,

    surplus: ({ count, level, keep, why }, say) =>
      `${containers(count, level)}, quota ${keep}; this one: ${say.render(why)}`,
    shortage: ({ count, level, keep }) => `${containers(count, level)} running, quota ${keep}`,
    ended: ({ state }) => `it has ended (${state})`,
    'never-started': ({ minutes }) => `created over ${minutes} min ago and never started`,
    'throttle-for': ({ breach, seconds, percent }, say) =>
      `${say.render(breach)}${held(seconds)}; limiting it to ${say.limit(percent)} of a core`,
    'restart-for': ({ breach, seconds }, say) => `${say.render(breach)}${held(seconds)}; restarting it`,
    'replace-for': ({ breach, seconds }, say) =>
      `${say.render(breach)}${held(seconds)}; the remedy before did not help; replacing it`,
    'needs-less-cpu': ({ cpu, percent, seconds }, say) =>
      `used ${say.percent(cpu)} CPU for ${say.number(seconds, 0)} s, limited to ${say.limit(percent)}; lifting the limit`,
    'lift-limit-protected': ({ protection }, say) =>
      `it is protected now (${say.render(protection)}); lifting its CPU limit`,
    'evict-for-memory': ({ emergency, holds, next }, say) =>
      `${say.render(emergency)}; it holds ${holds === null ? 'an unknown share' : say.percent(holds)} of RAM; ${next === null ? 'no other container would help' : `next candidate: ${next}`}`,

    'sensor-blind': ({ faults }, say) =>
      faults.map(({ sensor, fault }) => `${sensor}: ${say.render(fault)}`).join('; '),
    'mode-observe': () => 'mode observe: nothing is planned',
    'breaker-open': ({ cycles }) =>
      `circuit breaker open: every removal failed in ${cycles} ${cycles === 1 ? 'cycle' : 'cycles'}; no removal is tried for now`,
    'nothing-to-evict': ({ emergency }, say) =>
      `${say.render(emergency)}; no managed container holds enough to help`,
    'surplus-excluded': ({ classes }) =>
      `no action: ${classes.map(({ count, level, keep }) => `${containers(count, level)} (quota ${keep})`).join(' and ')}, but the extra ones may not be removed`,
    'quotas-met': () => 'no action: quotas met',

    paused: ({ until, why }) => `paused until ${until}: ${why}`,
    'protected-label': ({ label }) => `label ${label}`,
    'protected-name': ({ name }) => `protected name ${name}`,
    'protected-image': ({ image }) => `protected image ${image}`,
    'not-classified': () => 'not classified yet',
    'within-quota': ({ keep, level }) => `within the quota of ${containers(keep, level)}`,
    'class-not-trimmed': () => 'its class is not trimmed',
    'sources-disagree': ({ sensorMib, cgroupMib }) =>
      `sensor and cgroup disagree on its memory (${sensorMib} and ${cgroupMib} MiB)`,
    'not-the-culprit': ({ largest, own }, say) =>
      `not the culprit: it holds ${say.percent(own)} of RAM, the largest ${say.percent(largest)}`,
    'one-at-a-time': ({ first }) => `one per cycle; ${first} was chosen first`,
    'state-unknown': () => 'the engine reports a state that Vigía does not know; left alone',
    'stalled-by-own-limit': ({ name }) => `the host is not short of memory; ${name} stalls at its own limit`,
    'too-small': ({ memory, threshold }, say) =>
      `too small to help: ${say.percent(memory)} of RAM < ${say.limit(threshold)}`,

    'only-planned': ({ mode }) => `planned only (mode ${mode})`,
    preempted: () => 'left for later: memory is running out',
    interrupted: () => 'Vigía ended before it was done',
    'recheck-failed': ({ error }, say) => `could not check the container again: ${say.render(error)}`,
    'already-gone': () => 'already gone',
    'no-longer-managed': () => 'no longer managed',
    'protected-now': ({ protection }, say) => `protected now: ${say.render(protection)}`,
    unhealthy: () => 'its health check fails',
    follows: ({ name }) => `it depends on ${name}`,
    'unhealthy-together': ({ count, of }) =>
      `${count} of ${of} health checks fail at once; nothing is restarted`,
    vetoed: ({ script }) => `${script} said no`,
    'ended-by-itself': () => 'it ended by itself',
    'restarted-since': ({ before, now }) => `restarted since it was classified (pid ${before} → ${now})`,
    'running-again': () => 'it is running again',
    'below-floor': ({ left, level, keep }) => `would leave ${containers(left, level)}, quota ${keep}`,
    'ended-or-restarted': () => 'it has ended or restarted since it was classified',
    'own-cpu-limit': () => 'it has a CPU limit of its own',
    'cpu-limited': ({ percent }, say) => `CPU limited to ${say.limit(percent)} of a core`,
    'cpu-limit-lifted': () => 'CPU limit lifted',
    removed: () => 'the engine no longer lists it and its cgroup is gone',
    'removal-unconfirmed': ({ listedBy, seconds }) =>
      `removed, but ${listedBy === 'cgroup' ? 'its cgroup still exists' : 'the engine still lists it'} after ${seconds} s`,
    restarted: ({ before, now }) => `running again (pid ${before} → ${now})`,
    'restarted-not-running': () => 'restarted, but it is not running',
    'restarted-same-run': () => 'restarted, but its process is the same',
    started: ({ name }) => `${name} is running`,
    'seen-at-next-start': ({ result }, say) => `${say.render(result)}; seen at the next start`,
    'in-state': ({ name, state }) => `${name} is ${state}`,
    gone: () => 'gone',
    'not-removed-yet': ({ state }) => `${state}, but not removed yet`,
    'outcome-unknown': ({ error }, say) => `outcome unknown: ${say.render(error)}`,
    'not-running': () => 'the container is not running',

    'reading-too-old': () => 'the reading was taken before it was asked for',
    'removal-not-confirmed': ({ name, tick }) => `${name} was removed in cycle ${tick} and is still there`,
    'cycle-interrupted': ({ tick }) =>
      `Vigía ended during cycle ${tick}; its actions were looked up at the next start`,
    'no-container-placed': ({ containers, cause }, say) =>
      `the engine lists ${containers} running, and the sensor sees no process of any: ${say.render(cause)}`,
    'in-pid-namespace': () =>
      'Vigía is in a PID namespace of its own, as in a container; run it on the host, or with --pid=host',
    'in-cgroup-namespace': () =>
      'Vigía is in a cgroup namespace of its own, as in a container; run it on the host, or with --cgroupns=host',
    'no-memory-controller': () =>
      'the modules find containers by the memory controller, which cgroup v1 does not have here; boot with cgroup_enable=memory, or set sensor: procfs',
    'process-not-here': ({ pid }) =>
      `the engine names process ${pid}, which is not on this host: it runs on another machine, or in a virtual one`,
    'cgroup-names-none': ({ pid, cgroup }) =>
      `the engine names process ${pid}, which is in cgroup ${cgroup} here, and that is no container's; rootless engines are not supported`,
    'proc-not-read-in-time': ({ seconds }) => `/proc was not read within ${seconds} s`,
    'module-unloaded': () => 'a module was unloaded while running; the next cycle uses another sensor',
    'modules-not-loaded': ({ why }, say) => `the kernel modules are not loaded: ${say.render(why)}`,
    'neither-loaded': ({ modules, bpf }, say) =>
      `the kernel modules are not loaded: ${say.render(modules)}. The BPF iterator is not loaded: ${say.render(bpf)}`,
    'bpf-not-loaded': ({ pin }) =>
      `the BPF iterator is not loaded (${pin} is missing); load it with scripts/load-bpf.sh`,
    'bpf-reading-truncated': ({ bytes }) => `the reading of the BPF iterator ends after ${bytes} bytes`,
    'bpf-record-unknown': ({ at, schema, kind, size }) =>
      `byte ${at} of the BPF iterator's reading begins no record of this version (schema ${schema}, kind ${kind}, ${size} bytes): load the iterator again`,

    'file-empty': () => 'the file is empty',
    'file-not-json': ({ characters, problem }) =>
      `cut off or not JSON after ${characters} characters: ${problem}`,
    'file-not-schema-1': ({ field, problem }) => `not schema 1 at "${field}": ${problem}`,
    'file-unreadable': ({ path, error }, say) => `cannot read ${path}: ${say.render(error)}`,
    'file-too-long': ({ bytes }) => `longer than ${bytes} bytes, the most that Vigía reads`,
    'meminfo-lacks': ({ field }) => `/proc/meminfo has no ${field}`,
    'engine-timeout': ({ path, seconds }, say) =>
      `Docker did not answer ${path} within ${say.number(seconds, Number.isInteger(seconds) ? 0 : 1)} s: is it hung? (systemctl status docker)`,
    'engine-unreachable': ({ socket }) =>
      `Docker is not reachable at ${socket}: start it (systemctl start docker)`,
    'engine-no-permission': ({ socket }) => `no permission for ${socket}: run as root or in the group docker`,
    'engine-answer-too-long': ({ path, bytes }) => `${path} answered more than ${bytes} bytes`,
    'engine-answer-too-deep': ({ levels }) => `the engine's answer is nested more than ${levels} levels deep`,
    'engine-closed': ({ path }) => `${path}: the engine closed the connection without an answer`,
    'engine-refused': ({ path, status, message }) =>
      `${path} answered ${status}${message === '' ? '' : `: ${message}`}`,
    'engine-not-json': ({ what, beginning }) => `the engine's answer about ${what} is not JSON: ${beginning}`,
    'engine-answer-unexpected': ({ what, field, problem }) =>
      `${what}: unexpected answer at ${field}: ${problem}`,
    'engine-request-failed': ({ path, error }, say) => `${path}: ${say.render(error)}`,
    'engine-not-awaited': () => 'memory was short, so the cycle did not wait for Docker to answer',
    'engine-backing-off': ({ last, failures, seconds }, say) =>
      `${say.render(last)}; failed ${times(failures)}, next try in ${seconds} s`,
    'image-missing': ({ image }) =>
      `image ${image} is not on this host: build it with workload/build-images.sh`,

    ...LIFE_ENGLISH,

    'script-not-a-file': () => 'not a plain file; a link could point to any program',
    'script-not-a-directory': () => 'not a directory',
    'script-owner': ({ uid }) => `owned by user ${uid}, who could run programs as root: run chown root on it`,
    'script-writable': ({ mode }) =>
      `users other than its owner can change it (mode ${mode}): run chmod go-w on it`,
    'script-queue-full': ({ waiting }) =>
      `not run: ${waiting} ${waiting === 1 ? 'script was' : 'scripts were'} already waiting`,

    'class-change-unconfirmed': ({ level, reading }, say) =>
      `still ${level}: one reading of the other class is not enough (${say.render(reading)})`,
    'reading-gap': () => 'the last reading is too old for a CPU rate',
    'kind-by-label': ({ label }) => `label ${label}`,
    'managed-by-config': ({ at }) => `managed by ${at}`,
    'released-by-config': ({ name }) => `${name} is released in the configuration`,
    'not-managed': () => "neither a label nor the configuration puts it into Vigía's care",
    orchestrated: ({ label }) => `its orchestrator looks after it (label ${label})`,
    'label-not-understood': ({ label, value }) =>
      `label ${label}=${value} is not understood and read in the stricter way`,
    'manage-matches-nothing': ({ at }) => `${at}: this entry of manage matches no container`,
    'manage-matches-protected': ({ at, name }) =>
      `${at}: this entry of manage matches ${name}, which is protected and stays so`,
    'sacrifice-for-memory': ({ emergency, holds, culprit }, say) =>
      `${say.render(emergency)}; ${say.render(culprit)}, which Vigía may not end; giving up this surplus container instead (${holds === null ? 'unknown share' : say.percent(holds)} of RAM)`,
    'kill-for-memory': ({ emergency, holds, culprit }, say) =>
      `${say.render(emergency)}; ${say.render(culprit)}; it holds ${say.percent(holds)} of RAM`,
    'squeeze-for': ({ breach, seconds, toMib }, say) =>
      `${say.render(breach)}${held(seconds)}; holding its memory at ${toMib} MiB`,
    'limit-pids-for': ({ breach, seconds, processes }, say) =>
      `${say.render(breach)}${held(seconds)}; limiting it to ${processes} processes`,
    'limit-io-for': ({ breach, seconds, mibPerSecond }, say) =>
      `${say.render(breach)}${held(seconds)}; limiting its I/O to ${mibPerSecond} MiB/s`,
    'stop-for': ({ breach, seconds }, say) => `${say.render(breach)}${held(seconds)}; stopping it`,
    'kill-for-storm': ({ breach }, say) => `${say.render(breach)}; killing and replacing it`,
    'replace-now-for': ({ breach, seconds }, say) => `${say.render(breach)}${held(seconds)}; replacing it`,
    'limit-eased': ({ limit, seconds }) =>
      `the reason for its ${LIMITS[limit] ?? limit} limit has been gone for ${seconds} s; lifting the limit`,
    'idle-cpu-suffices': ({ idle, taken }, say) =>
      `${say.percent(idle)} of a core is idle, enough for the ${say.percent(taken)} that were taken from it; lifting its CPU limit`,
    'limit-lifted-mode': ({ mode }) => `mode ${mode}: Vigía leaves no limit of its own in place`,
    'culprit-grew': ({ kind, name, grownMib, heldMib }) =>
      `${HOLDERS[kind] ?? kind} ${name} grew by ${grownMib} MiB to ${heldMib} MiB in ten minutes`,
    'culprit-loads': ({ name, loadedMib }) =>
      `container ${name} was just started and loaded ${loadedMib} MiB, no more than usual`,
    'culprit-above-usual': ({ kind, name, heldMib, usualMib }) =>
      `${HOLDERS[kind] ?? kind} ${name} holds ${heldMib} MiB, ${usualMib === null ? 'the most on this host' : `usually ${usualMib} MiB`}`,
    'no-culprit': () => 'no single holder of the memory stands out',
    'set-aside': ({ names }) =>
      `no action: removing ${names.join(', ')} failed three times in a row; set aside for now`,
    'culprit-named': ({ emergency, culprit }, say) => `${say.render(emergency)}; ${say.render(culprit)}`,
    'culprit-not-ours': ({ emergency, culprit }, say) =>
      `${say.render(emergency)}; ${say.render(culprit)}. Vigía does not manage it, and ends no other container for it`,
    'culprit-not-ended': ({ emergency, culprit, refusal }, say) =>
      `${say.render(emergency)}; ${say.render(culprit)}, but: ${say.render(refusal)}`,
    'culprit-unproven': ({ emergency, culprit }, say) =>
      `${say.render(emergency)}; ${say.render(culprit)}, but that proves no fault: not ended on a guess`,
    'floor-waits': ({ count, level, keep }) =>
      `${containers(count, level)}, quota ${keep}; waiting for containers without a class yet, or after a failed start`,
    'suspect-excluded': ({ emergency, name }, say) =>
      `${say.render(emergency)}; ending ${name} twice gave nothing back, so it is left alone until memory has recovered`,
    'floor-not-filled': ({ image, level, miss }, say) =>
      `image ${image} does not give a ${level}-consumption container (${say.render(miss)}); no more are started from it`,
    'start-ended-at-once': ({ name }) => `${name} ended at once`,
    'start-other-class': ({ name, level }) => `${name} turned out ${level}`,
    'start-failed': ({ error }, say) => `a start failed: ${say.render(error)}`,
    'service-needs-attention': ({ name, breach }, say) => `${name} needs attention: ${say.render(breach)}`,
    'policy-warning': ({ name, warning }, say) => `${name}: ${say.render(warning)}`,
    'set-aside-for-now': ({ failures }) => `removing it failed ${times(failures)}; set aside for now`,
    'disk-filling': ({ path, used, inodes, hours, log }, say) =>
      `${path}: ${say.percent(used)}${inodes ? ' of inodes' : ''} used${hours === null ? '' : `, full in ${say.remaining(hours)}`}${log === null ? '' : `; largest log: ${log.name}, ${log.mib} MiB`}`,
    'service-never-removed': () => 'a service is never removed',
    'not-allowed': ({ remedy }) => `its owner does not allow ${remedy}`,
    'stop-asked': ({ seconds }) => `asked to stop; it has ${seconds} s for that, which are not awaited`,
    'processes-killed': () => 'its processes were killed',
    'kill-unconfirmed': ({ seconds }) => `killed, but its first process still exists after ${seconds} s`,
    'other-container-inside': () => "another container's cgroup lies inside: not killed",
    'no-such-limit': () => 'this kernel has no such limit, or its owner set one',
    'memory-squeezed': ({ toMib }) => `memory held at ${toMib} MiB`,
    'pids-limited': ({ processes }) => `limited to ${processes} processes`,
    'io-limited': ({ mibPerSecond }) => `I/O limited to ${mibPerSecond} MiB/s`,
    'limit-lifted': ({ limit }) => `${LIMITS[limit] ?? limit} limit lifted`,

    'os-error': ({ errno }) => ERRORS[errno] ?? errno,
    message: ({ text }) => text,
    'recorded-text': ({ text }) => text,
  },
};
