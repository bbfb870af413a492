import type { Config } from '../model/config.ts';
import type { Action, Outcome, Verdict } from '../model/decision.ts';
import type { Breaker, ContainerMemory, History, Strain } from '../model/history.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import { isFarEnough, isSameRun, memoryOf } from './measure.ts';
import { followSoft, throttlingAfter } from './soft.ts';
import { hardBreach, pressureOf } from './strain.ts';

/** The history that the next cycle is judged against. Containers that are gone are forgotten, so it stays small. */
export function remember(
  history: History,
  now: Snapshot,
  verdicts: readonly Verdict[],
  outcomes: readonly Outcome[],
  config: Config,
): History {
  const common = {
    tick: now.tick,
    strain: afterEmergency(history, now, outcomes, config),
    breaker: follow(history.breaker, now, outcomes, config),
    failed: new Set(ids(outcomes, 'failed')),
  };
  // A blind cycle saw nothing: what was known stays, and the next reading is measured against it.
  if (isBlind(now)) return { ...history, ...common };
  return {
    ...common,
    containers: containersOf(history, now, verdicts, throttlingAfter(outcomes), config),
    removed: new Set(ids(outcomes, 'done')),
  };
}

function containersOf(
  history: History,
  now: Snapshot,
  verdicts: readonly Verdict[],
  throttling: ReadonlyMap<ContainerId, boolean>,
  config: Config,
) {
  const byId = new Map(verdicts.map((verdict) => [verdict.id, verdict]));
  const containers = new Map<ContainerId, ContainerMemory>();
  for (const { id, usage } of now.containers) {
    const verdict = byId.get(id);
    if (usage === null || verdict === undefined) continue;
    const before = history.containers.get(id);
    const sameRun = before !== undefined && isSameRun(before, usage) ? before : undefined;
    // Too close to the last reading: the older one stays the base, or frequent cycles would never measure.
    const keepsBase =
      before !== undefined &&
      isSameRun(before, usage) &&
      !isFarEnough(before, now.monotonicNs, config.classify.minSeconds);
    const base = keepsBase ? before : { monotonicNs: now.monotonicNs, cpuTimeNs: usage.cpuTimeNs };
    containers.set(id, {
      pid: usage.pid,
      startNs: usage.startNs,
      monotonicNs: base.monotonicNs,
      cpuTimeNs: base.cpuTimeNs,
      memoryKb: memoryOf(usage),
      memoryNs: now.monotonicNs,
      cpuPercent: verdict.cpuPercent,
      level: verdict.level,
      ...followSoft(sameRun, verdict.cpuPercent, now.monotonicNs, throttling.get(id), config),
    });
  }
  return containers;
}

/** Whatever an emergency cycle did, the next one waits: for the memory to come back, or for a victim to appear. */
function afterEmergency(
  { strain }: History,
  now: Snapshot,
  outcomes: readonly Outcome[],
  config: Config,
): Strain {
  const because = hardBreach(strain, pressureOf(now), config);
  // Except where nothing was tried, or the removal failed: the next candidate must not wait.
  const failed = outcomes.some(({ action, result }) => isUrgent(action) && result === 'failed');
  if (because === null || failed || isBlind(now)) return strain;
  return { ...strain, isBack: false, calmUntilNs: now.monotonicNs + config.pressure.coolDownSeconds * 1e9 };
}

const BREAKS_AFTER = 3;

function follow(breaker: Breaker, now: Snapshot, outcomes: readonly Outcome[], config: Config): Breaker {
  const removals = outcomes.filter(({ action, result }) => action.kind === 'remove' && result !== 'skipped');
  if (removals.length === 0) return breaker;
  const failures = removals.every(({ result }) => result === 'failed') ? breaker.failures + 1 : 0;
  const isOpen = failures >= BREAKS_AFTER;
  return { failures, openUntilNs: isOpen ? now.monotonicNs + config.act.breakerSeconds * 1e9 : 0 };
}

const isBlind = (now: Snapshot): boolean => now.faults.some((fault) => fault.blind);

const isUrgent = (action: Action): boolean => action.kind === 'remove' && action.urgency === 'now';

function ids(outcomes: readonly Outcome[], wanted: Outcome['result']): ContainerId[] {
  return outcomes.flatMap(({ action, result, id }) =>
    action.kind === 'remove' && result === wanted && id ? [id] : [],
  );
}
