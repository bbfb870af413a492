import type { Config } from '../model/config.ts';
import type { Action, Level, Verdict } from '../model/decision.ts';
import type { Inspected } from '../model/engine.ts';
import { messageOf } from '../model/message.ts';
import { isManaged, protectedBy } from '../model/ownership.ts';
import type { ContainerId } from '../model/units.ts';
import type { Hands } from './hands.ts';

type Removal = Extract<Action, { kind: 'remove' }>;

/**
 * The snapshot is seconds old by now. Asks the engine afresh and returns the removals that must not happen, with
 * why: the target has changed, or its class has shrunk meanwhile and the strike would break its floor. `successors` is
 * what the same plan starts.
 */
export async function lookAgain(
  { engine, config }: Hands,
  removals: readonly Removal[],
  successors: Readonly<Record<Level, number>>,
  verdicts: readonly Verdict[],
): Promise<ReadonlyMap<ContainerId, string>> {
  const spared = new Map<ContainerId, string>();
  if (removals.length === 0) return spared;
  let standing: Record<Level, number>;
  try {
    const running = new Set(
      (await engine.list()).filter((c) => isManaged(c) && c.state === 'running').map((c) => c.id),
    );
    standing = countRunning(verdicts, running);
  } catch (error) {
    const why = `could not look again: ${messageOf(error)}`;
    return new Map(removals.map(({ id }) => [id, why]));
  }
  const inspections = await Promise.allSettled(removals.map(({ id }) => engine.inspect(id)));
  removals.forEach((removal, i) => {
    const inspection = inspections[i];
    if (inspection === undefined || inspection.status === 'rejected') {
      spared.set(
        removal.id,
        `could not look again: ${inspection?.reason instanceof Error ? inspection.reason.message : 'no answer'}`,
      );
      return;
    }
    const why =
      changedSince(removal, inspection.value, config) ?? floorBroken(removal, standing, successors, config);
    if (why !== null) spared.set(removal.id, why);
    else if (removal.level !== null) standing[removal.level] -= 1;
  });
  return spared;
}

function countRunning(
  verdicts: readonly Verdict[],
  running: ReadonlySet<ContainerId>,
): Record<Level, number> {
  const standing = { low: 0, high: 0 };
  for (const { id, level } of verdicts) if (level !== 'unknown' && running.has(id)) standing[level] += 1;
  return standing;
}

/** Why nothing may be done to it now, whatever the plan says, or null. */
export function untouchable(now: Inspected | null, config: Config): string | null {
  if (now === null) return 'already gone';
  if (!isManaged(now)) return 'no longer managed';
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
  standing: Readonly<Record<Level, number>>,
  successors: Readonly<Record<Level, number>>,
  config: Config,
): string | null {
  if (level === null) return null;
  // One of the last of its class is replaced: its successor is started in the same plan.
  const replaced = isReplaced ? successors[level] : 0;
  if (standing[level] - 1 + replaced >= config.quotas[level].keep) return null;
  return `would leave ${standing[level] - 1} ${level} where ${config.quotas[level].keep} must stay`;
}
