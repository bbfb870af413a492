import type { Reason } from '../../model/reason.ts';
import { isHeldBack } from '../limits.ts';
import type { PatternInput } from './pattern-input.ts';

const WINDOW_SECONDS = 60;

/**
 * The container has many processes, and at least twice as many, or `least` more, than a minute ago. A container that
 * always has many is no storm. The second condition catches a storm that began during blind cycles: it no longer
 * doubles but keeps growing. The first minute of a run does not count, since a server starts all its workers then.
 */
export function forkStorm({ usage, trail, now, config }: PatternInput): Reason | null {
  const least = config.patterns.forkStorm.processes;
  const { processCount, startNs } = usage;
  if (processCount < least) return null;
  const sinceNs = now.monotonicNs - WINDOW_SECONDS * 1e9;
  const startedNs = startNs - (now.bootNs - now.monotonicNs) + WINDOW_SECONDS * 1e9;
  const before = trail.find(
    (point) =>
      point.monotonicNs >= sinceNs && (point.monotonicNs >= startedNs || point.processCount >= least),
  );
  const from = before?.processCount ?? processCount;
  // A storm that a limit of ours holds back no longer grows.
  const isGrowing = processCount >= 2 * from || processCount >= from + least;
  if (!isGrowing && !isHeldBack('pids', usage)) return null;
  return { code: 'fork-storm', processes: processCount, threshold: least, minuteAgo: from };
}
