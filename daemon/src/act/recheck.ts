import type { Config } from '../model/config.ts';
import type { Action, Classification, Level } from '../model/decision.ts';
import type { Inspected } from '../model/engine.ts';
import { errorMessage } from '../model/error-message.ts';
import { isManaged, isUp, protectedBy } from '../model/ownership.ts';
import type { EngineContainer } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import type { ActionContext } from './context.ts';

type Removal = Extract<Action, { kind: 'remove' }>;

/**
 * The snapshot is seconds old by now. Asks the engine afresh and returns the removals that must not happen, with
 * why: the target has changed, or its class has shrunk meanwhile and the strike would break its floor. `successors` is
 * what the same plan starts, `verdicts` tell the class of everybody who is not told to go already.
 */
export async function recheckTargets(
  { engine, config }: ActionContext,
  removals: readonly Removal[],
  successors: Readonly<Record<Level, number>>,
  classifications: readonly Classification[],
): Promise<ReadonlyMap<ContainerId, string>> {
  const spared = new Map<ContainerId, string>();
  if (removals.length === 0) return spared;
  // Asked at once: where memory runs out each answer is a part of what is left.
  const [listing, ...inspections] = await Promise.allSettled([
    engine.list(),
    ...removals.map(({ id }) => engine.inspect(id)),
  ]);
  if (listing.status === 'rejected') {
    const why = `could not look again: ${errorMessage(listing.reason)}`;
    return new Map(removals.map(({ id }) => [id, why]));
  }
  const levelOf = classesOfRunning(classifications, listing.value);
  const counts = { low: 0, high: 0 };
  for (const level of levelOf.values()) counts[level] += 1;
  removals.forEach((removal, i) => {
    const inspection = inspections[i];
    if (inspection === undefined || inspection.status === 'rejected') {
      spared.set(
        removal.id,
        `could not look again: ${inspection?.reason instanceof Error ? inspection.reason.message : 'no answer'}`,
      );
      return;
    }
    // One that has no class yet is not among those that stand.
    const weight = levelOf.has(removal.id) ? 1 : 0;
    const why =
      whyChanged(removal, inspection.value, config) ??
      whyBelowFloor(removal, removal.level === null ? 0 : counts[removal.level] - weight, successors, config);
    if (why !== null) spared.set(removal.id, why);
    else if (removal.level !== null) counts[removal.level] -= weight;
  });
  return spared;
}

/** The class of each of ours that is still up. */
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

/** Why it is not ours to deal with, or null. */
export function whyNotManaged(now: Inspected | null): string | null {
  if (now === null) return 'already gone';
  return isManaged(now) ? null : 'no longer managed';
}

/** Why nothing may be taken from it now, whatever the plan says, or null. */
export function whyUntouchable(now: Inspected | null, config: Config): string | null {
  const why = whyNotManaged(now);
  if (now === null || why !== null) return why;
  const guard = protectedBy(now, config.protect);
  return guard === null ? null : `protected meanwhile: ${guard}`;
}

/** Why this is no longer the run that was judged, or null. */
export function whyNotSameRun(
  { pid }: { readonly pid: number },
  now: Inspected | null,
  config: Config,
): string | null {
  const why = whyUntouchable(now, config);
  if (now === null || why !== null) return why;
  if (!now.running) return 'ended by itself';
  return pid === now.pid ? null : `restarted meanwhile (pid ${pid} → ${now.pid})`;
}

/** Why this is no longer the container that was judged, or null. */
export function whyChanged(removal: Removal, now: Inspected | null, config: Config): string | null {
  const { pid } = removal;
  if (typeof pid === 'number') return whyNotSameRun({ pid }, now, config);
  const why = whyUntouchable(now, config);
  if (now === null || why !== null) return why;
  return pid === null && now.running ? 'running again' : null;
}

function whyBelowFloor(
  { level, isReplaced }: Removal,
  left: number,
  successors: Readonly<Record<Level, number>>,
  config: Config,
): string | null {
  if (level === null) return null;
  // One of the last of its class is replaced: its successor is started in the same plan.
  const replaced = isReplaced ? successors[level] : 0;
  if (left + replaced >= config.quotas[level].keep) return null;
  return `would leave ${left} ${level} where ${config.quotas[level].keep} must stay`;
}
