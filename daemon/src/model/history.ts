import type { Baseline } from './baseline.ts';
import type { Pattern } from './breach.ts';
import type { Level } from './level.ts';
import type { Bytes, ContainerId, KiB, Nanoseconds, Percent } from './units.ts';

/** What the loop remembers from one cycle to the next; reloaded from SQLite at start. */
export interface History {
  readonly tick: number;
  readonly containers: ReadonlyMap<ContainerId, ContainerMemory>;
  readonly memoryPressure: MemoryPressure;
  /** Removals that failed in the last cycle, and victims that were let be: the next candidate comes before them. */
  readonly failed: ReadonlySet<ContainerId>;
  /** Told to go, and nobody saw it done: whatever came of the answer, the engine may still be at it. Until another run. */
  readonly pendingRemovals: ReadonlySet<ContainerId>;
  readonly breaker: Breaker;
  /** Removed in the last cycle: a newer snapshot must not show them. */
  readonly removed: ReadonlySet<ContainerId>;
  /** What is usual for each image of ours. */
  readonly baselines: ReadonlyMap<string, Baseline>;
  /** The runs of each of our containers, whoever restarts it. */
  readonly runs: ReadonlyMap<ContainerId, Runs>;
  /** How often we have restarted containers of each image lately. */
  readonly restarts: ReadonlyMap<string, Restarts>;
}

export interface Runs {
  /** Identity of the newest run; `restarting` between two. */
  readonly newest: string;
  /** When a new run was noticed, or none was there where one should be; the newest last. */
  readonly restartTimesNs: readonly Nanoseconds[];
}

export interface Restarts {
  readonly count: number;
  readonly lastNs: Nanoseconds;
}

/** How memory has been doing, followed from second to second. */
export interface MemoryPressure {
  /** Since when PSI has been above its limit without a break; null while it is not. */
  readonly fullSinceNs: Nanoseconds | null;
  /** No emergency begins before: the last one's memory is still coming back. */
  readonly coolDownUntilNs: Nanoseconds;
  /** Memory has come back since: if it runs out again, that is another emergency, and no reason to wait. */
  readonly hasRecovered: boolean;
  /** Killed for it and replaced since it was last back: what a successor takes again is no reason to kill that as well. */
  readonly victims: number;
  /**
   * Memory ran out, and what came before this cycle was cut short for it: it begins at once, and memory counts as short
   * until it is back, not only until it is a hair above its limit.
   */
  readonly isPreempted: boolean;
}

/** Against an engine, or a policy, that only fails. */
export interface Breaker {
  /** Cycles in a row in which every removal failed. */
  readonly failures: number;
  readonly openUntilNs: Nanoseconds;
}

export interface ContainerMemory {
  readonly pid: number;
  readonly startNs: Nanoseconds;
  /** The reading that the next rate is taken against. */
  readonly monotonicNs: Nanoseconds;
  readonly cpuTimeNs: Nanoseconds;
  /** The newest memory, and when it was read: what growth is taken against. */
  readonly memoryKb: KiB;
  readonly memoryNs: Nanoseconds;
  /** The newest rate, kept while readings are too close together for a new one. */
  readonly cpuPercent: Percent | null;
  readonly level: Level | 'unknown';
  /** Since when it has been beyond each soft threshold, without a break; absent while it is not. */
  readonly breachSinceNs: Readonly<Partial<Record<Pattern, Nanoseconds>>>;
  /** Since when a throttled one has left part of what it is allowed; null while it has not. */
  readonly easedSinceNs: Nanoseconds | null;
  readonly isThrottled: boolean;
  /** When we last restarted it, or tried to. */
  readonly restartedNs: Nanoseconds | null;
  /** The class that it had when we restarted it, until its new run has one. */
  readonly restartedAs: Level | null;
  /** How this run has been doing lately, the newest last. */
  readonly trail: readonly TrailPoint[];
}

/** One reading of a container, kept for what only shows over minutes. */
export interface TrailPoint {
  readonly monotonicNs: Nanoseconds;
  readonly memoryKb: KiB;
  readonly processCount: number;
  /** Read and written on block devices together; null where the kernel does not say. */
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
