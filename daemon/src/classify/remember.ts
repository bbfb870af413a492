import type { Config } from '../model/config.ts';
import { type Classification, LEFT_ALONE, ONLY_PLANNED, type Outcome } from '../model/decision.ts';
import type { Breaker, ContainerMemory, History, MemoryPressure, Restarts } from '../model/history.ts';
import { repositoryOf } from '../model/ownership.ts';
import type { ContainerUsage, Snapshot } from '../model/snapshot.ts';
import type { ContainerId, Nanoseconds } from '../model/units.ts';
import { learn, observe } from './learn-baseline.ts';
import { memoryShortage, pressureReadingOf } from './memory-pressure.ts';
import { isFarEnough, isSameRun, usedMemoryKb } from './rates-and-memory.ts';
import { easedSince, isThrottled } from './throttling.ts';
import { extendTrail } from './trail.ts';

/** The history that the next cycle is judged against. Containers that are gone are forgotten, so it stays small. */
export function remember(
  history: History,
  now: Snapshot,
  classifications: readonly Classification[],
  outcomes: readonly Outcome[],
  config: Config,
): History {
  const common = {
    tick: now.tick,
    memoryPressure: afterEmergency(history, now, outcomes, config),
    breaker: follow(history.breaker, now, outcomes, config),
    failed: new Set([...ids(outcomes, 'failed'), ...victimsLeft(outcomes)]),
  };
  // A blind cycle saw nothing: what was known stays, and the next reading is measured against it.
  if (isBlind(now)) return { ...history, ...common };
  return {
    ...history,
    ...common,
    baselines: learn(history.baselines, observe(history, now, classifications)),
    restarts: restartsOf(history.restarts, now, outcomes, config),
    containers: containersOf(history, now, classifications, outcomes, config),
    removed: new Set(ids(outcomes, 'done')),
    pendingRemovals: new Set([...stillUnfinished(history, now), ...unfinishedOf(outcomes)]),
  };
}

function containersOf(
  history: History,
  now: Snapshot,
  classifications: readonly Classification[],
  outcomes: readonly Outcome[],
  config: Config,
): Map<ContainerId, ContainerMemory> {
  const byId = new Map(classifications.map((classification) => [classification.id, classification]));
  const deeds = new Map(
    outcomes.flatMap(({ action, ...rest }) =>
      action.kind === 'start' ? [] : [[action.id, { action, ...rest }]],
    ),
  );
  const containers = new Map<ContainerId, ContainerMemory>();
  for (const container of now.containers) {
    const { id, usage } = container;
    const classification = byId.get(id);
    if (classification === undefined) continue;
    const before = history.containers.get(id);
    if (usage === null) {
      if (before !== undefined) containers.set(id, before);
      continue;
    }
    // It belongs to the container, whichever run of it this is: the engine keeps a limit across restarts.
    const limit = {
      isThrottled: isThrottled(container, history.containers),
      easedSinceNs: before?.easedSinceNs ?? null,
    };
    const known = {
      ...afterReading(before, usage, classification, now.monotonicNs, config),
      isThrottled: limit.isThrottled,
      easedSinceNs: easedSince(limit, classification, now.monotonicNs, config),
    };
    const deed = deeds.get(id);
    containers.set(id, deed === undefined ? known : afterAction(known, deed, now.monotonicNs));
  }
  return containers;
}

/** What is known of one container by this reading. */
function afterReading(
  before: ContainerMemory | undefined,
  usage: ContainerUsage,
  classification: Classification,
  nowNs: Nanoseconds,
  config: Config,
): Omit<ContainerMemory, 'isThrottled' | 'easedSinceNs'> {
  const sameRun = before !== undefined && isSameRun(before, usage) ? before : undefined;
  // Too close to the last reading: the older one stays the base, or frequent cycles would never measure.
  const keepsBase = sameRun !== undefined && !isFarEnough(sameRun, nowNs, config.classify.minSeconds);
  const base = keepsBase ? sameRun : { monotonicNs: nowNs, cpuTimeNs: usage.cpuTimeNs };
  return {
    pid: usage.pid,
    startNs: usage.startNs,
    monotonicNs: base.monotonicNs,
    cpuTimeNs: base.cpuTimeNs,
    memoryKb: usedMemoryKb(usage),
    memoryNs: nowNs,
    cpuPercent: classification.cpuPercent,
    level: classification.level,
    breachSinceNs: Object.fromEntries(
      classification.breaches.map(({ pattern, sinceNs }) => [pattern, sinceNs]),
    ),
    trail: extendTrail(sameRun?.trail ?? [], usage, nowNs, config),
    restartedNs: before?.restartedNs ?? null,
    restartedAs: classification.level === 'unknown' ? (before?.restartedAs ?? null) : null,
  };
}

/** What a deed makes of it. A breach that goes on after one has its grace anew before the next. */
function afterAction(
  known: ContainerMemory,
  { action, result }: Pick<Outcome, 'action' | 'result'>,
  nowNs: Nanoseconds,
): ContainerMemory {
  const anew = { ...known, breachSinceNs: {}, easedSinceNs: null };
  switch (action.kind) {
    case 'throttle':
      return result === 'done' ? { ...anew, isThrottled: true } : known;
    case 'release':
      return result === 'done' ? { ...anew, isThrottled: false } : known;
    case 'restart': {
      if (result === 'skipped') return known;
      const tried = { ...anew, restartedNs: nowNs };
      return result === 'failed' ? tried : { ...tried, isThrottled: false, restartedAs: action.level };
    }
    default:
      return known;
  }
}

function restartsOf(
  before: ReadonlyMap<string, Restarts>,
  now: Snapshot,
  outcomes: readonly Outcome[],
  { ladder }: Config,
): ReadonlyMap<string, Restarts> {
  const sinceNs = now.monotonicNs - ladder.rememberSeconds * 1e9;
  const restarts = new Map([...before].filter(([, { lastNs }]) => lastNs >= sinceNs));
  const imageOf = new Map(now.containers.map(({ id, image }) => [id, repositoryOf(image)]));
  for (const { action, result } of outcomes) {
    const image = action.kind === 'restart' ? imageOf.get(action.id) : undefined;
    if (image === undefined || result === 'skipped') continue;
    restarts.set(image, { count: (restarts.get(image)?.count ?? 0) + 1, lastNs: now.monotonicNs });
  }
  return restarts;
}

/** Whatever an emergency cycle did, the next one waits: for the memory to come back, or for a victim to appear. */
function afterEmergency(
  { memoryPressure }: History,
  now: Snapshot,
  outcomes: readonly Outcome[],
  config: Config,
): MemoryPressure {
  const because = memoryShortage(memoryPressure, pressureReadingOf(now), config);
  // Except where the victim stands: then the next candidate must not wait.
  if (because === null || victimsLeft(outcomes).length > 0 || isBlind(now)) return memoryPressure;
  // In an emergency nobody else is started: a surplus would not be, and each of it that goes is a gain.
  const isReplaced = outcomes.some(({ action }) => action.kind === 'start');
  const victims = (memoryPressure.hasRecovered ? 0 : memoryPressure.victims) + (isReplaced ? 1 : 0);
  const doubled = isReplaced ? Math.min(victims - 1, MOST_DOUBLED) : 0;
  const calmSeconds = config.pressure.coolDownSeconds * 2 ** doubled;
  return {
    ...memoryPressure,
    hasRecovered: false,
    victims,
    coolDownUntilNs: now.monotonicNs + calmSeconds * 1e9,
  };
}

/** Where the last of a class go in vain, it is four minutes from one victim to the next, not 15 s. */
const MOST_DOUBLED = 4;

const BREAKS_AFTER = 3;

function follow(breaker: Breaker, now: Snapshot, outcomes: readonly Outcome[], config: Config): Breaker {
  const removals = outcomes.filter(({ action, result }) => action.kind === 'remove' && result !== 'skipped');
  if (removals.length === 0) return breaker;
  const failures = removals.every(({ result }) => result === 'failed') ? breaker.failures + 1 : 0;
  const isOpen = failures >= BREAKS_AFTER;
  return { failures, openUntilNs: isOpen ? now.monotonicNs + config.act.breakerSeconds * 1e9 : 0 };
}

const isBlind = (now: Snapshot): boolean => now.faults.some((fault) => fault.blind);

/** Chosen when memory ran out, and still there: it failed, or the second look spared them. */
function victimsLeft(outcomes: readonly Outcome[]): ContainerId[] {
  return outcomes.flatMap(({ action, result, detail }) => {
    const isVictim = action.kind === 'remove' && action.urgency === 'now';
    // Where nobody is ever struck, the victim counts as struck.
    return isVictim && result !== 'done' && !detail.startsWith(ONLY_PLANNED) ? [action.id] : [];
  });
}

/** Of those who were told to go before, who is still there in the same run: the engine may take its time. */
function stillUnfinished({ pendingRemovals, containers }: History, now: Snapshot): ContainerId[] {
  return now.containers.flatMap(({ id, usage }) => {
    const before = containers.get(id);
    const isSame = usage !== null && before !== undefined && isSameRun(before, usage);
    return isSame && pendingRemovals.has(id) ? [id] : [];
  });
}

/** Whom the second look spared was never told to go. */
function unfinishedOf(outcomes: readonly Outcome[]): ContainerId[] {
  return outcomes.flatMap(({ action, result, detail }) =>
    action.kind === 'remove' && (result === 'failed' || detail === LEFT_ALONE) ? [action.id] : [],
  );
}

function ids(outcomes: readonly Outcome[], wanted: Outcome['result']): ContainerId[] {
  return outcomes.flatMap(({ action, result, id }) =>
    action.kind === 'remove' && result === wanted && id ? [id] : [],
  );
}
