import type { Config } from '../model/config.ts';
import type { Action, Classification, Level } from '../model/decision.ts';
import type { Inspected } from '../model/engine.ts';
import { isUp } from '../model/ownership.ts';
import type { Reason } from '../model/reason.ts';
import type { EngineContainer } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import { forbids } from '../policy/contract.ts';
import { policyOf } from '../policy/resolve-policy.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import type { ActionContext } from './action-context.ts';

type Removal = Extract<Action, { kind: 'remove' }>;

export interface Rechecked {
  /** Removals that must not happen, each with its reason. */
  readonly excluded: ReadonlyMap<ContainerId, Reason>;
  /** Stop timeouts that containers have of their own. */
  readonly stopSeconds: ReadonlyMap<ContainerId, number>;
}

/**
 * Asks the engine again, since the snapshot is seconds old by now, and returns the removals that must not happen, each
 * with its reason: the container has changed, or its class has shrunk and the removal would take it below its floor.
 * `successors` counts what the same plan starts; `classifications` are those of all containers not already being
 * removed. Where the removal may happen, its own stop timeout comes with it.
 */
export async function recheckTargets(
  { engine, config }: ActionContext,
  removals: readonly Removal[],
  successors: Readonly<Record<Level, number>>,
  classifications: readonly Classification[],
): Promise<Rechecked> {
  const excluded = new Map<ContainerId, Reason>();
  const stopSeconds = new Map<ContainerId, number>();
  if (removals.length === 0) return { excluded, stopSeconds };
  // All at once: in an emergency every answer costs time.
  const [listing, ...inspections] = await Promise.allSettled([
    engine.list(),
    ...removals.map(({ id }) => engine.inspect(id)),
  ]);
  if (listing.status === 'rejected') {
    const why: Reason = { code: 'recheck-failed', error: reasonOf(listing.reason) };
    return { excluded: new Map(removals.map(({ id }) => [id, why])), stopSeconds };
  }
  const levelOf = classesOfRunning(classifications, listing.value, config);
  const counts = { low: 0, high: 0 };
  for (const level of levelOf.values()) counts[level] += 1;
  removals.forEach((removal, i) => {
    const inspection = inspections[i];
    if (inspection === undefined || inspection.status === 'rejected') {
      excluded.set(removal.id, { code: 'recheck-failed', error: reasonOf(inspection?.reason) });
      return;
    }
    if (inspection.value?.stopSeconds != null) stopSeconds.set(removal.id, inspection.value.stopSeconds);
    // A container without a class is not counted in any.
    const weight = levelOf.has(removal.id) ? 1 : 0;
    const why =
      whyChanged(removal, inspection.value, config) ??
      whyBelowFloor(removal, removal.level === null ? 0 : counts[removal.level] - weight, successors, config);
    if (why !== null) excluded.set(removal.id, why);
    else if (removal.level !== null) counts[removal.level] -= weight;
  });
  return { excluded, stopSeconds };
}

/** The class of each disposable container that is still up: those that count for the quotas. */
function classesOfRunning(
  classifications: readonly Classification[],
  listed: readonly EngineContainer[],
  config: Config,
): ReadonlyMap<ContainerId, Level> {
  const up = new Set(
    listed.filter((c) => isUp(c) && policyOf(c, config).kind === 'disposable').map(({ id }) => id),
  );
  return new Map(
    classifications.flatMap(({ id, level }): [ContainerId, Level][] =>
      level !== 'unknown' && up.has(id) ? [[id, level]] : [],
    ),
  );
}

/**
 * Why the action may not be taken on the container as the engine shows it now, or null. The second of the contract's two
 * guards: it does not trust the plan.
 */
export function whyForbidden(now: Inspected | null, action: Action, config: Config): Reason | null {
  if (now === null) return { code: 'already-gone' };
  return forbids(policyOf(now, config), action);
}

/** Why this is no longer the run that was classified, or why the action is forbidden; null when neither. */
export function whyNotSameRun(
  { pid }: { readonly pid: number | 'any' },
  now: Inspected | null,
  action: Action,
  config: Config,
): Reason | null {
  const why = whyForbidden(now, action, config);
  if (now === null || why !== null) return why;
  if (pid === 'any') return null;
  if (!now.running) return { code: 'ended-by-itself' };
  return pid === now.pid ? null : { code: 'restarted-since', before: pid, now: now.pid };
}

/** Why this is no longer the container that the removal was planned for, or null. */
export function whyChanged(removal: Removal, now: Inspected | null, config: Config): Reason | null {
  const { pid } = removal;
  if (pid !== null) return whyNotSameRun({ pid }, now, removal, config);
  const why = whyForbidden(now, removal, config);
  if (now === null || why !== null) return why;
  return now.running ? { code: 'running-again' } : null;
}

function whyBelowFloor(
  { level, isReplaced, urgency }: Removal,
  left: number,
  successors: Readonly<Record<Level, number>>,
  config: Config,
): Reason | null {
  if (level === null) return null;
  // The culprit of an emergency ends whatever its class; its floor is filled afterwards.
  if (urgency === 'now' && isReplaced) return null;
  // A replacement is started in the same plan.
  const replaced = isReplaced ? successors[level] : 0;
  if (left + replaced >= config.quotas[level].keep) return null;
  return { code: 'below-floor', left, level, keep: config.quotas[level].keep };
}
