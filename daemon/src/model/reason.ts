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
  'replace-for': { breach: Reason; seconds: number; rememberMinutes: number };
  'needs-less-cpu': { cpu: Percent; percent: Percent; seconds: number };
  'lift-limit-protected': { protection: Reason };
  /** `holds` is null while its usage is unknown; `next` names the runner-up, null when no other would help. */
  'evict-for-memory': { emergency: Reason; holds: Percent | null; next: string | null };

  // Why a cycle did nothing (Plan.because).
  'sensor-blind': { faults: readonly { sensor: string; fault: Reason }[] };
  'mode-observe': NoParameters;
  'breaker-open': { cycles: number };
  'nothing-to-evict': { emergency: Reason };
  'surplus-excluded': { classes: readonly { count: number; level: Level; keep: number }[] };
  'quotas-met': NoParameters;

  // Why a container is not selected (Candidate.excluded).
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
  /** `message`: what the load script says. */
  'modules-not-loaded': { message: string };
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
  /** `message`: the engine's own words, or '' where it gave none. */
  'engine-refused': { path: string; status: number; message: string };
  'engine-not-json': { what: string; beginning: string };
  'engine-answer-unexpected': { what: string; field: string; problem: string };
  'engine-request-failed': { path: string; error: Reason };
  'engine-backing-off': { last: Reason; failures: number; seconds: number };
  'image-missing': { image: string };

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
