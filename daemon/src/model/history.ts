import type { Baseline } from './baseline.ts';
import type { Pattern } from './breach.ts';
import type { DiskHistory, DiskUse } from './disk.ts';
import type { Level } from './level.ts';
import type { Limit } from './limit.ts';
import type { Reason } from './reason.ts';
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
  /** Containers whose removal failed: after three failures in a row one is set aside for a while. By container. */
  readonly removalFailures: ReadonlyMap<ContainerId, RemovalFailures>;
  /** Containers that the last cycle removed: the next snapshot must not show them. */
  readonly removed: ReadonlySet<ContainerId>;
  /** What is usual for each managed image, by repository. */
  readonly baselines: ReadonlyMap<string, Baseline>;
  /** Restarts of each container by its own restart policy. */
  readonly runs: ReadonlyMap<ContainerId, Runs>;
  /** Health checks, and Vigía's restarts within the last hour, of each container that has either. */
  readonly health: ReadonlyMap<ContainerId, HealthMemory>;
  /** Recent restarts by Vigía, by repository. */
  readonly restarts: ReadonlyMap<string, Restarts>;
  /** Held memory over the ten minutes before now, or before memory became short: `heldKeyOf`, or the key of a holder. */
  readonly held: ReadonlyMap<string, readonly HeldPoint[]>;
  /** The host over the last ten minutes, the newest last. */
  readonly host: readonly HostPoint[];
  /** Acts against a shortage of memory whose gain is not known yet, by container. */
  readonly reliefs: ReadonlyMap<ContainerId, Relief>;
  /** How many acts on a suspect gained nothing since memory last recovered: after two it is left alone. */
  readonly futile: ReadonlyMap<ContainerId, number>;
  /** By class and repository: `high vigia/cpu`. */
  readonly floorStarts: ReadonlyMap<string, FloorStarts>;
  /** Containers that were created and have not started, each since when it was seen so: no wall clock is in it. */
  readonly createdNs: ReadonlyMap<ContainerId, Nanoseconds>;
  /** What was used of each file system, this cycle's reading included. */
  readonly disks: ReadonlyMap<DiskUse, DiskHistory>;
  /** Findings that hold at present, as JSON: each is reported once, when it begins. */
  readonly notices: ReadonlySet<string>;
}

export interface Runs {
  /** The engine's RestartCount when it was last read. */
  readonly restartCount: number;
  /** For each restart that was seen within the window: when. Only a rise of RestartCount counts. */
  readonly restartTimesNs: readonly Nanoseconds[];
}

export interface HealthMemory {
  /** Of the run that was read. */
  readonly startNs: Nanoseconds;
  readonly seenNs: Nanoseconds;
  /** Since when its health check has failed without a break; null while it does not. */
  readonly unhealthySinceNs: Nanoseconds | null;
  /** Whether this run was seen healthy. */
  readonly wasHealthy: boolean;
  /** Restarts of it by Vigía within the last hour, the newest last. */
  readonly restartedNs: readonly Nanoseconds[];
  /**
   * Its newest restart belongs to a chain, from dependency to dependant: when that chain began; null without a restart. A
   * chain reaches a container once, so that a circle of dependencies ends.
   */
  readonly originNs: Nanoseconds | null;
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

/** Failed removals of one container. It is not removed again before `asideUntilNs`, except in an emergency. */
export interface RemovalFailures {
  /** Failures in a row. */
  readonly count: number;
  readonly asideUntilNs: Nanoseconds;
  /** One of them was not refused at once: the engine may still complete it. */
  readonly hasBegun: boolean;
}

/** Growth is looked for in the ten minutes before a shortage. */
export const HELD_WINDOW_NS: Nanoseconds = 600e9;

export const heldKeyOf = ({ id }: { readonly id: ContainerId }): string => `container:${id}`;

/** One reading of a holder of memory (a container, or `MemoryHolder.key`). */
export interface HeldPoint {
  readonly monotonicNs: Nanoseconds;
  readonly heldKb: KiB;
}

/** An act against a shortage of memory, until its gain is known: what the target's own cgroup gave back. */
export interface Relief {
  readonly atNs: Nanoseconds;
  readonly heldKb: KiB;
}

/** What became of our own starts from one image for one class. */
export interface FloorStarts {
  /** Times of the starts within the last hour. */
  readonly startedNs: readonly Nanoseconds[];
  /** Starts in a row that ended at once or never reached the class. */
  readonly misses: number;
  /** Cycles in a row in which the engine refused to start one: that says nothing about the image. */
  readonly failures: number;
  /** Why the last one missed; null while none has. */
  readonly lastMiss: Reason | null;
  /** Containers started so that have neither ended nor got a class yet. */
  readonly awaited: ReadonlySet<ContainerId>;
}

/** A reading of the host's CPU time and available memory. */
export interface HostPoint {
  readonly monotonicNs: Nanoseconds;
  readonly availableKb: KiB;
  readonly cpuBusyNs: Nanoseconds | null;
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
  /** The class that the newest reading alone would give: a change of class needs two in a row. */
  readonly nextLevel: Level | 'unknown';
  /** Since when each soft threshold has been exceeded without a break; absent while it is not. */
  readonly breachSinceNs: Readonly<Partial<Record<Pattern, Nanoseconds>>>;
  /** Each limit of ours that is on it, as far as it was seen. */
  readonly limits: Readonly<Partial<Record<Limit, LimitMemory>>>;
  /** How often each limit was set lately, and when last: each time doubles the time for which the next one is held. */
  readonly timesLimited: Readonly<
    Partial<Record<Limit, { readonly count: number; readonly lastNs: Nanoseconds }>>
  >;
  /** When Vigía last restarted it, or tried to. */
  readonly restartedNs: Nanoseconds | null;
  /** Its class when Vigía restarted it; null once its new run is classified. */
  readonly restartedAs: Level | null;
  /** Recent readings of this run, the newest last. */
  readonly trail: readonly TrailPoint[];
}

/** A limit of ours that is on a container. */
export interface LimitMemory {
  readonly sinceNs: Nanoseconds;
  /** What it used of the resource when the limit was set, in the unit of the limit; 0 when unknown. */
  readonly usedBefore: number;
  /** Since when the reason for the limit has been gone; null while it is not. */
  readonly easedSinceNs: Nanoseconds | null;
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
  removalFailures: new Map(),
  removed: new Set(),
  baselines: new Map(),
  runs: new Map(),
  health: new Map(),
  restarts: new Map(),
  held: new Map(),
  host: [],
  reliefs: new Map(),
  futile: new Map(),
  floorStarts: new Map(),
  createdNs: new Map(),
  disks: new Map(),
  notices: new Set(),
};
