import type { Config } from '../model/config.ts';
import type { Runs } from '../model/history.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';

/** More restarts than this between two readings say nothing more. */
const MOST_AT_ONCE = 100;

/**
 * Follows the engine's RestartCount, which only a container's own restart policy raises: a stop, a start or a
 * restart through the engine does not count, and sets it back to 0.
 */
export function followRuns(
  runs: ReadonlyMap<ContainerId, Runs>,
  now: Snapshot,
  config: Config,
): ReadonlyMap<ContainerId, Runs> {
  if (now.faults.some(({ blind }) => blind)) return runs;
  const sinceNs = now.monotonicNs - config.patterns.flapping.withinSeconds * 1e9;
  const followed = new Map<ContainerId, Runs>();
  for (const { id, restartCount } of now.containers) {
    const before = runs.get(id);
    const known = before?.restartTimesNs.filter((ns) => ns >= sinceNs) ?? [];
    if (restartCount === null) {
      if (before !== undefined) followed.set(id, { ...before, restartTimesNs: known });
      continue;
    }
    const risen = before === undefined ? 0 : Math.max(0, restartCount - before.restartCount);
    const isReset = before !== undefined && restartCount < before.restartCount;
    const seen = Array.from({ length: Math.min(risen, MOST_AT_ONCE) }, () => now.monotonicNs);
    followed.set(id, { restartCount, restartTimesNs: isReset ? [] : [...known, ...seen] });
  }
  return followed;
}
