import type { Observation } from './baseline.ts';
import type { Breach } from './breach.ts';
import type { History } from './history.ts';
import type { Level } from './level.ts';
import type { Limit } from './limit.ts';
import type { Reason } from './reason.ts';
import type { Snapshot } from './snapshot.ts';
import type { ContainerId, Nanoseconds, Percent } from './units.ts';

export type { Level };

/** The class of a container and why, from its own counters only: its class label is never read for this. */
export interface Classification {
  readonly id: ContainerId;
  readonly level: Level | 'unknown';
  /** The class that this reading alone gives: a change of class needs two readings in a row. */
  readonly nextLevel: Level | 'unknown';
  /** Rate between two snapshots of the same run; null in the first one. */
  readonly cpuPercent: Percent | null;
  /** Share of RAM that would come back if it ended; by RSS where the cgroup does not tell. */
  readonly memPercent: Percent | null;
  readonly because: Reason;
  /** Soft thresholds that it exceeds, the most serious first. */
  readonly breaches: readonly Breach[];
}

/** The limit that each kind of action sets. */
export const LIMIT_OF = {
  throttle: 'cpu',
  squeeze: 'memory',
  'limit-pids': 'pids',
  'limit-io': 'io',
} as const satisfies Record<string, Limit>;

export type Action =
  | {
      readonly kind: 'remove';
      readonly id: ContainerId;
      readonly name: string;
      /** Its class, or the expected one; null if it has exited or neither is known. */
      readonly level: Level | null;
      /**
       * Init's pid in the snapshot, compared with the engine's before the removal; null for a container that has
       * exited; `any` where the container is the reason and not this run of it.
       */
      readonly pid: number | 'any' | null;
      /** `now` kills without the grace period, because memory is running out. */
      readonly urgency: 'grace' | 'now';
      /** Its CPU limit is lifted before it is stopped, so that it can end cleanly. */
      readonly isThrottled: boolean;
      /** A replacement is started in the same plan, so it may be one of the last of its class. */
      readonly isReplaced: boolean;
      readonly because: Reason;
    }
  | {
      readonly kind: 'restart';
      readonly id: ContainerId;
      readonly name: string;
      /** It counts for this class until its new run is classified. */
      readonly level: Level | null;
      /** `stopped`: an operator undoes a stop of ours, and the container is started again. */
      readonly pid: number | 'stopped';
      /** `now` kills without the grace period. */
      readonly urgency: 'grace' | 'now';
      readonly isThrottled: boolean;
      readonly because: Reason;
    }
  | {
      /** Asks a service to stop, as its own settings say, and does not wait for it. Its owner allowed it. */
      readonly kind: 'stop';
      readonly id: ContainerId;
      readonly name: string;
      readonly level: Level | null;
      /** `any`: the container is the reason and not this run of it. */
      readonly pid: number | 'any';
      readonly because: Reason;
    }
  | {
      /**
       * Kills the processes of a service through its cgroup, in a memory emergency. The engine's kill would mark it as
       * stopped by hand, and its restart policy would not bring it back.
       */
      readonly kind: 'kill';
      readonly id: ContainerId;
      readonly name: string;
      readonly level: Level | null;
      readonly pid: number;
      readonly startNs: Nanoseconds;
      readonly cgroup: string;
      /** The engine is silent: it is not asked again before the kill. */
      readonly isEngineSilent: boolean;
      readonly because: Reason;
    }
  | {
      /**
       * Sets a limit. `to`: percent of one core for `throttle`, KiB of memory for `squeeze`, processes for `limit-pids`,
       * MiB/s for `limit-io`.
       */
      readonly kind: 'throttle' | 'squeeze' | 'limit-pids' | 'limit-io';
      readonly id: ContainerId;
      readonly name: string;
      readonly level: Level | null;
      readonly pid: number;
      readonly to: number;
      readonly because: Reason;
    }
  | {
      /** Lifts a limit of ours. */
      readonly kind: 'release';
      readonly limit: Limit;
      readonly id: ContainerId;
      readonly name: string;
      readonly level: Level | null;
      readonly pid: number | null;
      readonly because: Reason;
    }
  | { readonly kind: 'start'; readonly level: Level; readonly image: string; readonly because: Reason };

/** A container that a plan considered. Scores are compared part by part, the largest first. */
export interface Candidate {
  readonly id: ContainerId;
  readonly name: string;
  readonly level: Level | 'unknown';
  /** Its parts are named in score.ts. */
  readonly score: readonly number[];
  /** Its share of the resource in question (the host's CPU or memory), 0 to 1, for display. */
  readonly share: number;
  /** Why it was not selected; null when it was. */
  readonly excluded: Reason | null;
}

export type Plan =
  | { readonly kind: 'act'; readonly actions: readonly Action[]; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'hold'; readonly because: Reason; readonly candidates: readonly Candidate[] };

export interface Outcome {
  readonly action: Action;
  readonly result: 'done' | 'skipped' | 'failed';
  readonly detail: Reason;
  /** The container acted on or started; null when a start failed. */
  readonly id: ContainerId | null;
  readonly tookMs: number;
}

/** How many managed running containers each class has. */
export interface ClassCounts {
  readonly low: number;
  readonly high: number;
  readonly unknown: number;
}

/** Everything about one cycle, as it is recorded. */
export interface Decision {
  /** The history before the cycle, which it was decided by together with the snapshot. */
  readonly history: History;
  readonly snapshot: Snapshot;
  readonly classifications: readonly Classification[];
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
  readonly before: ClassCounts;
  readonly after: ClassCounts;
  /** What this cycle adds to the baselines. */
  readonly observations: readonly Observation[];
  readonly cost: CycleCost;
}

/** Wall time of each stage. */
export interface CycleCost {
  readonly senseMs: number;
  readonly decideMs: number;
  readonly actMs: number;
}
