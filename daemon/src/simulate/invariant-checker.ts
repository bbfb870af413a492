import type { Config } from '../model/config.ts';
import type { ClassCounts, Decision, Level, Outcome } from '../model/decision.ts';
import type { NewContainer } from '../model/engine.ts';
import { CLASS_LABEL, startedForFloor } from '../model/ownership.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ContainerId, Nanoseconds } from '../model/units.ts';
import { misbehaves, rssKb, type SimulatedContainer, usesLittleOfLimit } from './simulated-container.ts';
import type { EngineObserver, World } from './world.ts';

/** What must always hold (ARCHITECTURE.md, "Invariants"): each invariant with its description in reports. */
export const INVARIANTS = {
  floor: 'an action by Vigía never takes a class below its floor',
  'three-and-two': 'a cycle that classified every container ends with exactly the quotas',
  'second-snapshot':
    'a container is classified by the second good reading that shows it, ten seconds or more after the first',
  protected: 'Vigía never acts on a protected container',
  foreign: 'Vigía never acts on a container that it does not manage',
  'good-reading': 'Vigía never plans or acts on a blind or stale reading',
  'same-run': 'Vigía never acts on a container that restarted since it was classified (flapping excepted)',
  'greedy-first': 'when a class is trimmed, the containers that use most are removed first',
  'no-excess': 'Vigía never starts more containers than a class lacks',
  culprit: 'a container that is killed for memory holds a large share of it',
  'cool-down': 'between two kills for memory, memory has time to recover',
  reaction: 'a kill follows a memory shortage within the deadline',
  'no-oom': 'the kernel kills for memory only when memory runs out faster than Vigía can react',
  patience: 'no container is throttled before its grace period is over',
  misbehaviour: 'no managed container forks without end, flaps or stalls I/O for long',
  'no-oscillation': 'no container is throttled and released over and over',
  'restored-first': 'a throttled container gets its CPU back before it is stopped',
  'given-back': 'a throttled container that needs little CPU gets the rest back',
  recorded: 'every cycle is recorded, unless the disk is full',
  restored: 'the quotas are restored within the deadline',
  crowd: 'the host never fills up with containers',
  'samples-kept': 'no sample is kept longer than the configuration says',
  'samples-level': 'the number of samples in the database stops growing',
  'memory-flat': "the daemon's memory stops growing",
} as const;

export type Invariant = keyof typeof INVARIANTS;

/** An invariant that did not hold. */
export interface Violation {
  readonly invariant: Invariant;
  /** The newest completed cycle. */
  readonly tick: number;
  /** Since the boot of the modelled host. */
  readonly atMs: number;
  readonly what: string;
}

const LEVELS: readonly Level[] = ['low', 'high'];
const RESTORED_WITHIN_MS = 180_000;
/** The same after a fault: a hung engine, its back-off and a crash may follow each other. */
const RESTORED_WITHIN_FAULTS_MS = 900_000;
/** Deadline from memory shortage to kill, when no fault was injected. */
const REACTION_MS = 1500;
/** Shortest time between two kills for memory that has not recovered. */
const COOL_DOWN_MS = 14_000;
/** The grace period before throttling. */
const PATIENCE_MS = 60_000;
/** Deadline for ending misbehaviour. */
const MISBEHAVIOUR_ENDS_MS = 420_000;
/** Deadline for lifting a limit: the grace period, again after a crash, and a hung engine. */
const GIVEN_BACK_MS = 600_000;
const MAX_THROTTLES_AN_HOUR = 6;
const MAX_CONTAINERS = 100;
/** The simulation ends at so many. */
const MAX_VIOLATIONS = 20;

/**
 * Checks every action and every cycle against the true state of the modelled world, never against the daemon's view.
 */
export class InvariantChecker implements EngineObserver {
  readonly violations: Violation[] = [];
  /** How often each invariant was checked. */
  readonly checks = new Map<Invariant, number>();
  removals = 0;
  starts = 0;
  /** For each time the quotas were restored: how long they had not been met. */
  readonly restoredAfterMs: number[] = [];
  /** Times from memory shortage to kill. */
  readonly reactionMs: number[] = [];
  kills = 0;
  throttles = 0;
  restarts = 0;
  readonly #throttledMs = new Map<ContainerId, number[]>();
  tick = 0;
  /** Set right after construction: the world needs its observer first. */
  world!: World;
  readonly #config: Config;
  readonly #nowMs: () => number;
  /** By container ID and pid: the first good reading that showed it. */
  readonly #firstSeenNs = new Map<string, Nanoseconds>();
  readonly #removedThisCycle: SimulatedContainer[] = [];
  readonly #misbehavesSinceMs = new Map<ContainerId, number>();
  readonly #usesLittleSinceMs = new Map<ContainerId, number>();
  /** Kills in the present cycle that took a class below its floor: each needs a replacement in the same plan. */
  readonly #belowFloor = new Map<ContainerId, { readonly level: Level; readonly why: string }>();
  #lastSettledMs = 0;
  #lastKillMs = Number.NEGATIVE_INFINITY;

  constructor(config: Config, nowMs: () => number) {
    this.#config = config;
    this.#nowMs = nowMs;
  }

  /** True once there are MAX_VIOLATIONS. */
  get isFull(): boolean {
    return this.violations.length >= MAX_VIOLATIONS;
  }

  onAction(action: Parameters<EngineObserver['onAction']>[0], target: SimulatedContainer): void {
    const what = `${action} ${target.name}`;
    this.check('protected', target.untouchable !== 'protected', `${what}: it is protected`);
    this.check('foreign', target.untouchable !== 'foreign', `${what}: Vigía does not manage it`);
    this.#checkReading(what);
    if (action === 'stop' || action === 'restart')
      this.check('restored-first', target.limitPercent === null, `${what} while its CPU is limited`);
    this.#checkRun(target, what);
    if (action === 'throttle') this.#onThrottle(target);
    if (action === 'restart') this.restarts += 1;
    if (action === 'throttle' || action === 'release' || action === 'restart') return;
    const level = this.world.trueClassOf(target);
    if (action === 'remove') this.#removedThisCycle.push(target);
    // Killed, or removed without having been stopped first.
    const isKilled = (action === 'kill' || action === 'remove') && !isStopping(target);
    if (isKilled && target.state === 'running') this.#onKill(target);
    if (level === null || target.state !== 'running' || target.untouchable !== null) return;
    // The daemon cannot know of a container that ended after its recheck.
    if (this.world.endedSinceRecheck || isStopping(target)) return;
    const others = this.#running().filter((container) => container !== target && !isStopping(container));
    // A container whose memory grows may have reached this class.
    const left = others.filter((container) => (this.world.trueClassOf(container) ?? level) === level).length;
    const { keep } = this.#config.quotas[level];
    const why = `${what} leaves ${left} ${level}-consumption containers, quota ${keep}`;
    // A kill for memory may go below the floor if the plan replaces the container: checked when the cycle has ended.
    if (isKilled && left < keep) this.#belowFloor.set(target.id, { level, why });
    else this.check('floor', left >= keep, why);
  }

  onStart({ name, labels }: NewContainer): void {
    this.#checkReading(`start ${name}`);
    const level = labels[CLASS_LABEL];
    if (level !== 'low' && level !== 'high') return;
    const started = this.#running().filter(
      (container) => startedForFloor(container) !== null && this.world.trueClassOf(container) === level,
    );
    const { keep } = this.#config.quotas[level];
    this.check(
      'no-excess',
      started.length < keep,
      `start ${name}: ${started.length} containers were started before for ${level}, quota ${keep}`,
    );
  }

  onOutOfMemory(target: SimulatedContainer): void {
    const shortMs = this.#nowMs() - (this.world.shortSinceMs ?? 0);
    // When the last 5 % are used up in less time, Vigía cannot react.
    const holds = shortMs <= REACTION_MS || this.#hasRecentFault();
    this.check(
      'no-oom',
      holds,
      `the kernel killed ${target.name} after memory had been short for ${Math.round(shortMs)} ms`,
    );
  }

  /** To be called when a cycle has ended. */
  onDecision(decision: Decision): void {
    const { snapshot, classifications, plan, outcomes, before, after } = decision;
    this.tick = snapshot.tick;
    const done = outcomes.filter(({ result }) => result === 'done');
    this.removals += done.filter(({ action }) => action.kind === 'remove').length;
    this.starts += done.filter(({ action }) => action.kind === 'start').length;
    const good = this.world.lastReading === 'good';
    this.check(
      'good-reading',
      good || plan.kind === 'hold',
      `planned actions on a ${this.world.lastReading} reading`,
    );
    if (good) this.#checkClassified(snapshot, classifications);
    // In an emergency the daemon postpones everything else, so such a cycle is not settled.
    const isPressed = this.world.lastPressureMs >= this.world.sensedMs;
    const isSettled = good && !isPressed && before.unknown === 0 && done.length === outcomes.length;
    this.world.catchUp();
    // The daemon learns only in the next cycle of a container that has ended by itself since the reading.
    if (isSettled && !this.world.endedSinceReading) {
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
    this.#checkMisbehaviour();
    this.#checkGivenBack();
    this.check(
      'crowd',
      this.world.containers.size <= MAX_CONTAINERS,
      `${this.world.containers.size} containers on the host`,
    );
  }

  /** Counts a check, and notes a violation with the message `what` unless `holds`. */
  check(invariant: Invariant, holds: boolean, what: string): void {
    this.checks.set(invariant, (this.checks.get(invariant) ?? 0) + 1);
    if (holds || this.isFull) return;
    this.violations.push({ invariant, tick: this.tick, atMs: this.#nowMs(), what });
  }

  /** To be called when the daemon was killed: what it knew of containers that it had read once may be lost. */
  onCrash(): void {
    this.#belowFloor.clear();
    this.#firstSeenNs.clear();
  }

  /** A kill for memory may take a class below its floor only if the same plan starts a replacement for it. */
  #checkKillsReplaced(outcomes: readonly Outcome[]): void {
    const replacements = { low: 0, high: 0 };
    for (const { action } of outcomes) if (action.kind === 'start') replacements[action.level] += 1;
    for (const { action } of outcomes) {
      const below = action.kind === 'remove' ? this.#belowFloor.get(action.id) : undefined;
      if (action.kind !== 'remove' || below === undefined) continue;
      this.check('floor', action.isReplaced && replacements[below.level] > 0, below.why);
      replacements[below.level] -= 1;
    }
    this.#belowFloor.clear();
  }

  #checkClassified(
    { monotonicNs, containers }: Snapshot,
    classifications: Decision['classifications'],
  ): void {
    const pidOf = new Map(containers.map(({ id, usage }) => [id, usage?.pid]));
    // Each run counts as another container: rates are taken within one run.
    const shown = new Map(
      classifications.map((classification) => [
        `${classification.id} ${pidOf.get(classification.id)}`,
        classification,
      ]),
    );
    for (const run of this.#firstSeenNs.keys()) if (!shown.has(run)) this.#firstSeenNs.delete(run);
    for (const [run, { id, level }] of shown) {
      const firstNs = this.#firstSeenNs.get(run);
      if (firstNs === undefined) this.#firstSeenNs.set(run, monotonicNs);
      else if (monotonicNs - firstNs >= this.#config.classify.minSeconds * 1e9)
        this.check(
          'second-snapshot',
          level !== 'unknown',
          `${id.slice(0, 8)} has no class in a later reading`,
        );
    }
  }

  #checkQuotas(shown: readonly ContainerId[], done: readonly Outcome[]): void {
    // Containers that arrived after the reading belong to the next cycle.
    const known = new Set<ContainerId | null>([...shown, ...done.map(({ id }) => id)]);
    const here = this.#running().filter(({ id }) => known.has(id));
    for (const level of LEVELS) {
      const { keep, trim } = this.#config.quotas[level];
      const certain = here.filter(
        (container) => !isStopping(container) && this.world.trueClassOf(container) === level,
      );
      // The class of a container that is stopping, or whose memory grows, is uncertain.
      const uncertain = here.filter(
        (container) => isStopping(container) || this.world.trueClassOf(container) === null,
      ).length;
      const protectedOnes = certain.filter((container) => container.untouchable === 'protected').length;
      const wanted = Math.max(keep, protectedOnes);
      const isTooMany = trim && certain.length > wanted;
      const holds = !isTooMany && wanted <= certain.length + uncertain;
      this.check(
        'three-and-two',
        holds,
        `${certain.length} ${level}-consumption containers, expected ${wanted}`,
      );
    }
  }

  /**
   * No container that is kept may use clearly more than one of its class that was trimmed. Replacements and removals
   * that are repeated from an earlier cycle are exempt: they do not follow this order.
   */
  #checkTrimOrder({ outcomes, snapshot, history }: Decision, removed: readonly SimulatedContainer[]): void {
    const known = new Set(snapshot.containers.map(({ id }) => id));
    for (const container of removed) {
      const level = this.world.trueClassOf(container);
      const isTrimmed = outcomes.some(
        ({ action, id }) =>
          id === container.id && action.kind === 'remove' && action.level !== null && !action.isReplaced,
      );
      if (level === null || !isTrimmed || history.pendingRemovals.has(container.id)) continue;
      const share = this.world.resourceShareOf(container);
      const larger = this.#running().find(
        (other) =>
          known.has(other.id) &&
          !isStopping(other) &&
          this.world.trueClassOf(other) === level &&
          other.untouchable === null &&
          // What the daemon measures for these two differs from what they want.
          other.limitPercent === null &&
          other.kind.busySeconds === undefined &&
          other.labels['vigia.priority'] === container.labels['vigia.priority'] &&
          this.world.resourceShareOf(other) > 1.2 * share + 0.002,
      );
      this.check(
        'greedy-first',
        larger === undefined,
        `${container.name} was removed, ${larger?.name} uses more`,
      );
    }
  }

  #checkMisbehaviour(): void {
    const misbehaving = this.#running().filter(
      (container) => container.untouchable === null && misbehaves(container),
    );
    const deadlineMs = MISBEHAVIOUR_ENDS_MS + (this.#hasRecentFault() ? RESTORED_WITHIN_FAULTS_MS : 0);
    this.#checkEnds('misbehaviour', misbehaving, this.#misbehavesSinceMs, deadlineMs);
  }

  #checkGivenBack(): void {
    const limited = this.#running().filter((container) => usesLittleOfLimit(container, this.#nowMs()));
    this.#checkEnds('given-back', limited, this.#usesLittleSinceMs, GIVEN_BACK_MS);
  }

  /** Checks that no container is among `containers` for longer than the deadline; `since` keeps the first times. */
  #checkEnds(
    invariant: Invariant,
    containers: readonly SimulatedContainer[],
    since: Map<ContainerId, number>,
    deadlineMs: number,
  ): void {
    const nowMs = this.#nowMs();
    const here = new Set(containers.map(({ id }) => id));
    for (const id of since.keys()) if (!here.has(id)) since.delete(id);
    for (const { id, name } of containers) {
      const sinceMs = since.get(id) ?? nowMs;
      since.set(id, sinceMs);
      const seconds = Math.round((nowMs - sinceMs) / 1000);
      this.check(invariant, nowMs - sinceMs <= deadlineMs, `${name} for ${seconds} s`);
    }
  }

  /** A plan that was carried out completely must not leave a class both smaller and below its floor. */
  #checkPlanKeepsFloors(outcomes: readonly Outcome[], before: ClassCounts, after: ClassCounts): void {
    for (const level of LEVELS) {
      const { keep } = this.#config.quotas[level];
      const isRemoved = outcomes.some(({ action }) => action.kind === 'remove' && action.level === level);
      const holds = !isRemoved || after[level] >= Math.min(keep, before[level]);
      this.check(
        'floor',
        holds,
        `a plan left ${after[level]} of ${before[level]} ${level}-consumption containers, quota ${keep}`,
      );
    }
  }

  #onThrottle(target: SimulatedContainer): void {
    this.throttles += 1;
    const ageMs = this.#nowMs() - target.createdMs;
    this.check(
      'patience',
      ageMs >= PATIENCE_MS,
      `${target.name} was throttled at the age of ${Math.round(ageMs / 1000)} s`,
    );
    const lastHour = (this.#throttledMs.get(target.id) ?? []).filter((ms) => ms > this.#nowMs() - 3_600_000);
    this.#throttledMs.set(target.id, [...lastHour, this.#nowMs()]);
    this.check(
      'no-oscillation',
      lastHour.length < MAX_THROTTLES_AN_HOUR,
      `${target.name} was throttled ${lastHour.length + 1} times in an hour`,
    );
  }

  /** A kill without a stop before it: only a memory shortage justifies one. */
  #onKill(target: SimulatedContainer): void {
    const nowMs = this.#nowMs();
    const { shortSinceMs } = this.world;
    this.kills += 1;
    const sinceLast = nowMs - this.#lastKillMs;
    const hasRecovered = this.world.lastRecoveredMs > this.#lastKillMs;
    this.#lastKillMs = nowMs;
    this.check(
      'cool-down',
      hasRecovered || sinceLast >= COOL_DOWN_MS,
      `${target.name} was killed ${sinceLast} ms after the last kill`,
    );
    const mostKb = Math.max(
      ...this.#running()
        .filter(({ untouchable }) => untouchable === null)
        .map((container) => rssKb(container, nowMs)),
    );
    const ownKb = rssKb(target, nowMs);
    this.check(
      'culprit',
      ownKb >= 0.3 * mostKb,
      `${target.name} was killed holding ${ownKb} KiB, the largest holds ${mostKb} KiB`,
    );
    if (shortSinceMs === null) return;
    const tookMs = nowMs - shortSinceMs;
    this.reactionMs.push(tookMs);
    this.check(
      'reaction',
      tookMs <= REACTION_MS || this.#hasRecentFault(),
      `${Math.round(tookMs)} ms from memory shortage to kill`,
    );
  }

  /** Whether a fault was injected so recently that its effects may last. */
  #hasRecentFault(): boolean {
    return this.#nowMs() - this.world.lastFaultMs < RESTORED_WITHIN_FAULTS_MS;
  }

  /** The action must be for the run that was classified. A flapping container is removed in whichever run it is. */
  #checkRun(target: SimulatedContainer, what: string): void {
    if (target.state !== 'running' || target.kind.comesBack) return;
    const classifiedPid = this.world.classifiedPid(target.id);
    this.check(
      'same-run',
      target.pid === classifiedPid,
      `${what}: classified as pid ${classifiedPid}, now pid ${target.pid}`,
    );
  }

  #checkReading(what: string): void {
    const { lastReading } = this.world;
    this.check('good-reading', lastReading === 'good', `${what} on a ${lastReading} reading`);
  }

  /** The running containers that Vigía manages, protected ones included. */
  #running(): SimulatedContainer[] {
    return [...this.world.containers.values()].filter(
      (container) => container.state === 'running' && container.untouchable !== 'foreign',
    );
  }

  /** Checks the time since the last settled cycle; in those, `#checkQuotas` holds the quotas against the world. */
  #checkRestored(isSettled: boolean): void {
    const nowMs = this.#nowMs();
    const outMs = nowMs - this.#lastSettledMs;
    const deadlineMs = this.#hasRecentFault() ? RESTORED_WITHIN_FAULTS_MS : RESTORED_WITHIN_MS;
    this.check('restored', outMs <= deadlineMs, `the quotas were not met for ${Math.round(outMs / 1000)} s`);
    if (!isSettled) return;
    this.restoredAfterMs.push(outMs);
    this.#lastSettledMs = nowMs;
  }
}

/** Whether a stop is under way: such a container no longer counts for its class. */
const isStopping = ({ stopsAtMs }: SimulatedContainer): boolean => stopsAtMs !== Number.POSITIVE_INFINITY;
