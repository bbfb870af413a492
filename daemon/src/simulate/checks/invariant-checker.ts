import type { Config } from '../../model/config.ts';
import type { Decision } from '../../model/decision.ts';
import type { NewContainer } from '../../model/engine.ts';
import type { EngineObserver, ModelAction } from '../host-state.ts';
import type { SimulatedContainer } from '../simulated-container.ts';
import type { World } from '../world.ts';
import { HarmChecks } from './harm.ts';
import type { Invariant, Violation } from './invariants.ts';
import { type Checks, Ledger } from './ledger.ts';
import { LimitChecks } from './limits.ts';
import { MemoryChecks } from './memory.ts';
import { QuotaChecks } from './quotas.ts';
import { ReadingChecks } from './readings.ts';
import { StartChecks } from './starts.ts';

/**
 * Checks every action and every cycle against the true state of the modelled world, never against the daemon's view.
 * Each group of invariants (invariants.ts) has a file of its own; ledger.ts holds what they share, truth.ts what is true.
 */
export class InvariantChecker implements EngineObserver {
  /** The parts are set right after construction: the world needs its observer first. */
  #world!: World;
  #ledger!: Ledger;
  quotas!: QuotaChecks;
  starting!: StartChecks;
  memory!: MemoryChecks;
  limits!: LimitChecks;
  #groups: readonly Checks[] = [];

  watch(world: World, config: Config): void {
    this.#world = world;
    this.#ledger = new Ledger(world.state, config);
    this.quotas = new QuotaChecks(this.#ledger);
    this.starting = new StartChecks(this.#ledger);
    this.memory = new MemoryChecks(this.#ledger);
    this.limits = new LimitChecks(this.#ledger);
    this.#groups = [
      new HarmChecks(this.#ledger),
      new ReadingChecks(this.#ledger),
      this.quotas,
      this.starting,
      this.memory,
      this.limits,
    ];
  }

  get violations(): readonly Violation[] {
    return this.#ledger.violations;
  }

  get checks(): ReadonlyMap<Invariant, number> {
    return this.#ledger.checks;
  }

  get isFull(): boolean {
    return this.#ledger.isFull;
  }

  onAction(action: ModelAction, target: SimulatedContainer, graceSeconds: number | null = null): void {
    for (const group of this.#groups) group.onAction?.(action, target, graceSeconds);
  }

  onStart(container: NewContainer): void {
    for (const group of this.#groups) group.onStart?.(container);
  }

  onOutOfMemory(target: SimulatedContainer | null): void {
    for (const group of this.#groups) group.onOutOfMemory?.(target);
  }

  /** To be called when a cycle has ended. */
  onDecision(decision: Decision): void {
    this.#ledger.tick = decision.snapshot.tick;
    const { state } = this.#world;
    // In an emergency the daemon postpones everything else, so such a cycle is not settled.
    const isPressed = state.lastPressureMs >= state.sensedMs;
    const isDone = decision.outcomes.every(({ result }) => result === 'done');
    const isSettled = state.lastReading === 'good' && !isPressed && decision.before.unknown === 0 && isDone;
    this.#world.catchUp();
    const cycle = { isSettled, isExact: isSettled && !state.endedSinceReading };
    for (const group of this.#groups) group.onDecision?.(decision, cycle);
  }

  /** To be called when the daemon was killed. */
  onCrash(): void {
    for (const group of this.#groups) group.onCrash?.();
  }

  /** Counts a check, and notes a violation with the message `what` unless `holds`. */
  check(invariant: Invariant, holds: boolean, what: string): void {
    this.#ledger.check(invariant, holds, what);
  }
}
