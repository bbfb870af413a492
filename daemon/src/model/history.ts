import type { Level } from './decision.ts';
import type { ContainerId, Nanoseconds, Percent } from './units.ts';

/** What the loop remembers from one cycle to the next; reloaded from SQLite at start. */
export interface History {
  readonly tick: number;
  /** When the newest reading was taken; null before the first one of this run. */
  readonly readNs: Nanoseconds | null;
  readonly containers: ReadonlyMap<ContainerId, ContainerMemory>;
  /** Removed in the last cycle: a newer snapshot must not show them. */
  readonly removed: ReadonlySet<ContainerId>;
}

export interface ContainerMemory {
  readonly pid: number;
  readonly startNs: Nanoseconds;
  /** The reading that the next rate is taken against. */
  readonly monotonicNs: Nanoseconds;
  readonly cpuTimeNs: Nanoseconds;
  /** The newest rate, kept while readings are too close together for a new one. */
  readonly cpuPercent: Percent | null;
  readonly level: Level | 'unknown';
}

export const NO_HISTORY: History = {
  tick: 0,
  readNs: null,
  containers: new Map(),
  removed: new Set(),
};
