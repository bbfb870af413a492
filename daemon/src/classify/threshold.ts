import type { Usual } from '../model/baseline.ts';
import type { Config } from '../model/config.ts';
import type { Percent } from '../model/units.ts';

/** A soft threshold and where it comes from. */
export interface Threshold {
  readonly percent: Percent;
  /** True when it is what is usual for the image, false when it is the configured floor. */
  readonly learned: boolean;
}

/**
 * The larger of the container's own threshold, or the configured floor, and what is usual for its image: usual behaviour
 * is no breach.
 */
export function softThreshold(
  resource: 'cpuPercent' | 'memPercent',
  usual: Usual | null,
  own: Percent | null,
  { soft }: Config,
): Threshold {
  const floor = own ?? soft[resource];
  const usualPercent = soft.learn ? (usual?.[resource] ?? 0) : 0;
  return { percent: Math.max(floor, usualPercent), learned: usualPercent > floor };
}
