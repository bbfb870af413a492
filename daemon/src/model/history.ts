import type { Baseline } from './baseline.ts';
import type { Pattern } from './breach.ts';
import type { Level } from './level.ts';
import type { Bytes, ContainerId, KiB, Nanoseconds, Percent } from './units.ts';

/** What the loop remembers from one cycle to the next; reloaded from SQLite at start. */
export interface History {
  readonly tick: number;
  readonly containers: ReadonlyMap<ContainerId, ContainerMemory>;
  readonly memoryPressure: MemoryPressure;
  /**
   * Failed removals of the last cycle, and victims that its recheck excluded: other candidates are chosen before them.
   */
  readonly failed: ReadonlySet<ContainerId>;
  /**
   * Removals that were requested and not seen to complete: the engine may still be working on them. An entry is dropped
   * when the container starts a new run.
   */
  readonly pendingRemovals: ReadonlySet<ContainerId>;
  readonly breaker: Breaker;
  /** Containers that the last cycle removed: the next snapshot must not show them. */
  readonly removed: ReadonlySet<ContainerId>;
  /** What is usual for each managed image, by repository. */
  readonly baselines: ReadonlyMap<string, Baseline>;
  /** The runs of each managed container, whatever restarts it. */
  readonly runs: ReadonlyMap<ContainerId, Runs>;
  /** Recent restarts by Vigía, by repository. */
  readonly restarts: ReadonlyMap<string, Restarts>;
}

export interface Runs {
  /** Identity of the newest run; `restarting` between two runs. */
  readonly newest: string;
  /** When a new run, or a container between two runs, was seen; the newest last. */
  readonly restartTimesNs: readonly Nanoseconds[];
}

export interface Restarts {
  readonly count: number;
  readonly lastNs: Nanoseconds;
}

/** The state of the memory watch, updated every second. */
export interface MemoryPressure {
  /** Since when PSI has been above its limit without a break; null while it is not. */
  readonly fullSinceNs: Nanoseconds | null;
  /** No emergency begins before this time, since memory is still recovering from the last one. */
  readonly coolDownUntilNs: Nanoseconds;
  /** Memory has recovered since the last emergency: if it runs out again, the next one need not wait. */
  readonly hasRecovered: boolean;
  /**
   * Containers evicted and replaced since memory last recovered. Each one doubles the wait, so that a replacement that
   * grows is not killed at once.
   */
  readonly victims: number;
  /**
   * Memory ran out and interrupted what came before this cycle: the cycle begins at once, and memory counts as short
   * until it has recovered, not only until it is above the threshold again.
   */
  readonly isPreempted: boolean;
}

/** The circuit breaker that stops removals while all of them fail. */
export interface Breaker {
  /** Cycles in a row in which every removal failed. */
  readonly failures: number;
  readonly openUntilNs: Nanoseconds;
}

export interface ContainerMemory {
  readonly pid: number;
  readonly startNs: Nanoseconds;
  /** Time and CPU of the reading that the next rate is computed against. */
  readonly monotonicNs: Nanoseconds;
  readonly cpuTimeNs: Nanoseconds;
  /** The newest memory reading and its time, which growth is computed against. */
  readonly memoryKb: KiB;
  readonly memoryNs: Nanoseconds;
  /** The newest rate, kept while readings are too close together for a new one. */
  readonly cpuPercent: Percent | null;
  readonly level: Level | 'unknown';
  /** Since when each soft threshold has been exceeded without a break; absent while it is not. */
  readonly breachSinceNs: Readonly<Partial<Record<Pattern, Nanoseconds>>>;
  /** Since when a throttled container has used clearly less than its limit; null while it has not. */
  readonly easedSinceNs: Nanoseconds | null;
  readonly isThrottled: boolean;
  /** When Vigía last restarted it, or tried to. */
  readonly restartedNs: Nanoseconds | null;
  /** Its class when Vigía restarted it; null once its new run is classified. */
  readonly restartedAs: Level | null;
  /** Recent readings of this run, the newest last. */
  readonly trail: readonly TrailPoint[];
}

/** One reading of a container, kept for patterns that show only over minutes. */
export interface TrailPoint {
  readonly monotonicNs: Nanoseconds;
  readonly memoryKb: KiB;
  readonly processCount: number;
  /** Bytes read from and written to block devices; null where the kernel does not count them. */
  readonly blockBytes: Bytes | null;
}

export const NO_HISTORY: History = {
  tick: 0,
  containers: new Map(),
  memoryPressure: {
    fullSinceNs: null,
    coolDownUntilNs: 0,
    hasRecovered: false,
    victims: 0,
    isPreempted: false,
  },
  failed: new Set(),
  pendingRemovals: new Set(),
  breaker: { failures: 0, openUntilNs: 0 },
  removed: new Set(),
  baselines: new Map(),
  runs: new Map(),
  restarts: new Map(),
};
