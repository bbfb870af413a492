import type { Config } from '../model/config.ts';
import { type Classification, LIMIT_OF, type Outcome } from '../model/decision.ts';
import type { ContainerMemory, History, MemoryPressure, Restarts } from '../model/history.ts';
import { LIMITS } from '../model/limit.ts';
import { thresholdKb } from '../model/memory-threshold.ts';
import type { Aid } from '../model/memory-watch.ts';
import { repositoryOf } from '../model/ownership.ts';
import type { ContainerSample, ContainerUsage, Snapshot } from '../model/snapshot.ts';
import type { ContainerId, Nanoseconds, Percent } from '../model/units.ts';
import { awaitNothing, followFloorStarts } from './floor-starts.ts';
import { followHealth } from './health.ts';
import { followHeld, followHost } from './held-memory.ts';
import { learn, observe } from './learn-baseline.ts';
import { idleCpu, isEased, limitInput, limitsOn } from './limits.ts';
import { memoryShortage, pressureReadingOf } from './memory-pressure.ts';
import { isFarEnough, isSameRun, usedMemoryKb } from './rates-and-memory.ts';
import { followReliefs } from './reliefs.ts';
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
    removalFailures: followFailures(history.removalFailures, now, outcomes, config),
    failed: new Set([...ids(outcomes, 'failed'), ...remainingVictims(outcomes)]),
  };
  // A blind cycle saw nothing: the known readings stay, and the next rates are computed against them.
  if (isBlind(now)) return { ...history, ...common, floorStarts: awaitNothing(history.floorStarts) };
  return {
    ...history,
    ...common,
    ...followReliefs(history, now, outcomes),
    baselines: learn(history.baselines, observe(history, now, classifications, config)),
    health: followHealth(history.health, now, outcomes, config.cycleSeconds),
    restarts: restartsOf(history.restarts, now, outcomes, config),
    containers: containersOf(history, now, classifications, outcomes, config),
    removed: new Set(ids(outcomes, 'done')),
    pendingRemovals: new Set([...stillPending(history, now), ...newlyPending(outcomes)]),
    held: followHeld(history.held, now, isShort(history, now, config)),
    host: followHost(history.host, now),
    createdNs: createdSince(history.createdNs, now),
    floorStarts: followFloorStarts(history.floorStarts, now, classifications, outcomes),
  };
}

/** The history after what the watch did between two cycles. Of all that it is about, only memory was read again. */
export function rememberAid(
  before: History,
  { now, memoryPressure, outcomes }: Aid,
  config: Config,
): History {
  const { isPreempted } = before.memoryPressure;
  const history = { ...before, memoryPressure: { ...memoryPressure, isPreempted } };
  return {
    ...history,
    ...followReliefs(history, now, outcomes),
    memoryPressure: afterEmergency(history, now, outcomes, config),
    removalFailures: followFailures(history.removalFailures, now, outcomes, config),
    failed: new Set([...ids(outcomes, 'failed'), ...remainingVictims(outcomes)]),
    removed: new Set([...history.removed, ...ids(outcomes, 'done')]),
    pendingRemovals: new Set([...history.pendingRemovals, ...newlyPending(outcomes)]),
  };
}

/** Whether memory is short, also in the calm after a kill. */
function isShort({ memoryPressure }: History, now: Snapshot, config: Config): boolean {
  const reading = pressureReadingOf(now);
  if (reading === null) return false;
  const isBelow = reading.availableKb < thresholdKb(reading, config);
  return isBelow || memoryShortage(memoryPressure, reading, config) !== null;
}

function containersOf(
  history: History,
  now: Snapshot,
  classifications: readonly Classification[],
  outcomes: readonly Outcome[],
  config: Config,
): Map<ContainerId, ContainerMemory> {
  const byId = new Map(classifications.map((classification) => [classification.id, classification]));
  const outcomesOf = Map.groupBy(outcomes, ({ action }) => (action.kind === 'start' ? '' : action.id));
  const idlePercent = idleCpu(history.host, now);
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
    const limits = limitsAfter(container, usage, classification, idlePercent, history, now, config);
    const known = { ...afterReading(before, usage, classification, now.monotonicNs, config), limits };
    const results = outcomesOf.get(id) ?? [];
    containers.set(
      id,
      results.reduce((memory, result) => afterAction(memory, result, now.monotonicNs), known),
    );
  }
  return containers;
}

/** The limits of ours that are on a container: since when, and since when each has been without a reason. */
function limitsAfter(
  container: ContainerSample,
  usage: ContainerUsage,
  classification: Classification,
  idlePercent: Percent | null,
  history: History,
  now: Snapshot,
  config: Config,
): ContainerMemory['limits'] {
  const before = history.containers.get(container.id);
  const input = limitInput(container, usage, classification, idlePercent, history, now, config);
  const present = limitsOn(container, history.containers, config);
  return Object.fromEntries(
    LIMITS.flatMap((limit) => {
      const value = present[limit];
      if (value === undefined) return [];
      const known = before?.limits[limit] ?? { sinceNs: now.monotonicNs, usedBefore: 0, easedSinceNs: null };
      const easedSinceNs = isEased(limit, value, known, input)
        ? (known.easedSinceNs ?? now.monotonicNs)
        : null;
      return [[limit, { ...known, easedSinceNs }]];
    }),
  );
}

/** What this reading adds to the memory of one container. */
function afterReading(
  before: ContainerMemory | undefined,
  usage: ContainerUsage,
  classification: Classification,
  nowNs: Nanoseconds,
  config: Config,
): Omit<ContainerMemory, 'limits'> {
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
    nextLevel: classification.nextLevel,
    breachSinceNs: Object.fromEntries(
      classification.breaches.map(({ pattern, sinceNs }) => [pattern, sinceNs]),
    ),
    trail: extendTrail(sameRun?.trail ?? [], usage, nowNs, config),
    timesLimited: Object.fromEntries(
      Object.entries(before?.timesLimited ?? {}).filter(
        ([, { lastNs }]) => nowNs - lastNs <= config.ladder.rememberSeconds * 1e9,
      ),
    ),
    restartedNs: before?.restartedNs ?? null,
    restartedAs: classification.level === 'unknown' ? (before?.restartedAs ?? null) : null,
  };
}

/** The memory of a container after an action on it. A breach that continues gets a new grace period before the next action. */
function afterAction(
  known: ContainerMemory,
  { action, result, detail }: Outcome,
  nowNs: Nanoseconds,
): ContainerMemory {
  const reset = { ...known, breachSinceNs: {} };
  switch (action.kind) {
    case 'throttle':
    case 'squeeze':
    case 'limit-pids':
    case 'limit-io': {
      const limit = LIMIT_OF[action.kind];
      // Refused by the kernel, or because its owner's limit stands there: it is not tried again for a while.
      if (detail.code === 'no-such-limit')
        return { ...known, timesLimited: { ...known.timesLimited, [limit]: { count: 0, lastNs: nowNs } } };
      if (result !== 'done') return known;
      const usedBefore = limit === 'cpu' ? (known.cpuPercent ?? 0) : 0;
      const isRenewed = known.limits[limit] !== undefined;
      const count = (known.timesLimited[limit]?.count ?? 0) + (isRenewed ? 0 : 1);
      return {
        ...reset,
        limits: { ...known.limits, [limit]: { sinceNs: nowNs, usedBefore, easedSinceNs: null } },
        timesLimited: { ...known.timesLimited, [limit]: { count, lastNs: nowNs } },
      };
    }
    case 'release': {
      if (result !== 'done') return known;
      const { [action.limit]: _lifted, ...limits } = known.limits;
      const times = known.timesLimited[action.limit];
      return {
        ...reset,
        limits,
        ...(times && {
          timesLimited: { ...known.timesLimited, [action.limit]: { ...times, lastNs: nowNs } },
        }),
      };
    }
    case 'restart': {
      if (result === 'skipped') return known;
      const tried = { ...reset, restartedNs: nowNs };
      // The limits of the cgroup end with the run; that of the CPU is lifted before a restart.
      return result === 'failed' ? tried : { ...tried, limits: {}, restartedAs: action.level };
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
  for (const { action, result, detail } of outcomes) {
    const image = action.kind === 'restart' ? imageOf.get(action.id) : undefined;
    // After a veto by its owner's script it waits as well: it is not asked in every cycle.
    if (image === undefined || (result === 'skipped' && detail.code !== 'vetoed')) continue;
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
  if (because === null || remainingVictims(outcomes).length > 0) return memoryPressure;
  // A blind cycle decides nothing, except a kill while only the engine is silent.
  if (isBlind(now) && outcomes.length === 0) return memoryPressure;
  // An emergency plan only starts replacements, so a start means that the victim was replaced; a killed service comes back
  // by its restart policy. Removing surplus needs no replacement and always frees memory.
  const isReplaced = outcomes.some(({ action }) => action.kind === 'start' || action.kind === 'kill');
  const victims = (memoryPressure.hasRecovered ? 0 : memoryPressure.victims) + (isReplaced ? 1 : 0);
  const doubled = isReplaced ? Math.min(victims - 1, MOST_DOUBLED) : 0;
  // Where nothing was done, the next culprit waits only so long that the cycles do not follow each other without a break.
  const isDone = outcomes.some(
    ({ action, result, detail }) => isEnd(action) && (result === 'done' || detail.code === 'only-planned'),
  );
  const calmSeconds = isDone ? config.pressure.coolDownSeconds * 2 ** doubled : IDLE_SECONDS;
  return {
    ...memoryPressure,
    hasRecovered: false,
    victims,
    coolDownUntilNs: now.monotonicNs + calmSeconds * 1e9,
  };
}

/** Between two emergency cycles that did nothing. */
const IDLE_SECONDS = 5;

const isEnd = (action: Outcome['action']): boolean =>
  action.kind === 'kill' || (action.kind === 'remove' && action.urgency === 'now');

/** The cool-down doubles at most this often: from 15 s to four minutes between victims that are replaced. */
const MOST_DOUBLED = 4;

/** Since when each container that never started has been seen so. */
const createdSince = (
  before: History['createdNs'],
  { containers, monotonicNs }: Snapshot,
): History['createdNs'] =>
  new Map(
    containers
      .filter(({ state }) => state === 'created')
      .map(({ id }) => [id, before.get(id) ?? monotonicNs]),
  );

const ASIDE_AFTER = 3;
/** A removal that failed in less time was refused by the engine; in more, it has begun there. */
const REFUSED_WITHIN_MS = 1000;

/** Counts failed removals by container: one that is stuck is set aside by itself, and holds up no other. */
function followFailures(
  before: History['removalFailures'],
  now: Snapshot,
  outcomes: readonly Outcome[],
  config: Config,
): History['removalFailures'] {
  const here = new Set(now.containers.map(({ id }) => id));
  const failures = new Map([...before].filter(([id]) => isBlind(now) || here.has(id)));
  for (const { action, result, tookMs } of outcomes) {
    if (action.kind !== 'remove' || result === 'skipped') continue;
    if (result === 'done') failures.delete(action.id);
    else {
      const known = before.get(action.id);
      const count = (known?.count ?? 0) + 1;
      const asideNs = count >= ASIDE_AFTER ? config.act.breakerSeconds * 1e9 : 0;
      const hasBegun = known?.hasBegun === true || tookMs >= REFUSED_WITHIN_MS;
      failures.set(action.id, { count, asideUntilNs: now.monotonicNs + asideNs, hasBegun });
    }
  }
  return failures;
}

const isBlind = (now: Snapshot): boolean => now.faults.some((fault) => fault.blind);

/** Victims of an emergency that are still there, because the removal failed or the recheck excluded them. */
function remainingVictims(outcomes: readonly Outcome[]): ContainerId[] {
  return outcomes.flatMap(({ action, result, detail }) => {
    const isVictim = action.kind === 'kill' || (action.kind === 'remove' && action.urgency === 'now');
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
