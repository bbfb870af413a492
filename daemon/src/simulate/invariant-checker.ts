import type { Config } from '../model/config.ts';
import type { ClassCounts, Decision, Level, Outcome } from '../model/decision.ts';
import type { NewContainer } from '../model/engine.ts';
import { CLASS_LABEL, startedForFloor } from '../model/ownership.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ContainerId, Nanoseconds } from '../model/units.ts';
import { leavesPart, misbehaves, rssKb, type SimulatedContainer } from './simulated-container.ts';
import type { EngineObserver, World } from './world.ts';

/** What must hold whatever happens (ARCHITECTURE.md, "Invariants"), each with the words for its summary. */
export const INVARIANTS = {
  floor: 'no deed of ours takes a class below its floor',
  'three-and-two': 'a cycle that has classified everything ends with exactly what the quotas say',
  'second-snapshot':
    'a container has a class at the latest by the second good reading that shows it, ten seconds on',
  protected: 'nothing protected is ever touched',
  foreign: 'nothing foreign is ever touched',
  'good-reading': 'nothing is planned or done on a blind or stale reading',
  'same-run': 'nobody is struck in another run than the one that was judged, except who flaps',
  'greedy-first': 'of a surplus the greediest go',
  'no-excess': 'no more is started than a class lacks',
  culprit: 'who is killed for memory holds about as much as the greediest',
  'cool-down': 'between two kills for memory it is given time to come back',
  reaction: 'memory short to kill accepted: within the deadline',
  'no-oom': 'the kernel has to kill only where memory goes faster than anybody could react',
  patience: 'nobody is throttled before the grace is over',
  misbehaviour: 'nobody forks without end, flaps or makes everybody wait for I/O for long',
  'no-oscillation': 'nobody is throttled and released over and over',
  'restored-first': 'a throttled container gets its CPU back before it is stopped',
  'given-back': 'a throttled container that needs little gets its CPU back',
  recorded: 'a cycle is recorded, unless the disk is full',
  restored: 'the quotas stand again within the deadline',
  crowd: 'the host never fills up',
  'samples-kept': 'no sample is kept for longer than the configuration says',
  'samples-level': 'the samples in the database level off',
  'memory-flat': "the daemon's memory stays flat",
} as const;

export type Invariant = keyof typeof INVARIANTS;

export interface Violation {
  readonly invariant: Invariant;
  readonly tick: number;
  readonly atMs: number;
  readonly what: string;
}

const LEVELS: readonly Level[] = ['low', 'high'];
const RESTORED_WITHIN_MS = 180_000;
/** A hung engine, its back-off and a crash may follow each other. */
const RESTORED_WITHIN_FAULTS_MS = 900_000;
/** When nothing else is wrong. */
const REACTION_MS = 1500;
const COOL_DOWN_MS = 14_000;
/** Grace of the soft threshold. */
const PATIENCE_MS = 60_000;
const MISBEHAVES_MS = 420_000;
/** The grace, once more after a crash, and a hung engine. */
const GIVEN_BACK_MS = 600_000;
const THROTTLES_AN_HOUR = 6;
const CROWD = 100;
const ENOUGH_VIOLATIONS = 20;

/** Holds every deed and every cycle against what is true in the world, never against what the daemon believes. */
export class InvariantChecker implements EngineObserver {
  readonly violations: Violation[] = [];
  readonly checks = new Map<Invariant, number>();
  removals = 0;
  starts = 0;
  /** How long the quotas had been out of order each time they stood again. */
  readonly restoredAfterMs: number[] = [];
  /** From memory short to the kill accepted by the engine. */
  readonly reactionMs: number[] = [];
  kills = 0;
  throttles = 0;
  restarts = 0;
  readonly #throttledMs = new Map<ContainerId, number[]>();
  tick = 0;
  world!: World;
  readonly #config: Config;
  readonly #nowMs: () => number;
  readonly #firstSeenNs = new Map<string, Nanoseconds>();
  readonly #struck: SimulatedContainer[] = [];
  readonly #misbehavesSinceMs = new Map<ContainerId, number>();
  readonly #leavesPartSinceMs = new Map<ContainerId, number>();
  readonly #belowFloor = new Map<ContainerId, { readonly level: Level; readonly why: string }>();
  #lastSettledMs = 0;
  #lastKillMs = Number.NEGATIVE_INFINITY;

  constructor(config: Config, nowMs: () => number) {
    this.#config = config;
    this.#nowMs = nowMs;
  }

  get isFull(): boolean {
    return this.violations.length >= ENOUGH_VIOLATIONS;
  }

  onAction(deed: Parameters<EngineObserver['onAction']>[0], target: SimulatedContainer): void {
    const what = `${deed} ${target.name}`;
    this.hold('protected', target.untouchable !== 'protected', `${what}, which is protected`);
    this.hold('foreign', target.untouchable !== 'foreign', `${what}, which is not ours`);
    this.#checkReading(what);
    if (deed === 'stop' || deed === 'restart')
      this.hold('restored-first', target.limitPercent === null, `${what} while its CPU is limited`);
    this.#checkRun(target, what);
    if (deed === 'throttle') this.#onThrottle(target);
    if (deed === 'restart') this.restarts += 1;
    if (deed === 'throttle' || deed === 'release' || deed === 'restart') return;
    const level = this.world.truthOf(target);
    if (deed === 'remove') this.#struck.push(target);
    // Killed without a stop before.
    const isKilled = (deed === 'kill' || deed === 'remove') && isStaying(target);
    if (isKilled && target.state === 'running') this.#onKill(target);
    if (level === null || target.state !== 'running' || target.untouchable !== null) return;
    // Before the second look it is seen, and spares; after it nobody can know.
    if (this.world.lostSinceLook || !isStaying(target)) return;
    const staying = this.#running().filter((container) => container !== target && isStaying(container));
    // One that grows may be of this class by now.
    const left = staying.filter((container) => (this.world.truthOf(container) ?? level) === level).length;
    const { keep } = this.#config.quotas[level];
    const why = `${what} leaves ${left} ${level} where ${keep} always run`;
    // Who is killed for memory may be one of the last: whether it is replaced, the decision tells.
    if (isKilled && left < keep) this.#belowFloor.set(target.id, { level, why });
    else this.hold('floor', left >= keep, why);
  }

  onStart({ name, labels }: NewContainer): void {
    this.#checkReading(`start ${name}`);
    const level = labels[CLASS_LABEL];
    if (level !== 'low' && level !== 'high') return;
    const ours = this.#running().filter(
      (container) => startedForFloor(container) !== null && this.world.truthOf(container) === level,
    );
    const { keep } = this.#config.quotas[level];
    this.hold(
      'no-excess',
      ours.length < keep,
      `start ${name}: ${ours.length} were started for the ${keep} ${level}`,
    );
  }

  onOutOfMemory(target: SimulatedContainer): void {
    const shortMs = this.#nowMs() - (this.world.shortSinceMs ?? 0);
    // A burst that takes the last 5 % in less leaves nobody the time.
    const holds = shortMs <= REACTION_MS || this.#isFaulty();
    this.hold(
      'no-oom',
      holds,
      `the kernel killed ${target.name} when memory had been short for ${Math.round(shortMs)} ms`,
    );
  }

  /** Called when a cycle has ended. */
  onDecision(decision: Decision): void {
    const { snapshot, classifications, plan, outcomes, before, after } = decision;
    this.tick = snapshot.tick;
    const done = outcomes.filter(({ result }) => result === 'done');
    this.removals += done.filter(({ action }) => action.kind === 'remove').length;
    this.starts += done.filter(({ action }) => action.kind === 'start').length;
    const good = this.world.lastReading === 'good';
    this.hold('good-reading', good || plan.kind === 'hold', `a plan on a ${this.world.lastReading} reading`);
    if (good) this.#checkClassified(snapshot, classifications);
    // While memory runs out everything else waits.
    const isPressed = this.world.pressedMs >= this.world.sensedMs;
    const clean = good && !isPressed && before.unknown === 0 && done.length === outcomes.length;
    this.world.catchUp();
    // One that has ended by itself since is the next cycle's business.
    if (clean && !this.world.lostSinceReading) {
      this.#checkQuotas(
        snapshot.containers.map(({ id }) => id),
        done,
      );
      this.#checkGreed(decision, this.#struck);
    }
    this.#struck.length = 0;
    this.#checkFloors(outcomes);
    if (outcomes.length > 0 && done.length === outcomes.length) this.#checkReplaced(outcomes, before, after);
    this.#checkRestored(clean);
    this.#checkMisbehaviour();
    this.#checkGivenBack();
    this.hold(
      'crowd',
      this.world.containers.size <= CROWD,
      `${this.world.containers.size} containers on the host`,
    );
  }

  hold(invariant: Invariant, holds: boolean, what: string): void {
    this.checks.set(invariant, (this.checks.get(invariant) ?? 0) + 1);
    if (holds || this.isFull) return;
    this.violations.push({ invariant, tick: this.tick, atMs: this.#nowMs(), what });
  }

  /** The daemon was killed: what it knew of containers in their first snapshot may be lost. */
  onCrash(): void {
    this.#belowFloor.clear();
    this.#firstSeenNs.clear();
  }

  /**
   * Below its floor a class may go only where memory runs out, for as long as a successor in the same plan takes, one for
   * each that goes.
   */
  #checkFloors(outcomes: readonly Outcome[]): void {
    const successors = { low: 0, high: 0 };
    for (const { action } of outcomes) if (action.kind === 'start') successors[action.level] += 1;
    for (const { action } of outcomes) {
      const below = action.kind === 'remove' ? this.#belowFloor.get(action.id) : undefined;
      if (action.kind !== 'remove' || below === undefined) continue;
      this.hold('floor', action.isReplaced && successors[below.level] > 0, below.why);
      successors[below.level] -= 1;
    }
    this.#belowFloor.clear();
  }

  #checkClassified(
    { monotonicNs, containers }: Snapshot,
    classifications: Decision['classifications'],
  ): void {
    const pidOf = new Map(containers.map(({ id, usage }) => [id, usage?.pid]));
    // Another run is another container as far as rates go.
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
        this.hold('second-snapshot', level !== 'unknown', `${id.slice(0, 8)} is seen again and has no class`);
    }
  }

  #checkQuotas(shown: readonly ContainerId[], done: readonly Outcome[]): void {
    // What came while we acted is the next cycle's business.
    const known = new Set<ContainerId | null>([...shown, ...done.map(({ id }) => id)]);
    const here = this.#running().filter(({ id }) => known.has(id));
    for (const level of LEVELS) {
      const { keep, trim } = this.#config.quotas[level];
      const sure = here.filter(
        (container) => isStaying(container) && this.world.truthOf(container) === level,
      );
      // Who winds down does less and less.
      const maybe = here.filter(
        (container) => !isStaying(container) || this.world.truthOf(container) === null,
      ).length;
      const guarded = sure.filter((container) => container.untouchable === 'protected').length;
      const wanted = Math.max(keep, guarded);
      const isTooMany = trim && sure.length > wanted;
      const holds = !isTooMany && wanted <= sure.length + maybe;
      this.hold('three-and-two', holds, `${sure.length} ${level} where ${wanted} stay`);
    }
  }

  /**
   * Of a surplus, that is: who is replaced goes for what it does, and who was told to go before goes first. Who stays of a
   * class uses no more of what it is greedy in than who went.
   */
  #checkGreed({ outcomes, snapshot, history }: Decision, gone: readonly SimulatedContainer[]): void {
    const known = new Set(snapshot.containers.map(({ id }) => id));
    for (const container of gone) {
      const level = this.world.truthOf(container);
      const trimmed = outcomes.some(
        ({ action, id }) =>
          id === container.id && action.kind === 'remove' && action.level !== null && !action.isReplaced,
      );
      if (level === null || !trimmed || history.pendingRemovals.has(container.id)) continue;
      const greed = this.world.greedOf(container);
      const greedier = this.#running().find(
        (other) =>
          known.has(other.id) &&
          isStaying(other) &&
          this.world.truthOf(other) === level &&
          other.untouchable === null &&
          // Of these, what they use is a matter of the moment.
          other.limitPercent === null &&
          other.kind.busySeconds === undefined &&
          other.labels['vigia.priority'] === container.labels['vigia.priority'] &&
          this.world.greedOf(other) > 1.2 * greed + 0.002,
      );
      this.hold('greedy-first', greedier === undefined, `${container.name} went, ${greedier?.name} stayed`);
    }
  }

  #checkMisbehaviour(): void {
    const misbehaving = this.#running().filter((d) => d.untouchable === null && misbehaves(d));
    const deadlineMs = MISBEHAVES_MS + (this.#isFaulty() ? RESTORED_WITHIN_FAULTS_MS : 0);
    this.#checkEnds('misbehaviour', misbehaving, this.#misbehavesSinceMs, deadlineMs);
  }

  #checkGivenBack(): void {
    const starved = this.#running().filter((container) => leavesPart(container, this.#nowMs()));
    this.#checkEnds('given-back', starved, this.#leavesPartSinceMs, GIVEN_BACK_MS);
  }

  /** Nobody stays so for longer than that. */
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
      this.hold(invariant, nowMs - sinceMs <= deadlineMs, `${name}: for ${seconds} s`);
    }
  }

  /** No plan that was carried out whole leaves a class shorter than it was and below its floor. */
  #checkReplaced(outcomes: readonly Outcome[], before: ClassCounts, after: ClassCounts): void {
    for (const level of LEVELS) {
      const { keep } = this.#config.quotas[level];
      const struck = outcomes.some(({ action }) => action.kind === 'remove' && action.level === level);
      const holds = !struck || after[level] >= Math.min(keep, before[level]);
      this.hold(
        'floor',
        holds,
        `a plan left ${after[level]} ${level} of ${before[level]} where ${keep} always run`,
      );
    }
  }

  #onThrottle(target: SimulatedContainer): void {
    this.throttles += 1;
    const ageMs = this.#nowMs() - target.bornMs;
    this.hold(
      'patience',
      ageMs >= PATIENCE_MS,
      `${target.name} was throttled at the age of ${Math.round(ageMs / 1000)} s`,
    );
    const lately = (this.#throttledMs.get(target.id) ?? []).filter((ms) => ms > this.#nowMs() - 3_600_000);
    this.#throttledMs.set(target.id, [...lately, this.#nowMs()]);
    this.hold(
      'no-oscillation',
      lately.length < THROTTLES_AN_HOUR,
      `${target.name} was throttled ${lately.length + 1} times in an hour`,
    );
  }

  /** Killed without a stop before: that is done for memory only. */
  #onKill(target: SimulatedContainer): void {
    const nowMs = this.#nowMs();
    const { shortSinceMs } = this.world;
    this.kills += 1;
    const sinceLast = nowMs - this.#lastKillMs;
    const cameBack = this.world.plentyMs > this.#lastKillMs;
    this.#lastKillMs = nowMs;
    this.hold(
      'cool-down',
      cameBack || sinceLast >= COOL_DOWN_MS,
      `${target.name} was killed ${sinceLast} ms after the last one`,
    );
    const mostKb = Math.max(
      ...this.#running()
        .filter((d) => d.untouchable === null)
        .map((d) => rssKb(d, nowMs)),
    );
    const ownKb = rssKb(target, nowMs);
    this.hold(
      'culprit',
      ownKb >= 0.3 * mostKb,
      `${target.name} with ${ownKb} KiB was killed where one holds ${mostKb}`,
    );
    if (shortSinceMs === null) return;
    const tookMs = nowMs - shortSinceMs;
    this.reactionMs.push(tookMs);
    this.hold(
      'reaction',
      tookMs <= REACTION_MS || this.#isFaulty(),
      `${Math.round(tookMs)} ms from memory short to kill`,
    );
  }

  /** Something has gone wrong so lately that it may still show. */
  #isFaulty(): boolean {
    return this.#nowMs() - this.world.lastFaultMs < RESTORED_WITHIN_FAULTS_MS;
  }

  /** Who flaps goes whichever run of it this is. */
  #checkRun(target: SimulatedContainer, what: string): void {
    if (target.state !== 'running' || target.kind.comesBack) return;
    const judged = this.world.judgedPid(target.id);
    this.hold('same-run', target.pid === judged, `${what}: judged as pid ${judged}, now ${target.pid}`);
  }

  #checkReading(what: string): void {
    const { lastReading } = this.world;
    this.hold('good-reading', lastReading === 'good', `${what} on a ${lastReading} reading`);
  }

  #running(): SimulatedContainer[] {
    return [...this.world.containers.values()].filter(
      (container) => container.state === 'running' && container.untouchable !== 'foreign',
    );
  }

  #checkRestored(settled: boolean): void {
    const nowMs = this.#nowMs();
    const outMs = nowMs - this.#lastSettledMs;
    const deadlineMs = this.#isFaulty() ? RESTORED_WITHIN_FAULTS_MS : RESTORED_WITHIN_MS;
    this.hold('restored', outMs <= deadlineMs, `the quotas have not stood for ${Math.round(outMs / 1000)} s`);
    if (!settled) return;
    this.restoredAfterMs.push(outMs);
    this.#lastSettledMs = nowMs;
  }
}

/** Who has been told to stop stands no longer. */
const isStaying = ({ stopsMs }: SimulatedContainer): boolean => stopsMs === Number.POSITIVE_INFINITY;
