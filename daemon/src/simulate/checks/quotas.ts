import type { ClassCounts, Decision, Level, Outcome } from '../../model/decision.ts';
import type { ContainerId } from '../../model/units.ts';
import type { ModelAction } from '../host-state.ts';
import { isStopping, type SimulatedContainer } from '../simulated-container.ts';
import { type CheckedCycle, type Checks, FAULT_LASTS_MS, type Ledger } from './ledger.ts';
import { classOfImage, disposablesOf, resourceShareOf, trueClassOf } from './truth.ts';

const LEVELS: readonly Level[] = ['low', 'high'];
const RESTORED_WITHIN_MS = 180_000;
const MAX_CONTAINERS = 100;

/** The quotas, which are about disposable containers only. */
export class QuotaChecks implements Checks {
  removals = 0;
  /** For each time the quotas were restored: how long they had not been met. */
  readonly restoredAfterMs: number[] = [];
  readonly #ledger: Ledger;
  readonly #removedThisCycle: SimulatedContainer[] = [];
  /** Kills in the present cycle that took a class below its floor: each needs a replacement in the same plan. */
  readonly #belowFloor = new Map<ContainerId, { readonly level: Level; readonly why: string }>();
  #lastSettledMs = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  onAction(action: ModelAction, target: SimulatedContainer): void {
    if (action !== 'kill' && action !== 'stop' && action !== 'remove') return;
    const { host, config } = this.#ledger;
    if (target.nature !== 'disposable') return;
    if (action === 'remove') this.#removedThisCycle.push(target);
    if (target.state !== 'running') return;
    const level = trueClassOf(host, target);
    // The daemon cannot know of a container that ended after its recheck.
    if (level === null || host.endedSinceRecheck || isStopping(target)) return;
    const others = disposablesOf(host).filter((container) => container !== target && !isStopping(container));
    // A container whose memory grows may have reached this class.
    const left = others.filter((container) => (trueClassOf(host, container) ?? level) === level).length;
    const { keep } = config.quotas[level];
    const why = `${action} ${target.name} leaves ${left} ${level}-consumption containers, quota ${keep}`;
    // A kill for memory may go below the floor if the plan replaces the container: checked when the cycle has ended.
    if (action !== 'stop' && left < keep) this.#belowFloor.set(target.id, { level, why });
    else this.#ledger.check('floor', left >= keep, why);
  }

  onDecision(decision: Decision, { isSettled, isExact }: CheckedCycle): void {
    const { snapshot, outcomes, before, after } = decision;
    const { host } = this.#ledger;
    const done = outcomes.filter(({ result }) => result === 'done');
    this.removals += done.filter(({ action }) => action.kind === 'remove').length;
    // The daemon learns only in the next cycle of a container that has ended by itself since the reading.
    if (isExact) {
      this.#checkQuotas(
        snapshot.containers.map(({ id }) => id),
        done,
      );
      this.#checkTrimOrder(decision, this.#removedThisCycle);
    }
    this.#removedThisCycle.length = 0;
    this.#checkKillsReplaced(outcomes);
    if (outcomes.length > 0 && done.length === outcomes.length)
      this.#checkPlanKeepsFloors(outcomes, before, after);
    this.#checkRestored(isSettled);
    const { size } = host.containers;
    this.#ledger.check('crowd', size <= MAX_CONTAINERS, `${size} containers on the host`);
  }

  onCrash(): void {
    this.#belowFloor.clear();
    this.#removedThisCycle.length = 0;
  }

  /** Whether this class has a quota that can be met: an image that becomes what it is started for. */
  #isInForce(level: Level): boolean {
    const { keep, trim, images } = this.#ledger.config.quotas[level];
    if (keep === 0) return trim;
    return images.some((image) => classOfImage(this.#ledger.host, image) === level);
  }

  /** A kill for memory may take a class below its floor only if the same plan starts a replacement for it. */
  #checkKillsReplaced(outcomes: readonly Outcome[]): void {
    const replacements = { low: 0, high: 0 };
    for (const { action } of outcomes) if (action.kind === 'start') replacements[action.level] += 1;
    for (const { action } of outcomes) {
      const below = action.kind === 'remove' ? this.#belowFloor.get(action.id) : undefined;
      if (action.kind !== 'remove' || below === undefined) continue;
      this.#ledger.check('floor', action.isReplaced && replacements[below.level] > 0, below.why);
      replacements[below.level] -= 1;
    }
    this.#belowFloor.clear();
  }

  #checkQuotas(shown: readonly ContainerId[], done: readonly Outcome[]): void {
    const { host, config } = this.#ledger;
    // Containers that arrived after the reading belong to the next cycle.
    const known = new Set<ContainerId | null>([...shown, ...done.map(({ id }) => id)]);
    const here = disposablesOf(host).filter(({ id }) => known.has(id));
    for (const level of LEVELS) {
      if (!this.#isInForce(level)) continue;
      const { keep, trim } = config.quotas[level];
      const certain = here.filter(
        (container) => !isStopping(container) && trueClassOf(host, container) === level,
      ).length;
      // The class of a container that is stopping, or whose memory grows, is uncertain.
      const uncertain = here.filter(
        (container) => isStopping(container) || trueClassOf(host, container) === null,
      ).length;
      const holds = !(trim && certain > keep) && keep <= certain + uncertain;
      this.#ledger.check(
        'three-and-two',
        holds,
        `${certain} ${level}-consumption containers, expected ${keep}`,
      );
    }
  }

  /**
   * No container that is kept may use clearly more than one of its class that was trimmed. Replacements and removals
   * that are repeated from an earlier cycle are exempt: they do not follow this order.
   */
  #checkTrimOrder({ outcomes, snapshot, history }: Decision, removed: readonly SimulatedContainer[]): void {
    const { host } = this.#ledger;
    const known = new Set(snapshot.containers.map(({ id }) => id));
    for (const container of removed) {
      const level = trueClassOf(host, container);
      const isTrimmed = outcomes.some(
        ({ action, id }) =>
          id === container.id && action.kind === 'remove' && action.level !== null && !action.isReplaced,
      );
      if (level === null || !isTrimmed || history.pendingRemovals.has(container.id)) continue;
      const share = resourceShareOf(host, container);
      const larger = disposablesOf(host).find(
        (other) =>
          known.has(other.id) &&
          !isStopping(other) &&
          trueClassOf(host, other) === level &&
          // What the daemon measures for these two differs from what they want.
          other.limitPercent === null &&
          other.kind.rhythm === undefined &&
          other.labels['vigia.priority'] === container.labels['vigia.priority'] &&
          resourceShareOf(host, other) > 1.2 * share + 0.002,
      );
      this.#ledger.check(
        'greedy-first',
        larger === undefined,
        `${container.name} was removed, ${larger?.name} uses more`,
      );
    }
  }

  /** A plan that was carried out completely must not leave a class both smaller and below its floor. */
  #checkPlanKeepsFloors(outcomes: readonly Outcome[], before: ClassCounts, after: ClassCounts): void {
    for (const level of LEVELS) {
      if (!this.#isInForce(level)) continue;
      const { keep } = this.#ledger.config.quotas[level];
      const isRemoved = outcomes.some(({ action }) => action.kind === 'remove' && action.level === level);
      const holds = !isRemoved || after[level] >= Math.min(keep, before[level]);
      this.#ledger.check(
        'floor',
        holds,
        `a plan left ${after[level]} of ${before[level]} ${level}-consumption containers, quota ${keep}`,
      );
    }
  }

  /** Checks the time since the last settled cycle; in those, `#checkQuotas` holds the quotas against the world. */
  #checkRestored(isSettled: boolean): void {
    if (!LEVELS.some((level) => this.#isInForce(level))) return;
    const { nowMs } = this.#ledger;
    const outMs = nowMs - this.#lastSettledMs;
    const deadlineMs = this.#ledger.hasRecentFault() ? FAULT_LASTS_MS : RESTORED_WITHIN_MS;
    this.#ledger.check(
      'restored',
      outMs <= deadlineMs,
      `the quotas were not met for ${Math.round(outMs / 1000)} s`,
    );
    if (!isSettled) return;
    this.restoredAfterMs.push(outMs);
    this.#lastSettledMs = nowMs;
  }
}
