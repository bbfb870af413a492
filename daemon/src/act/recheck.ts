import type { Config } from '../model/config.ts';
import type { Action, Classification, Level } from '../model/decision.ts';
import type { Inspected } from '../model/engine.ts';
import { isManaged, isUp, protectedBy } from '../model/ownership.ts';
import type { Reason } from '../model/reason.ts';
import type { EngineContainer } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import type { ActionContext } from './action-context.ts';

type Removal = Extract<Action, { kind: 'remove' }>;

/**
 * Asks the engine again, since the snapshot is seconds old by now, and returns the removals that must not happen, each
 * with its reason: the container has changed, or its class has shrunk and the removal would take it below its floor.
 * `successors` counts what the same plan starts; `classifications` are those of all containers not already being
 * removed.
 */
export async function recheckTargets(
  { engine, config }: ActionContext,
  removals: readonly Removal[],
  successors: Readonly<Record<Level, number>>,
  classifications: readonly Classification[],
): Promise<ReadonlyMap<ContainerId, Reason>> {
  const excluded = new Map<ContainerId, Reason>();
  if (removals.length === 0) return excluded;
  // All at once: in an emergency every answer costs time.
  const [listing, ...inspections] = await Promise.allSettled([
    engine.list(),
    ...removals.map(({ id }) => engine.inspect(id)),
  ]);
  if (listing.status === 'rejected') {
    const why: Reason = { code: 'recheck-failed', error: reasonOf(listing.reason) };
    return new Map(removals.map(({ id }) => [id, why]));
  }
  const levelOf = classesOfRunning(classifications, listing.value);
  const counts = { low: 0, high: 0 };
  for (const level of levelOf.values()) counts[level] += 1;
  removals.forEach((removal, i) => {
    const inspection = inspections[i];
    if (inspection === undefined || inspection.status === 'rejected') {
      excluded.set(removal.id, { code: 'recheck-failed', error: reasonOf(inspection?.reason) });
      return;
    }
    // A container without a class is not counted in any.
    const weight = levelOf.has(removal.id) ? 1 : 0;
    const why =
      whyChanged(removal, inspection.value, config) ??
      whyBelowFloor(removal, removal.level === null ? 0 : counts[removal.level] - weight, successors, config);
    if (why !== null) excluded.set(removal.id, why);
    else if (removal.level !== null) counts[removal.level] -= weight;
  });
  return excluded;
}

/** The class of each managed container that is still up. */
function classesOfRunning(
  classifications: readonly Classification[],
  listed: readonly EngineContainer[],
): ReadonlyMap<ContainerId, Level> {
  const up = new Set(listed.filter((c) => isManaged(c) && isUp(c)).map(({ id }) => id));
  return new Map(
    classifications.flatMap(({ id, level }): [ContainerId, Level][] =>
      level !== 'unknown' && up.has(id) ? [[id, level]] : [],
    ),
  );
}

/** Why Vigía does not manage the container, or null. */
export function whyNotManaged(now: Inspected | null): Reason | null {
  if (now === null) return { code: 'already-gone' };
  return isManaged(now) ? null : { code: 'no-longer-managed' };
}

/** Why no action may be taken against the container now, or null. */
export function whyUntouchable(now: Inspected | null, config: Config): Reason | null {
  const why = whyNotManaged(now);
  if (now === null || why !== null) return why;
  const protection = protectedBy(now, config.protect);
  return protection === null ? null : { code: 'protected-now', protection };
}

/** Why this is no longer the run that was classified, or null. */
export function whyNotSameRun(
  { pid }: { readonly pid: number },
  now: Inspected | null,
  config: Config,
): Reason | null {
  const why = whyUntouchable(now, config);
  if (now === null || why !== null) return why;
  if (!now.running) return { code: 'ended-by-itself' };
  return pid === now.pid ? null : { code: 'restarted-since', before: pid, now: now.pid };
}

/** Why this is no longer the container that the removal was planned for, or null. */
export function whyChanged(removal: Removal, now: Inspected | null, config: Config): Reason | null {
  const { pid } = removal;
  if (typeof pid === 'number') return whyNotSameRun({ pid }, now, config);
  const why = whyUntouchable(now, config);
  if (now === null || why !== null) return why;
  return pid === null && now.running ? { code: 'running-again' } : null;
}

function whyBelowFloor(
  { level, isReplaced }: Removal,
  left: number,
  successors: Readonly<Record<Level, number>>,
  config: Config,
): Reason | null {
  if (level === null) return null;
  // A replacement is started in the same plan.
  const replaced = isReplaced ? successors[level] : 0;
  if (left + replaced >= config.quotas[level].keep) return null;
  return { code: 'below-floor', left, level, keep: config.quotas[level].keep };
}
