import type { Config } from '../model/config.ts';
import type { Runs } from '../model/history.ts';
import { isManaged } from '../model/ownership.ts';
import { runId } from '../model/run-id.ts';
import type { ContainerSample, Snapshot } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';

const BETWEEN = 'restarting';

/**
 * Notes each new run of the managed containers, whatever restarted them. A container between two runs counts each time
 * it is seen so, since one that ends at once is never seen running.
 */
export function followRuns(
  runs: ReadonlyMap<ContainerId, Runs>,
  now: Snapshot,
  config: Config,
): ReadonlyMap<ContainerId, Runs> {
  if (now.faults.some(({ blind }) => blind)) return runs;
  const sinceNs = now.monotonicNs - config.patterns.flapping.withinSeconds * 1e9;
  const followed = new Map<ContainerId, Runs>();
  for (const container of now.containers) {
    if (!isManaged(container)) continue;
    const before = runs.get(container.id);
    const newest = newestRun(container) ?? before?.newest;
    if (newest === undefined) continue;
    const isNew = newest === BETWEEN || (before !== undefined && newest !== before.newest);
    const restartTimesNs = before?.restartTimesNs.filter((ns) => ns >= sinceNs) ?? [];
    followed.set(container.id, {
      newest,
      restartTimesNs: isNew ? [...restartTimesNs, now.monotonicNs] : restartTimesNs,
    });
  }
  return followed;
}

function newestRun({ state, usage }: ContainerSample): string | null {
  if (state === 'restarting') return BETWEEN;
  return usage === null ? null : runId(usage);
}
