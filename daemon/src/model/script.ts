import type { Action, ClassCounts, Outcome } from './decision.ts';
import type { Reason } from './reason.ts';
import type { SensorFault } from './snapshot.ts';
import type { Millis } from './units.ts';

/** The events that the owner's scripts can be run on; each occurs at most once in a cycle. */
export const SCRIPT_EVENTS = [
  'removed',
  'started',
  'throttled',
  'released',
  /** Its memory, its number of processes or its I/O was limited. */
  'limited',
  'restarted',
  'stopped',
  /** Memory ran out and a container was chosen for eviction. */
  'emergency',
  /** A planned action failed. */
  'failed',
  /** After a cycle a class has fewer containers than its quota. */
  'floor-violated',
  /** A cycle held because a sensor or the engine did not answer; the cycle before did not. */
  'sensor-lost',
  /** Removals of a container failed three times in a row, so it is set aside for a while. */
  'breaker-open',
] as const;

/**
 * Before a service is stopped or restarted, one action each: a script that ends with another code than 0 vetoes it. Not
 * asked in an emergency.
 */
export type BeforeEventName = 'before-stop' | 'before-restart';
export type ScriptEventName = (typeof SCRIPT_EVENTS)[number] | BeforeEventName;

/** An action with its outcome: each reason as an English sentence and, under `…Code`, as data. */
export type ScriptAction = DistributiveOmit<Action, 'because'> &
  Pick<Outcome, 'tookMs'> & {
    /** `planned`: before the action. */
    readonly result: Outcome['result'] | 'planned';
    readonly because: string;
    readonly becauseCode: Reason;
    /** '' and null before the action. */
    readonly detail: string;
    readonly detailCode: Reason | null;
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

/** The result of running one script. */
export interface ScriptRun {
  readonly event: ScriptEventName;
  readonly tick: number;
  /** The time of the event. */
  readonly at: Millis;
  /** The script's path, or the event's directory if that was refused. */
  readonly script: string;
  /** `vetoed`: asked before an action, it said no. `killed`: it took too long. `refused`: another user could change it. `dropped`: too many were waiting. */
  readonly result: 'done' | 'failed' | 'vetoed' | 'killed' | 'refused' | 'dropped';
  readonly exitCode: number | null;
  /** The beginning of its standard output and standard error. */
  readonly output: string;
  /** Why it was not run; null when it was. */
  readonly refusal: Reason | null;
  readonly tookMs: number;
}
