import type { Action, ClassCounts, Outcome } from './decision.ts';
import type { Reason } from './reason.ts';
import type { SensorFault } from './snapshot.ts';
import type { Millis } from './units.ts';

/** What scripts of the host's owner may be run on; each at most once in a cycle. */
export const SCRIPT_EVENTS = [
  'removed',
  'started',
  'throttled',
  'released',
  /** Memory ran out, and a container was chosen to be killed for it. */
  'emergency',
  /** Something that was planned could not be done. */
  'failed',
  /** After a cycle a class has fewer than its quota. */
  'floor-violated',
  /** A cycle had to hold because a sensor, or the engine, did not answer; the cycle before still could. */
  'sensor-lost',
  /** Every removal failed in several cycles: none is tried for a while. */
  'breaker-open',
] as const;
export type ScriptEventName = (typeof SCRIPT_EVENTS)[number];

/** An action with its outcome: each reason as an English sentence and, under `…Code`, as data. */
export type ScriptAction = DistributiveOmit<Action, 'because'> &
  Pick<Outcome, 'result' | 'tookMs'> & {
    readonly because: string;
    readonly becauseCode: Reason;
    readonly detail: string;
    readonly detailCode: Reason;
  };

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** What a script reads on its standard input, as JSON. */
export interface ScriptEvent {
  readonly event: ScriptEventName;
  readonly tick: number;
  readonly at: Millis;
  /** The actions that caused the event; empty where there was none. */
  readonly actions: readonly ScriptAction[];
  readonly before: ClassCounts;
  readonly after: ClassCounts;
  readonly faults: readonly {
    readonly sensor: SensorFault['sensor'];
    readonly message: string;
    readonly messageCode: Reason;
    readonly blind: boolean;
  }[];
  readonly memory: { readonly totalKb: number; readonly availableKb: number } | null;
}

/** What came of one script. */
export interface ScriptRun {
  readonly event: ScriptEventName;
  readonly tick: number;
  /** The event's. */
  readonly at: Millis;
  /** Its path, or the directory of the event when that could not be used. */
  readonly script: string;
  /** `killed`: it took too long. `refused`: another user could change it. `dropped`: too many were waiting. */
  readonly result: 'done' | 'failed' | 'killed' | 'refused' | 'dropped';
  readonly exitCode: number | null;
  /** The beginning of what it wrote, both streams. */
  readonly output: string;
  /** Why it was not run; null when it was. */
  readonly refusal: Reason | null;
  readonly tookMs: number;
}
