import type { ContainerId, KiB, Millis, Percent } from '../model/units.ts';
import type { Kind, Nature } from './scenario.ts';

/** Infinity, for "never". */
export const NEVER_MS = Number.POSITIVE_INFINITY;

/** A modelled container. Times in milliseconds count from the modelled host's boot; infinity means never. */
export interface SimulatedContainer {
  readonly id: ContainerId;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly kindName: string;
  readonly kind: Kind;
  readonly nature: Nature;
  readonly createdMs: number;
  /** The wall clock's time at its creation, as the engine reports it. */
  readonly createdAt: Millis;

  // Its own figures, drawn from the ranges of its kind.
  readonly wantedCpuPercent: Percent;
  readonly initialKb: KiB;
  readonly shmemKb: KiB;
  readonly initialProcesses: number;
  readonly readsKbPerSecond: number;
  readonly writesKbPerSecond: number;

  // Its state, and the events that lie ahead.
  state: 'running' | 'restarting' | 'exited';
  runStartMs: number;
  /** The pid of its init process. */
  pid: number;
  /** When it ends by itself. */
  endsAtMs: number;
  /** When a stop that is under way takes effect. */
  stopsAtMs: number;
  /** When a restart through the engine that is under way has stopped it; the new run begins then. */
  restartsAtMs: number;
  /** When its restart policy starts it again. */
  comesBackAtMs: number;
  /** Delay of its restart policy before the last start; 0 after a long run. */
  backOffMs: number;
  /** The engine's count of restarts by the policy since it was started through the engine. */
  restartCount: number;
  /** Until when each run fails after `livesSeconds`. */
  failsUntilMs: number;
  /** Its owner stopped it; when the owner starts it again. */
  isStoppedByOwner: boolean;
  ownerStartsAtMs: number;
  /** An owner created it to have one more, and removes it some day. */
  readonly isCopy: boolean;

  // The present run.
  /** How much of the newest interval it ran. */
  ranMs: number;
  cpuNs: number;
  readKb: number;
  wroteKb: number;
  /** CPU that it wanted, that its limit left, and that it got in the newest interval. */
  wants: Percent;
  gets: Percent;
  throttledNs: number;
  /** Time in which its memory, or its number of processes, could grow. */
  growthMs: number;
  forkMs: number;
  growsFromMs: number;
  forksFromMs: number;
  burstsAtMs: number;
  sickensAtMs: number;
  /** Taken by its present binge, and when the next one begins and the present one ends. */
  bingeKb: KiB;
  bingeBeginsMs: number;
  bingeEndsMs: number;
  /** Memory that would come back if it ended, and page cache. */
  heldKb: KiB;
  cacheKb: KiB;
  processCount: number;
  /** Throughput to and from block devices in the newest interval. */
  ioKbPerSecond: number;

  // Limits that the daemon has set; null without one.
  limitPercent: Percent | null;
  squeezedToKb: KiB | null;
  pidsLimitedTo: number | null;
  ioLimitedToMib: number | null;

  // PSI averages over ten seconds, and totals in microseconds.
  readonly psi: { cpu: Percent; memory: Percent; io: Percent; cpuUs: number; memoryUs: number; ioUs: number };
  /** Held memory every 30 s, the newest last, over ten minutes. */
  trail: KiB[];
}

/** Whether a stop is under way. */
export const isStopping = ({ stopsAtMs }: SimulatedContainer): boolean => stopsAtMs !== NEVER_MS;

/** Whether it holds any limit that the daemon has set. */
export const isLimited = (container: SimulatedContainer): boolean =>
  container.limitPercent !== null ||
  container.squeezedToKb !== null ||
  container.pidsLimitedTo !== null ||
  container.ioLimitedToMib !== null;

/** What the daemon may act on. */
export const isOurs = ({ nature }: SimulatedContainer): boolean =>
  nature === 'disposable' || nature === 'service';
