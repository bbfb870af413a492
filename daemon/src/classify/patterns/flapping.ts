import type { Config } from '../../model/config.ts';
import type { Runs } from '../../model/history.ts';

/** It restarts over and over: another restart is no help. */
export function flapping(runs: Runs | undefined, { patterns }: Config): string | null {
  const { restarts, withinSeconds } = patterns.flapping;
  const count = runs?.restartTimesNs.length ?? 0;
  if (count < restarts) return null;
  return `it flaps: restarted ${count} times in ${Math.round(withinSeconds / 60)} min, where ${restarts} are too many`;
}
