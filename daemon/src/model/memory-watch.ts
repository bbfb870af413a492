import type { Config } from './config.ts';
import type { Classification, Outcome, Plan } from './decision.ts';
import type { History, MemoryPressure } from './history.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * The memory watch as the loop uses it. It looks without a break, in a thread of its own on a real host, so that nothing
 * that the loop does holds it up.
 */
export interface MemoryWatch {
  /** What it judges by from now on. `alarm` begins again. */
  judge(config: Config, memoryPressure: MemoryPressure): void;
  /** Aborts when memory runs out. */
  readonly alarm: AbortSignal;
  /** What it was last told to judge by, with what it has seen since. */
  readonly memoryPressure: MemoryPressure;
  /** A cycle begins: what the watch did by itself since the last one. What it does from now on outruns the cycle. */
  begin(): readonly Aid[];
  /** Whether the cycle may act against a shortage: false when the watch acts or has acted since the cycle began. */
  claim(): boolean;
  /** The act of the last `claim` is over. */
  release(): void;
  /** What the watch acts by while the loop is held up. */
  prepare(known: Known): void;
}

/** What a cycle knows at its end. */
export interface Known {
  readonly history: History;
  readonly snapshot: Snapshot;
  readonly classifications: readonly Classification[];
}

/** What the watch did against a shortage of memory while the loop was held up. */
export interface Aid {
  /** The last cycle's snapshot with memory read again. */
  readonly now: Snapshot;
  readonly memoryPressure: MemoryPressure;
  readonly plan: Extract<Plan, { kind: 'act' }>;
  readonly outcomes: readonly Outcome[];
}

/** What the lookout is told to judge by. `number` counts these. */
export interface Judgement {
  readonly number: number;
  readonly config: Config;
  readonly memoryPressure: MemoryPressure;
}

/** What the lookout says: that memory runs out, or that the state which it follows has changed. */
export interface Word {
  readonly kind: 'alarm' | 'pressure';
  /** Of the judgement that it was found by. */
  readonly number: number;
  readonly memoryPressure: MemoryPressure;
}
