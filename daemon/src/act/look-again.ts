import type { Config } from '../model/config.ts';
import type { Action, Level, Verdict } from '../model/decision.ts';
import type { Inspected } from '../model/engine.ts';
import { messageOf } from '../model/message.ts';
import { isManaged, isUp, protectedBy } from '../model/ownership.ts';
import type { EngineContainer } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import type { Hands } from './hands.ts';

type Removal = Extract<Action, { kind: 'remove' }>;

/**
 * The snapshot is seconds old by now. Asks the engine afresh and returns the removals that must not happen, with
 * why: the target has changed, or its class has shrunk meanwhile and the strike would break its floor. `successors` is
 * what the same plan starts, `verdicts` tell the class of everybody who is not told to go already.
 */
export async function lookAgain(
  { engine, config }: Hands,
  removals: readonly Removal[],
  successors: Readonly<Record<Level, number>>,
  verdicts: readonly Verdict[],
): Promise<ReadonlyMap<ContainerId, string>> {
  const spared = new Map<ContainerId, string>();
  if (removals.length === 0) return spared;
  // Asked at once: where memory runs out each answer is a part of what is left.
  const [listing, ...inspections] = await Promise.allSettled([
    engine.list(),
    ...removals.map(({ id }) => engine.inspect(id)),
  ]);
  if (listing.status === 'rejected') {
    const why = `could not look again: ${messageOf(listing.reason)}`;
    return new Map(removals.map(({ id }) => [id, why]));
  }
  const levelOf = levelsUp(verdicts, listing.value);
  const standing = { low: 0, high: 0 };
  for (const level of levelOf.values()) standing[level] += 1;
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
    const counts = levelOf.has(removal.id) ? 1 : 0;
    const why =
      changedSince(removal, inspection.value, config) ??
      floorBroken(removal, removal.level === null ? 0 : standing[removal.level] - counts, successors, config);
    if (why !== null) spared.set(removal.id, why);
    else if (removal.level !== null) standing[removal.level] -= counts;
  });
  return spared;
}

/** The class of each of ours that is still up. */
function levelsUp(
  verdicts: readonly Verdict[],
  listed: readonly EngineContainer[],
): ReadonlyMap<ContainerId, Level> {
  const up = new Set(listed.filter((c) => isManaged(c) && isUp(c)).map(({ id }) => id));
  return new Map(
    verdicts.flatMap(({ id, level }): [ContainerId, Level][] =>
      level !== 'unknown' && up.has(id) ? [[id, level]] : [],
    ),
  );
}

/** Why it is not ours to deal with, or null. */
export function notOurs(now: Inspected | null): string | null {
  if (now === null) return 'already gone';
  return isManaged(now) ? null : 'no longer managed';
}

/** Why nothing may be taken from it now, whatever the plan says, or null. */
export function untouchable(now: Inspected | null, config: Config): string | null {
  const why = notOurs(now);
  if (now === null || why !== null) return why;
  const guard = protectedBy(now, config.protect);
  return guard === null ? null : `protected meanwhile: ${guard}`;
}

/** Why this is no longer the run that was judged, or null. */
export function restartedSince(
  { pid }: { readonly pid: number },
  now: Inspected | null,
  config: Config,
): string | null {
  const why = untouchable(now, config);
  if (now === null || why !== null) return why;
  if (!now.running) return 'ended by itself';
  return pid === now.pid ? null : `restarted meanwhile (pid ${pid} → ${now.pid})`;
}

/** Why this is no longer the container that was judged, or null. */
export function changedSince(removal: Removal, now: Inspected | null, config: Config): string | null {
  const { pid } = removal;
  if (typeof pid === 'number') return restartedSince({ pid }, now, config);
  const why = untouchable(now, config);
  if (now === null || why !== null) return why;
  return pid === null && now.running ? 'running again' : null;
}

function floorBroken(
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
