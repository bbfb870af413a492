import type { Config } from '../model/config.ts';
import type { Classification, Outcome } from '../model/decision.ts';
import type { Breaker, ContainerMemory, History, MemoryPressure, Restarts } from '../model/history.ts';
import { repositoryOf } from '../model/ownership.ts';
import type { ContainerUsage, Snapshot } from '../model/snapshot.ts';
import type { ContainerId, Nanoseconds } from '../model/units.ts';
import { learn, observe } from './learn-baseline.ts';
import { memoryShortage, pressureReadingOf } from './memory-pressure.ts';
import { isFarEnough, isSameRun, usedMemoryKb } from './rates-and-memory.ts';
import { easedSince, isThrottled } from './throttling.ts';
import { extendTrail } from './trail.ts';

/** The history for the next cycle. Containers that are gone are dropped, so it stays small. */
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
    failed: new Set([...ids(outcomes, 'failed'), ...remainingVictims(outcomes)]),
  };
  // A blind cycle saw nothing: the known readings stay, and the next rates are computed against them.
  if (isBlind(now)) return { ...history, ...common };
  return {
    ...history,
    ...common,
    baselines: learn(history.baselines, observe(history, now, classifications)),
    restarts: restartsOf(history.restarts, now, outcomes, config),
    containers: containersOf(history, now, classifications, outcomes, config),
    removed: new Set(ids(outcomes, 'done')),
    pendingRemovals: new Set([...stillPending(history, now), ...newlyPending(outcomes)]),
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
  const results = new Map(
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
    // The limit belongs to the container, not to one run of it: the engine keeps it across restarts.
    const limit = {
      isThrottled: isThrottled(container, history.containers),
      easedSinceNs: before?.easedSinceNs ?? null,
    };
    const known = {
      ...afterReading(before, usage, classification, now.monotonicNs, config),
      isThrottled: limit.isThrottled,
      easedSinceNs: easedSince(limit, classification, now.monotonicNs, config),
    };
    const result = results.get(id);
    containers.set(id, result === undefined ? known : afterAction(known, result, now.monotonicNs));
  }
  return containers;
}

/** What this reading adds to the memory of one container. */
function afterReading(
  before: ContainerMemory | undefined,
  usage: ContainerUsage,
  classification: Classification,
  nowNs: Nanoseconds,
  config: Config,
): Omit<ContainerMemory, 'isThrottled' | 'easedSinceNs'> {
  const sameRun = before !== undefined && isSameRun(before, usage) ? before : undefined;
  // Too close to the last reading: the older one stays the base; otherwise frequent cycles would never give a rate.
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

/** The memory of a container after an action on it. A breach that continues gets a new grace period before the next action. */
function afterAction(
  known: ContainerMemory,
  { action, result }: Pick<Outcome, 'action' | 'result'>,
  nowNs: Nanoseconds,
): ContainerMemory {
  const reset = { ...known, breachSinceNs: {}, easedSinceNs: null };
  switch (action.kind) {
    case 'throttle':
      return result === 'done' ? { ...reset, isThrottled: true } : known;
    case 'release':
      return result === 'done' ? { ...reset, isThrottled: false } : known;
    case 'restart': {
      if (result === 'skipped') return known;
      const tried = { ...reset, restartedNs: nowNs };
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

/** After an emergency cycle the next one waits, for memory to come back or for a container that can be evicted. */
function afterEmergency(
  { memoryPressure }: History,
  now: Snapshot,
  outcomes: readonly Outcome[],
  config: Config,
): MemoryPressure {
  const because = memoryShortage(memoryPressure, pressureReadingOf(now), config);
  // If the victim is still there, the next candidate must not wait.
  if (because === null || remainingVictims(outcomes).length > 0 || isBlind(now)) return memoryPressure;
  // An emergency plan only starts replacements, so a start means that the victim was replaced. Removing surplus needs no
  // replacement and always frees memory.
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

/** The cool-down doubles at most this often: from 15 s to four minutes between victims that are replaced. */
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

/** Victims of an emergency that are still there, because the removal failed or the recheck excluded them. */
function remainingVictims(outcomes: readonly Outcome[]): ContainerId[] {
  return outcomes.flatMap(({ action, result, detail }) => {
    const isVictim = action.kind === 'remove' && action.urgency === 'now';
    // In dry-run no container is removed: there the victim counts as removed.
    return isVictim && result !== 'done' && detail.code !== 'only-planned' ? [action.id] : [];
  });
}

/** Earlier removals that are still pending: the container is there in the same run, and the engine may still be working. */
function stillPending({ pendingRemovals, containers }: History, now: Snapshot): ContainerId[] {
  return now.containers.flatMap(({ id, usage }) => {
    const before = containers.get(id);
    const isSame = usage !== null && before !== undefined && isSameRun(before, usage);
    return isSame && pendingRemovals.has(id) ? [id] : [];
  });
}

/** Removals that this cycle requested and did not see complete. One that the recheck excluded was never requested. */
function newlyPending(outcomes: readonly Outcome[]): ContainerId[] {
  return outcomes.flatMap(({ action, result, detail }) =>
    action.kind === 'remove' && (result === 'failed' || detail.code === 'preempted') ? [action.id] : [],
  );
}

function ids(outcomes: readonly Outcome[], wanted: Outcome['result']): ContainerId[] {
  return outcomes.flatMap(({ action, result, id }) =>
    action.kind === 'remove' && result === wanted && id ? [id] : [],
  );
}
