import type { Observation } from './baseline.ts';
import type { Breach } from './breach.ts';
import type { History } from './history.ts';
import type { Level } from './level.ts';
import type { Reason } from './reason.ts';
import type { Snapshot } from './snapshot.ts';
import type { ContainerId, Percent } from './units.ts';

export type { Level };

/** What a container does, judged from its own counters. Its class label is never read for it. */
export interface Classification {
  readonly id: ContainerId;
  readonly level: Level | 'unknown';
  /** Rate between two snapshots of the same identity; null in the first one. */
  readonly cpuPercent: Percent | null;
  readonly memPercent: Percent | null;
  readonly because: Reason;
  /** Soft thresholds that it is beyond, the gravest first. */
  readonly breaches: readonly Breach[];
}

export type Action =
  | {
      readonly kind: 'remove';
      readonly id: ContainerId;
      readonly name: string;
      /** Its class, or the one that it is to have; null for one that has exited, or of which nothing is known yet. */
      readonly level: Level | null;
      /**
       * Init's pid in the snapshot, held against the engine's before the strike; null for one that has exited; `any`
       * where the container itself is the reason, and not this run of it.
       */
      readonly pid: number | 'any' | null;
      /** `now` kills without the grace period: memory runs out. */
      readonly urgency: 'grace' | 'now';
      /** It gets its CPU back before it is stopped: a starved one cannot end cleanly. */
      readonly isThrottled: boolean;
      /** Its successor is started in the same plan: it may be one of the last of its class. */
      readonly isReplaced: boolean;
      readonly because: Reason;
    }
  | {
      readonly kind: 'restart';
      readonly id: ContainerId;
      readonly name: string;
      /** It counts for this class until its new run has one. */
      readonly level: Level | null;
      readonly pid: number;
      /** `now` kills without the grace period. */
      readonly urgency: 'grace' | 'now';
      readonly isThrottled: boolean;
      readonly because: Reason;
    }
  | {
      /** Limits its CPU, or gives it back. */
      readonly kind: 'throttle' | 'release';
      readonly id: ContainerId;
      readonly name: string;
      readonly level: Level | null;
      readonly pid: number | null;
      readonly because: Reason;
    }
  | { readonly kind: 'start'; readonly level: Level; readonly image: string; readonly because: Reason };

/** A container that was weighed. Scores are compared left to right, the largest first; `excluded` says why it was spared. */
export interface Candidate {
  readonly id: ContainerId;
  readonly name: string;
  readonly level: Level | 'unknown';
  /** Its parts are named in score.ts. */
  readonly score: readonly number[];
  /** Its share of what it was weighed for (the host's CPU or memory), 0 to 1: the figure that people ask for. */
  readonly share: number;
  readonly excluded: Reason | null;
}

export type Plan =
  | { readonly kind: 'act'; readonly actions: readonly Action[]; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'hold'; readonly because: Reason; readonly candidates: readonly Candidate[] };

export interface Outcome {
  readonly action: Action;
  readonly result: 'done' | 'skipped' | 'failed';
  readonly detail: Reason;
  /** The container that was removed or started; null when a start failed. */
  readonly id: ContainerId | null;
  readonly tookMs: number;
}

/** How many managed, running containers stand in each class. */
export interface ClassCounts {
  readonly low: number;
  readonly high: number;
  readonly unknown: number;
}

/** The whole of one cycle, as it is recorded. */
export interface Decision {
  /** What was known before it, and what it was decided by. */
  readonly history: History;
  readonly snapshot: Snapshot;
  readonly classifications: readonly Classification[];
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
  readonly before: ClassCounts;
  readonly after: ClassCounts;
  /** What the baselines learn from this cycle. */
  readonly observations: readonly Observation[];
  readonly cost: CycleCost;
}

/** Wall time of each stage. */
export interface CycleCost {
  readonly senseMs: number;
  readonly decideMs: number;
  readonly actMs: number;
}
