import type { Classification, Decision, Outcome, Plan } from './decision.ts';
import type { MemoryWatch } from './memory-watch.ts';
import type { Snapshot } from './snapshot.ts';
import type { Millis, Nanoseconds } from './units.ts';

/** The loop's access to the outside world. Real and simulated runs differ only in these. */
export interface Ports {
  readonly clock: Clock;
  /** `urgent` aborts when memory runs out: then the engine is not awaited any longer. */
  sense(tick: number, urgent: AbortSignal): Promise<Snapshot>;
  readonly watch: MemoryWatch;
  /** Carries out a plan; never throws: an error becomes an outcome. `urgent` interrupts actions that can wait. */
  act(
    plan: Plan,
    snapshot: Snapshot,
    classifications: readonly Classification[],
    urgent: AbortSignal,
  ): Promise<readonly Outcome[]>;
  record(decision: Decision): void;
  report(decision: Decision): void;
}

export interface Clock {
  now(): Millis;
  monotonicNs(): Nanoseconds;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
