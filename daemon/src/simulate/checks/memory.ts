import type { Action, Decision } from '../../model/decision.ts';
import type { Reason } from '../../model/reason.ts';
import { isForking, isLeaking } from '../behaviour.ts';
import type { ModelAction } from '../host-state.ts';
import { shortBelowKb } from '../memory-model.ts';
import { isOurs, isStopping, type SimulatedContainer } from '../simulated-container.ts';
import { type Checks, FAULT_LASTS_MS, type Ledger } from './ledger.ts';
import { disposablesOf, type Grower, growersOf, isGuilty, takerOf, trueClassOf } from './truth.ts';

/** Deadline from memory shortage to kill, when no fault was injected. */
const REACTION_MS = 1500;
/** The same while the engine is silent: it is given up after the next look at memory. */
const SILENT_REACTION_MS = 2000;
/** Shortest time between two kills for memory that has not recovered. */
const COOL_DOWN_MS = 14_000;
/** Two growers are taken for equal when the smaller one has grown by this share of the larger one. */
const COMPARABLE = 0.5;
/** A disposable container that is killed must hold this share of what the largest of ours holds. */
const COMPARABLE_SIZE = 0.3;
/** Growth below this share of RAM makes no holder a culprit. */
const NOTABLE = 0.02;
/** A guilty service is dealt with so soon after memory became short. */
const CAUGHT_MS = 20_000;
/** A leak that was dealt with so recently may be left until it is an emergency. */
const DEALT_WITH_MS = 7_200_000;
/** A leak that needs longer than this to fill the RAM is slow: it must be seen before memory is short. */
const SLOW_SECONDS = 1800;
/** A leak of this share of RAM could be seen. */
const LARGE_LEAK = 0.15;
/** The emergency that a decision is about may be over when it has been carried out. */
const EMERGENCY_LASTS_MS = 20_000;

/** Shortages of memory: who is behind them, who pays for them, and how fast. */
export class MemoryChecks implements Checks {
  kills = 0;
  /** Times from memory shortage to kill. */
  readonly reactionMs: number[] = [];
  readonly #ledger: Ledger;
  #lastKillMs = Number.NEGATIVE_INFINITY;
  /** When a leak of each container was squeezed, restarted or killed, by name: a redeployed one is another container. */
  readonly #dealtWithMs = new Map<string, number>();
  /** What caused the present shortage is not managed, so that no kill was due at its beginning. */
  #isOthers = false;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  onAction(action: ModelAction, target: SimulatedContainer): void {
    const { nowMs } = this.#ledger;
    // A fork storm in a disposable container is ended at once, whatever memory there is.
    if (isForking(target) && target.nature === 'disposable' && !this.#isPressed()) return;
    const isEnd =
      action === 'kill' || (action === 'remove' && target.state === 'running' && !isStopping(target));
    const isForMemory = action === 'squeeze' || action === 'restart' || isEnd;
    if (isEnd && isLeaking(target)) this.#checkSeen(target);
    if (isForMemory && isLeaking(target)) {
      this.#dealtWithMs.set(target.name, nowMs);
      if (target.nature === 'service') this.#ledger.check('caught', true, '');
    }
    if (isForMemory && target.nature === 'service') this.#checkNotForOthers(action, target);
    if (isEnd) this.#onKill(target);
  }

  onOutOfMemory(target: SimulatedContainer | null): void {
    const { host, nowMs } = this.#ledger;
    const shortMs = nowMs - (host.shortSinceMs ?? 0);
    // When the last of it is used up in less time, Vigía cannot react; and it may not kill for what is not its own.
    const isPossible =
      shortMs > this.#reactionMs() &&
      !this.#ledger.isHindered() &&
      this.#isOurCulprit() &&
      !this.#isUnknown(target);
    this.#ledger.check(
      'no-oom',
      !isPossible,
      () =>
        `the kernel killed ${target?.name ?? 'a process'}: memory had been short for ${Math.round(shortMs)} ms`,
    );
  }

  onDecision(decision: Decision): void {
    const { host, nowMs } = this.#ledger;
    this.#checkNamed(decision);
    if (host.shortSinceMs === null) {
      this.#isOthers = false;
      return;
    }
    const top = this.#taker(growersOf(host));
    if (top === null) return;
    if (!this.#isOurs(top)) {
      this.#isOthers = true;
      this.#ledger.check('not-ours', true, '');
    }
    if (this.#isUnknown(top.container)) {
      this.#isOthers = true;
      return;
    }
    const { container } = top;
    if (container === null || container.nature !== 'service' || !isGuilty(container, nowMs)) return;
    if (!this.#isNotable(top)) return;
    const lasted = nowMs - host.shortSinceMs;
    const deadlineMs = CAUGHT_MS + (this.#ledger.isHindered() ? FAULT_LASTS_MS : 0);
    this.#ledger.check(
      'caught',
      lasted <= deadlineMs,
      () => `memory has been short for ${Math.round(lasted / 1000)} s because of ${top.name}`,
    );
  }

  /** A slow leak that is only dealt with when memory has run out was not seen in time. */
  #checkSeen({ name, nature, kind, heldKb }: SimulatedContainer): void {
    const { host, nowMs } = this.#ledger;
    const { totalKb } = host.scenario.host;
    const isSlow = totalKb / (kind.rssKbPerSecond ?? Number.POSITIVE_INFINITY) >= SLOW_SECONDS;
    // A small one may be killed while another holder grows.
    if (nature !== 'service' || !isSlow || heldKb < LARGE_LEAK * totalKb) return;
    const dealtWithMs = this.#dealtWithMs.get(name) ?? Number.NEGATIVE_INFINITY;
    this.#ledger.check(
      'caught',
      nowMs - dealtWithMs < DEALT_WITH_MS || this.#ledger.isHindered(),
      `${name} has leaked until memory was short, and nothing was done about it before`,
    );
  }

  /** A kill without a stop before it: only a memory shortage justifies one. */
  #onKill(target: SimulatedContainer): void {
    const { host, nowMs } = this.#ledger;
    this.kills += 1;
    const sinceLast = nowMs - this.#lastKillMs;
    const hasRecovered = host.lastRecoveredMs > this.#lastKillMs;
    const isFirst = host.shortSinceMs === null || this.#lastKillMs < host.shortSinceMs;
    this.#lastKillMs = nowMs;
    this.#ledger.check(
      'cool-down',
      hasRecovered || sinceLast >= COOL_DOWN_MS,
      `${target.name} was killed ${sinceLast} ms after the last kill`,
    );
    this.#ledger.check('culprit', this.#isPressed(), `${target.name} was killed while memory was not short`);
    const growers = growersOf(host);
    const top = this.#taker(growers);
    const own = growers.find(({ container }) => container === target);
    if (top === null || own === undefined) return;
    this.#checkCulprit(target, own, top);
    if (host.shortSinceMs === null || !isFirst || this.#isOthers || !this.#isOurs(top)) return;
    const tookMs = nowMs - host.shortSinceMs;
    this.reactionMs.push(tookMs);
    this.#ledger.check(
      'reaction',
      tookMs <= this.#reactionMs() || this.#ledger.isHindered(),
      `${Math.round(tookMs)} ms from memory shortage to kill`,
    );
  }

  #checkCulprit(target: SimulatedContainer, own: Grower, top: Grower): void {
    const { host, config } = this.#ledger;
    const isTop = own.grownKb >= COMPARABLE * top.grownKb && this.#isNotable(own);
    const figures = () =>
      `${own.name} was killed: it grew ${own.grownKb} KiB of ${own.heldKb}, ${top.name} ${top.grownKb} of ${top.heldKb}`;
    if (target.nature !== 'disposable') {
      // One that leaks goes before one that only loads what it always holds.
      const isLoading = top.container !== null && !isGuilty(top.container, this.#ledger.nowMs);
      const isRight = isTop || (isGuilty(target, this.#ledger.nowMs) && isLoading && this.#isOurs(top));
      this.#ledger.check('culprit', isRight, figures);
      return;
    }
    const mostKb = Math.max(
      ...[...host.containers.values()].filter(isOurs).map((container) => container.heldKb),
    );
    const isLarge = own.heldKb >= COMPARABLE_SIZE * mostKb;
    if (this.#isOurs(top) || !this.#isNotable(top)) {
      this.#ledger.check('culprit', isTop || isLarge, figures);
      return;
    }
    // Memory that is not managed: surplus may be given up for it.
    const level = trueClassOf(host, target);
    if (level === null || isTop) return;
    const left = disposablesOf(host).filter(
      (other) => other !== target && !isStopping(other) && (trueClassOf(host, other) ?? level) === level,
    ).length;
    const { keep } = config.quotas[level];
    this.#ledger.check('not-ours', left >= keep, () => `${figures()}; ${left} are left, quota ${keep}`);
  }

  /** While the culprit is not managed, no service is killed, restarted or squeezed. */
  #checkNotForOthers(action: ModelAction, target: SimulatedContainer): void {
    const { host, nowMs } = this.#ledger;
    const growers = growersOf(host);
    const top = this.#taker(growers);
    if (top === null || this.#isOurs(top) || !this.#isNotable(top)) return;
    const own = growers.find(({ container }) => container === target);
    if (own !== undefined && own.grownKb >= COMPARABLE * top.grownKb) return;
    this.#ledger.check(
      'not-ours',
      isGuilty(target, nowMs),
      `${action} ${target.name} while ${top.name} takes the memory`,
    );
  }

  /** The plan of an emergency names the one who took the memory, or one who took nearly as much. */
  #checkNamed({ plan }: Decision): void {
    const { host } = this.#ledger;
    if (!this.#isPressed()) return;
    const named = plan.kind === 'hold' ? culpritIn(plan.because) : firstOf(plan.actions);
    if (named === null) return;
    const growers = growersOf(host);
    const top = this.#taker(growers);
    // What was killed meanwhile holds nothing any more.
    if (top === null || !this.#isNotable(top)) return;
    const isKilled =
      plan.kind === 'act' && plan.actions.some(({ kind }) => kind === 'kill' || kind === 'remove');
    // One that the engine has not told of is named by the beginning of its ID.
    const found = growers.find(
      ({ name, container }) => name === named || container?.id.slice(0, 12) === named,
    );
    const isRight =
      found !== undefined && found.grownKb >= COMPARABLE * top.grownKb && this.#isNotable(found);
    this.#ledger.check(
      'culprit-named',
      isRight || (isKilled && this.#isKilled(plan.actions, named)),
      () => `${named} was named, ${top.name} grew ${top.grownKb} KiB`,
    );
  }

  /** Whether the one that is named is what this plan killed: `culprit` has checked that. */
  #isKilled(actions: readonly Action[], named: string): boolean {
    return actions.some((action) => action.kind !== 'start' && action.name === named);
  }

  #reactionMs(): number {
    const { host, nowMs } = this.#ledger;
    return nowMs - host.hungUntilMs < 10_000 ? SILENT_REACTION_MS : REACTION_MS;
  }

  #isPressed(): boolean {
    const { host, nowMs } = this.#ledger;
    return nowMs - host.lastPressureMs <= EMERGENCY_LASTS_MS;
  }

  #taker(growers: readonly Grower[]): Grower | null {
    return takerOf(this.#ledger.host, growers, this.#notableKb());
  }

  #notableKb(): number {
    const { host } = this.#ledger;
    return Math.min(NOTABLE * host.scenario.host.totalKb, shortBelowKb(host) / 2);
  }

  #isNotable({ grownKb }: Grower): boolean {
    return grownKb >= this.#notableKb();
  }

  /** Whether it came while the engine was silent: Vigía cannot know that it is managed. */
  #isUnknown(container: SimulatedContainer | null): boolean {
    const { lastSnapshot } = this.#ledger.host;
    if (container === null || !this.#ledger.host.isHung()) return false;
    return !lastSnapshot?.containers.some(({ id }) => id === container.id);
  }

  /** Whether it may be acted on: a managed container that the engine has told of. */
  #isOurs({ container }: Grower): boolean {
    if (container === null || !isOurs(container)) return false;
    return this.#ledger.host.lastSnapshot?.containers.some(({ id }) => id === container.id) ?? false;
  }

  #isOurCulprit(): boolean {
    const top = this.#taker(growersOf(this.#ledger.host));
    return top !== null && this.#isOurs(top);
  }
}

function firstOf(actions: readonly Action[]): string | null {
  for (const { because } of actions) {
    const named = culpritIn(because);
    if (named !== null) return named;
  }
  return null;
}

/** The culprit's name in a reason; null when the reason names none. */
function culpritIn(because: Reason): string | null {
  switch (because.code) {
    case 'culprit-grew':
    case 'culprit-above-usual':
      return because.name;
    case 'culprit-not-ours':
    case 'culprit-not-ended':
    case 'sacrifice-for-memory':
    case 'kill-for-memory':
      return culpritIn(because.culprit);
    default:
      return null;
  }
}
