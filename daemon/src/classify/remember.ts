import type { Config } from '../model/config.ts';
import type { Outcome, Verdict } from '../model/decision.ts';
import type { ContainerMemory, History } from '../model/history.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import { isFarEnough, isSameRun } from './measure.ts';

/** The history that the next cycle is judged against. Containers that are gone are forgotten, so it stays small. */
export function remember(
  history: History,
  now: Snapshot,
  verdicts: readonly Verdict[],
  outcomes: readonly Outcome[],
  config: Config,
): History {
  const blind = now.faults.some((fault) => fault.blind);
  // A blind cycle saw nothing: what was known stays, and the next reading is measured against it.
  if (blind) return { ...history, tick: now.tick };
  return {
    tick: now.tick,
    readNs: now.monotonicNs,
    containers: containersOf(history, now, verdicts, config),
    removed: new Set(done(outcomes, 'remove')),
  };
}

function containersOf(history: History, now: Snapshot, verdicts: readonly Verdict[], config: Config) {
  const byId = new Map(verdicts.map((verdict) => [verdict.id, verdict]));
  const containers = new Map<ContainerId, ContainerMemory>();
  for (const { id, usage } of now.containers) {
    const verdict = byId.get(id);
    if (usage === null || verdict === undefined) continue;
    const before = history.containers.get(id);
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
      cpuPercent: verdict.cpuPercent,
      level: verdict.level,
    });
  }
  return containers;
}

function done(outcomes: readonly Outcome[], kind: 'remove'): ContainerId[] {
  return outcomes.flatMap(({ action, result, id }) =>
    action.kind === kind && result === 'done' && id ? [id] : [],
  );
}
