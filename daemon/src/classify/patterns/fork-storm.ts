import type { Sight } from './sight.ts';

const LATELY_SECONDS = 60;

/**
 * Many processes, and twice as many as a minute ago, or so many more, or in a run that is younger than that: what has
 * always had many is let be. A storm whose beginning nobody saw (blind cycles) no longer doubles, but goes on growing.
 */
export function forkStorm({ usage, trail, now, config }: Sight): string | null {
  const least = config.patterns.forkStorm.processes;
  const { processCount, startNs } = usage;
  if (processCount < least) return null;
  const sinceNs = now.monotonicNs - LATELY_SECONDS * 1e9;
  const isYoung = startNs > now.bootNs - LATELY_SECONDS * 1e9;
  const before = trail.find(({ monotonicNs }) => monotonicNs >= sinceNs)?.processCount ?? processCount;
  const from = isYoung ? 1 : before;
  if (processCount < 2 * from && processCount < from + least) return null;
  return `fork storm: ${processCount} processes ≥ ${least}, ${from} a minute ago`;
}
