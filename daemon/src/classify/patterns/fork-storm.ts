import type { PatternInput } from './pattern-input.ts';

const LATELY_SECONDS = 60;

/**
 * Many processes, and twice as many as a minute ago, or so many more: what has always had many is let be. A storm whose
 * beginning nobody saw (blind cycles) no longer doubles, but goes on growing. In its first minute a run may come to any
 * number, as a server does that starts its workers: only what goes on growing from there is a storm.
 */
export function forkStorm({ usage, trail, now, config }: PatternInput): string | null {
  const least = config.patterns.forkStorm.processes;
  const { processCount, startNs } = usage;
  if (processCount < least) return null;
  const sinceNs = now.monotonicNs - LATELY_SECONDS * 1e9;
  const startedNs = startNs - (now.bootNs - now.monotonicNs) + LATELY_SECONDS * 1e9;
  const before = trail.find(
    (point) =>
      point.monotonicNs >= sinceNs && (point.monotonicNs >= startedNs || point.processCount >= least),
  );
  const from = before?.processCount ?? processCount;
  if (processCount < 2 * from && processCount < from + least) return null;
  return `fork storm: ${processCount} processes ≥ ${least}, ${from} a minute ago`;
}
