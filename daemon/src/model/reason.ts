import type { Level } from './level.ts';
import type { Percent } from './units.ts';

/** For codes without parameters. */
type NoParameters = Record<never, never>;

/**
 * Everything that Vigía gives as a reason, an outcome or a fault: its code and the parameters of its sentence. What is
 * stored and passed on is `{ code, …parameters }`; `words/` renders it in English and in Spanish. No code reads prose.
 * Figures are rounded (`rounded`); CPU is in percent of one core, memory in percent of RAM, unless a name says more.
 */
export interface ReasonParameters {
  // Why a container has its class (Classification.because).
  'no-process-seen': NoParameters;
  'first-reading': NoParameters;
  'cpu-above-line': { cpu: Percent; line: Percent };
  'memory-above-line': { memory: Percent; line: Percent };
  /** It was high and is not yet below `share` percent of both lines. */
  'above-release-line': { cpu: Percent; memory: Percent; share: Percent };
  'below-lines': { cpu: Percent; cpuLine: Percent; memory: Percent; memoryLine: Percent };

  /** One reading of the other class; a change needs two in a row. */
  'class-change-unconfirmed': { level: Level; reading: Reason };
  /** Too long since the last reading for a rate: after a gap, a reboot or an engine restart. */
  'reading-gap': NoParameters;

  // Why a container is of its kind, and what is odd about its policy (ContainerPolicy).
  'kind-by-label': { label: string };
  'managed-by-config': { at: string };
  'released-by-config': { name: string };
  'not-managed': NoParameters;
  /** `label`: of the orchestrator (Swarm, Kubernetes) that looks after it. */
  orchestrated: { label: string };
  /** By an operator or a maintenance window; `until`: local time. */
  paused: { until: string; why: string };
  'label-not-understood': { label: string; value: string };
  'manage-matches-nothing': { at: string };
  'manage-matches-protected': { at: string; name: string };

  // Evidence of a pattern (Breach.because).
  /** `learned`: the threshold is what is usual for the image, otherwise the configured floor. */
  'cpu-above-threshold': { cpu: Percent; threshold: Percent; learned: boolean };
  'memory-above-threshold': {
    memory: Percent;
    threshold: Percent;
    learned: boolean;
    available: Percent;
    availableThreshold: Percent;
  };
  'memory-leak': { fromMib: number; toMib: number; minutes: number; fullInMinutes: number };
  'fork-storm': { processes: number; threshold: number; minuteAgo: number };
  /** `stalled`: share of the last 10 s in which every task of the host waited for I/O (PSI full avg10). */
  'io-storm': { mibPerSecond: number; threshold: number; stalled: Percent; stalledThreshold: Percent };
  'restart-loop': { restarts: number; minutes: number; threshold: number };

  /** Its health check fails. */
  unhealthy: NoParameters;
  /** What it depends on was restarted. */
  follows: { name: string };
  'unhealthy-together': { count: number; of: number };

  // Why the host is short of memory.
  'memory-short': { available: Percent; threshold: Percent };
  /** `full`: PSI full avg10 of memory. */
  'memory-stalled': { full: Percent; threshold: Percent; seconds: number };

  // Why an action is planned (Action.because).
  surplus: { count: number; level: Level; keep: number; why: Reason };
  shortage: { count: number; level: Level; keep: number };
  ended: { state: string };
  'never-started': { minutes: number };
  'throttle-for': { breach: Reason; seconds: number; percent: Percent };
  'restart-for': { breach: Reason; seconds: number };
  'replace-for': { breach: Reason; seconds: number };
  'needs-less-cpu': { cpu: Percent; percent: Percent; seconds: number };
  'lift-limit-protected': { protection: Reason };
  /** `holds` is null while its usage is unknown; `next` names the runner-up, null when no other would help. */
  'evict-for-memory': { emergency: Reason; holds: Percent | null; next: string | null };
  /** The culprit is `culprit`, which Vigía may not touch; surplus disposables are given up for it. */
  'sacrifice-for-memory': { emergency: Reason; holds: Percent | null; culprit: Reason };
  'kill-for-memory': { emergency: Reason; holds: Percent; culprit: Reason };
  'squeeze-for': { breach: Reason; seconds: number; toMib: number };
  'limit-pids-for': { breach: Reason; seconds: number; processes: number };
  'limit-io-for': { breach: Reason; seconds: number; mibPerSecond: number };
  'stop-for': { breach: Reason; seconds: number };
  'kill-for-storm': { breach: Reason };
  'replace-now-for': { breach: Reason; seconds: number };
  /** A limit of ours is lifted because its reason is gone. */
  'limit-eased': { limit: string; seconds: number };
  'idle-cpu-suffices': { idle: Percent; taken: Percent };
  'limit-lifted-mode': { mode: string };

  // What caused a shortage of memory: the culprit, managed or not.
  /** `kind`: container, cgroup, process, tmpfs or kernel. Grew most in the ten minutes before. */
  'culprit-grew': { kind: string; name: string; grownMib: number; heldMib: number };
  /** It was just started, and takes no more than usual. */
  'culprit-loads': { name: string; loadedMib: number };
  /** The largest above its own usual. */
  'culprit-above-usual': { kind: string; name: string; heldMib: number; usualMib: number | null };
  'no-culprit': NoParameters;

  // Why a cycle did nothing (Plan.because).
  'sensor-blind': { faults: readonly { sensor: string; fault: Reason }[] };
  'mode-observe': NoParameters;
  /** Recorded by earlier versions only. */
  'breaker-open': { cycles: number };
  /** Removals of these containers failed three times in a row; they are set aside for a while. */
  'set-aside': { names: readonly string[] };
  'culprit-named': { emergency: Reason; culprit: Reason };
  'culprit-not-ours': { emergency: Reason; culprit: Reason };
  'culprit-not-ended': { emergency: Reason; culprit: Reason; refusal: Reason };
  /** Two acts gained nothing: it is left alone until memory has recovered. */
  'suspect-excluded': { emergency: Reason; name: string };
  /** Its usual is not known yet: unknown is not guilty. */
  'culprit-unproven': { emergency: Reason; culprit: Reason };
  /** Containers without a class may belong to it, or the next start waits. */
  'floor-waits': { count: number; level: Level; keep: number };
  'floor-not-filled': { image: string; level: Level; miss: Reason };
  'nothing-to-evict': { emergency: Reason };
  'surplus-excluded': { classes: readonly { count: number; level: Level; keep: number }[] };
  'quotas-met': NoParameters;

  /** Of a service: Vigía does nothing against it, or what it did was not enough. */
  'service-needs-attention': { name: string; breach: Reason };
  /** On a container's policy: a label that makes no sense, read in the stricter way. */
  'policy-warning': { name: string; warning: Reason };

  // Why a start of ours missed its purpose.
  'start-ended-at-once': { name: string };
  'start-other-class': { name: string; level: Level };
  'start-failed': { error: Reason };

  // Why a container is not selected (Candidate.excluded).
  'set-aside-for-now': { failures: number };
  'protected-label': { label: string };
  'protected-name': { name: string };
  'protected-image': { image: string };
  'not-classified': NoParameters;
  'within-quota': { keep: number; level: Level };
  'class-not-trimmed': NoParameters;
  'sources-disagree': { sensorMib: number; cgroupMib: number };
  /** Shares of RAM that the largest candidate, and this one, hold or will hold soon. */
  'not-the-culprit': { largest: Percent; own: Percent };
  /** One eviction a cycle; `first` was chosen. */
  'one-at-a-time': { first: string };
  'state-unknown': NoParameters;
  'stalled-by-own-limit': { name: string };
  'too-small': { memory: Percent; threshold: Percent };

  // What an action came to (Outcome.detail).
  /** `hours`: until it is full; null without a trend. `log`: the largest one of a container, where it is known. */
  'disk-filling': {
    path: string;
    used: Percent;
    inodes: boolean;
    hours: number | null;
    log: { name: string; mib: number } | null;
  };
  'service-never-removed': NoParameters;
  'not-allowed': { remedy: string };
  /** The owner's script on `before-stop` or `before-restart` said no. */
  vetoed: { script: string };
  'stop-asked': { seconds: number };
  'processes-killed': NoParameters;
  'kill-unconfirmed': { seconds: number };
  'other-container-inside': NoParameters;
  'no-such-limit': NoParameters;
  'memory-squeezed': { toMib: number };
  'pids-limited': { processes: number };
  'io-limited': { mibPerSecond: number };
  'limit-lifted': { limit: string };
  'only-planned': { mode: string };
  /** Skipped because memory ran out; the engine may already be working on it. */
  preempted: NoParameters;
  /** The daemon ended before the action was done. */
  interrupted: NoParameters;
  'recheck-failed': { error: Reason };
  'already-gone': NoParameters;
  'no-longer-managed': NoParameters;
  'protected-now': { protection: Reason };
  'ended-by-itself': NoParameters;
  'restarted-since': { before: number; now: number };
  'running-again': NoParameters;
  'below-floor': { left: number; level: Level; keep: number };
  'ended-or-restarted': NoParameters;
  'own-cpu-limit': NoParameters;
  'cpu-limited': { percent: Percent };
  'cpu-limit-lifted': NoParameters;
  removed: NoParameters;
  'removal-unconfirmed': { listedBy: 'cgroup' | 'engine'; seconds: number };
  restarted: { before: number; now: number };
  'restarted-not-running': NoParameters;
  'restarted-same-run': NoParameters;
  started: { name: string };
  /** Found at the next start of a daemon that had ended during the action. */
  'seen-at-next-start': { result: Reason };
  'in-state': { name: string; state: string };
  gone: NoParameters;
  'not-removed-yet': { state: string };
  'outcome-unknown': { error: Reason };
  'not-running': NoParameters;

  // What went wrong while sensing (SensorFault.reason), or in the engine.
  'reading-too-old': NoParameters;
  'removal-not-confirmed': { name: string; tick: number };
  'cycle-interrupted': { tick: number };
  'module-unloaded': NoParameters;
  /** `cause`: one of the codes that follow. */
  'no-container-placed': { containers: number; cause: Reason };
  'in-pid-namespace': NoParameters;
  'in-cgroup-namespace': NoParameters;
  'no-memory-controller': NoParameters;
  'process-not-here': { pid: number };
  'cgroup-names-none': { pid: number; cgroup: string };
  'proc-not-read-in-time': { seconds: number };
  'modules-not-loaded': { why: Reason };
  'neither-loaded': { modules: Reason; bpf: Reason };
  'bpf-not-loaded': { pin: string };
  'bpf-reading-truncated': { bytes: number };
  /** A record of another schema, kind or size than this version knows. */
  'bpf-record-unknown': { at: number; schema: number; kind: number; size: number };

  // Why a script did not load the modules or the BPF iterator (scripts/loading). `error`: the words of the kernel or of make;
  // `install`, `command`, `reload`: what to run.
  'kernel-without-modules': { release: string };
  'module-loading-disabled': NoParameters;
  'kernel-too-old': { oldest: string; release: string };
  /** Secure Boot: `key` is the file of the public key to enrol. */
  'module-key-unknown': { module: string; error: string; key: string };
  'module-not-signed': {
    module: string;
    error: string;
    key: string;
    sources: string;
    version: string;
    install: string;
  };
  'module-locked-down': { module: string; error: string; level: string };
  'module-not-permitted': { module: string; error: string };
  'module-for-other-kernel': { file: string; builtFor: string; release: string; install: string };
  'module-damaged': { file: string; error: string; install: string };
  'module-installed-damaged': { module: string; error: string };
  'module-name-taken': { path: string };
  'module-sources-missing': { module: string; release: string; sources: string };
  /** In the package, whose modules DKMS builds. */
  'module-not-installed': { module: string; release: string };
  'kernel-headers-missing': { module: string; release: string; install: string };
  'tool-missing': { tool: string; install: string };
  /** `compiler`: what built the kernel; `used`: what was tried instead. */
  'compiler-differs': { release: string; compiler: string; used: string; error: string; install: string };
  'module-other-carnet': {
    module: string;
    present: string;
    path: string;
    carnet: string;
    reload: string;
  };
  'module-without-file': { module: string; folder: string; reload: string };
  /** It has no BTF. */
  'bpf-no-types': { release: string; path: string };
  'bpf-locked-down': NoParameters;
  'bpf-no-file-system': { path: string };
  'bpf-files-missing': { file: string };
  'build-failed': { release: string; error: string; command: string };
  /** `what`: a module, or the BPF program. */
  'insert-failed': { what: string; error: string };
  'loader-not-allowed': { what: string; unit: string; reload: string };
  'loading-needs-root': NoParameters;
  /** `variable`: of the environment, which sets another lock. */
  'loading-lock-unusable': { lock: string; variable: string };
  'loading-lock-held': { lock: string; seconds: string };

  'file-empty': NoParameters;
  /** `problem`: the parser's own words. */
  'file-not-json': { characters: number; problem: string };
  'file-not-schema-1': { field: string; problem: string };
  'file-unreadable': { path: string; error: Reason };
  'file-too-long': { bytes: number };
  'meminfo-lacks': { field: string };
  'engine-timeout': { path: string; seconds: number };
  'engine-unreachable': { socket: string };
  'engine-no-permission': { socket: string };
  'engine-answer-too-long': { path: string; bytes: number };
  'engine-answer-too-deep': { levels: number };
  'engine-closed': { path: string };
  /** `message`: the engine's own words, or '' where it gave none. */
  'engine-refused': { path: string; status: number; message: string };
  'engine-not-json': { what: string; beginning: string };
  'engine-answer-unexpected': { what: string; field: string; problem: string };
  'engine-request-failed': { path: string; error: Reason };
  /** The cycle went on without its answer, because memory ran out. */
  'engine-not-awaited': NoParameters;
  'engine-backing-off': { last: Reason; failures: number; seconds: number };
  'image-missing': { image: string };

  // What became of a container that the engine tells of (classify/death.ts). `exit`: null where it is not known.
  'container-started': NoParameters;
  'signal-sent': { signal: number | null };
  'stopped-through-engine': NoParameters;
  'health-turned': { health: string };
  'ended-by-owner': { exit: number | null };
  /** `kind`: of our action. */
  'ended-by-us': { kind: string; tick: number };
  'ended-by-itself-well': NoParameters;
  crashed: { exit: number | null };
  /** It was not sent through the engine. */
  'died-of-signal': { signal: number };
  /** `died`: the container ended; otherwise the kernel killed a process of it. */
  'oom-own-limit': { limitMib: number | null; died: boolean };
  /** `held`: who held most at that second. */
  'oom-host': {
    availableMib: number | null;
    held: readonly { name: string; mib: number }[];
    died: boolean;
  };
  /** The counters were gone before they could be read. */
  'oom-unclear': { limitMib: number | null; died: boolean };

  // Why a script on an event was not run (ScriptRun.refusal).
  'script-not-a-file': NoParameters;
  'script-not-a-directory': NoParameters;
  'script-owner': { uid: number };
  'script-writable': { mode: string };
  'script-queue-full': { waiting: number };

  /** A system call failed; `errno` is its name, as in errno(3). */
  'os-error': { errno: string };
  /** Another program's or library's message, quoted as it is. */
  message: { text: string };
  /** Prose that an earlier version recorded. */
  'recorded-text': { text: string };
}

export type ReasonCode = keyof ReasonParameters;

/** One reason: `{ code: 'shortage', count: 1, level: 'low', keep: 3 }`. Plain data, safe to store as JSON. */
export type Reason = {
  [C in ReasonCode]: { readonly code: C } & Readonly<ReasonParameters[C]>;
}[ReasonCode];

/** Four significant digits: enough for every sentence, and the record stays small. */
export const rounded = (figure: number): number => Number(figure.toPrecision(4));
