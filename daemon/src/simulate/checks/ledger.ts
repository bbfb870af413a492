import type { Config } from '../../model/config.ts';
import type { Decision } from '../../model/decision.ts';
import type { NewContainer } from '../../model/engine.ts';
import type { HostState, ModelAction } from '../host-state.ts';
import type { SimulatedContainer } from '../simulated-container.ts';
import type { Invariant, Violation } from './invariants.ts';

/** The simulation ends at so many. */
const MAX_VIOLATIONS = 20;
/** The effects of a fault may last so long: a hung engine, its back-off and a crash may follow each other. */
export const FAULT_LASTS_MS = 900_000;

/** A group of invariants. It sees every action before it takes effect, and every cycle when it has ended. */
export interface Checks {
  onAction?(action: ModelAction, target: SimulatedContainer, graceSeconds: number | null): void;
  onStart?(container: NewContainer): void;
  onOutOfMemory?(target: SimulatedContainer | null): void;
  onDecision?(decision: Decision, cycle: CheckedCycle): void;
  /** The daemon was killed. */
  onCrash?(): void;
}

/** What the groups need to know of a cycle. */
export interface CheckedCycle {
  /** It had a good reading, classified all, was not pressed for memory, and carried out its whole plan. */
  readonly isSettled: boolean;
  /** Settled, and no container has ended by itself since the reading. */
  readonly isExact: boolean;
}

/** What the groups of invariants share: the true state of the host, the counts of checks, and the violations. */
export class Ledger {
  readonly host: HostState;
  readonly config: Config;
  readonly violations: Violation[] = [];
  /** How often each invariant was checked. */
  readonly checks = new Map<Invariant, number>();
  /** The newest completed cycle. */
  tick = 0;

  constructor(host: HostState, config: Config) {
    this.host = host;
    this.config = config;
  }

  get nowMs(): number {
    return this.host.nowMs;
  }

  /** True once there are MAX_VIOLATIONS. */
  get isFull(): boolean {
    return this.violations.length >= MAX_VIOLATIONS;
  }

  /** Counts a check, and notes a violation with the message `what` unless `holds`. */
  check(invariant: Invariant, holds: boolean, what: string | (() => string)): void {
    this.checks.set(invariant, (this.checks.get(invariant) ?? 0) + 1);
    if (holds || this.isFull) return;
    const message = typeof what === 'string' ? what : what();
    this.violations.push({ invariant, tick: this.tick, atMs: this.nowMs, what: message });
  }

  /** Whether a fault was injected so recently that its effects may last. */
  hasRecentFault(): boolean {
    return this.nowMs - this.host.lastFaultMs < FAULT_LASTS_MS;
  }

  /** The same for a shortage of memory, in which a silent engine is no excuse. */
  isHindered(): boolean {
    return this.nowMs < this.host.hinderedUntilMs;
  }
}

/** Checks that nothing lasts longer than its deadline. */
export class Deadline {
  readonly #ledger: Ledger;
  readonly #invariant: Invariant;
  readonly #sinceMs = new Map<string, number>();

  constructor(ledger: Ledger, invariant: Invariant) {
    this.#ledger = ledger;
    this.#invariant = invariant;
  }

  /** `present`: those of whom it is true now, each with a key. */
  check(present: readonly (readonly [key: string, what: string])[], deadlineMs: number): void {
    const { nowMs } = this.#ledger;
    const here = new Set(present.map(([key]) => key));
    for (const key of this.#sinceMs.keys()) if (!here.has(key)) this.#sinceMs.delete(key);
    for (const [key, what] of present) {
      const sinceMs = this.#sinceMs.get(key) ?? nowMs;
      this.#sinceMs.set(key, sinceMs);
      const lasted = nowMs - sinceMs;
      this.#ledger.check(
        this.#invariant,
        lasted <= deadlineMs,
        () => `${what} for ${Math.round(lasted / 1000)} s`,
      );
    }
  }
}
