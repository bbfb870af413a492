import type { Usual } from '../model/baseline.ts';
import type { Config } from '../model/config.ts';
import type { Percent } from '../model/units.ts';

/** A soft threshold and where it comes from, in words. */
export interface Threshold {
  readonly percent: Percent;
  /** `90 %`, or `212.0 %, which is usual for its image`. */
  readonly words: string;
}

/** The larger of the floor and what is usual for the image: what it always does is no breach. */
export function softThreshold(
  resource: 'cpuPercent' | 'memPercent',
  usual: Usual | null,
  { soft }: Config,
): Threshold {
  const floor = soft[resource];
  const learned = soft.learn ? (usual?.[resource] ?? 0) : 0;
  if (learned <= floor) return { percent: floor, words: `${floor} %` };
  return { percent: learned, words: `${learned.toFixed(1)} %, which is usual for its image` };
}
