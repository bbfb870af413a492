import type { Config } from '../../model/config.ts';
import type { Runs } from '../../model/history.ts';
import type { Reason } from '../../model/reason.ts';

/** The container restarts over and over; another restart would not help. */
export function flapping(runs: Runs | undefined, { patterns }: Config): Reason | null {
  const { restarts: threshold, withinSeconds } = patterns.flapping;
  const restarts = runs?.restartTimesNs.length ?? 0;
  if (restarts < threshold) return null;
  return { code: 'restart-loop', restarts, minutes: Math.round(withinSeconds / 60), threshold };
}
