import type { TrailPoint } from '../../model/history.ts';
import type { Reason } from '../../model/reason.ts';
import type { KiB } from '../../model/units.ts';
import type { PatternInput } from './pattern-input.ts';

/** Each half of the window must bring at least this share of the rise: a single step is no leak. */
const STEADY = 0.25;
const LEAST_POINTS = 9;

/** So much of the rise must still be held in the newest reading. */
const KEPT = 0.5;
/** So much of the rise must be missing from the host's available memory: otherwise another holder gave it back. */
const FALLS_WITH_IT = 0.5;

/**
 * Memory rises steadily over the whole window, the host's available memory falls with it and, at this rate, is used up
 * within `fullWithinSeconds`. Memory up to what its owner expects is no leak.
 */
export function leak({ trail, policy, host, now, config }: PatternInput): Reason | null {
  const { windowSeconds, risePercent, fullWithinSeconds } = config.patterns.leak;
  const [first, last] = [trail[0], trail.at(-1)];
  if (now.host === null || first === undefined || last === undefined || trail.length < LEAST_POINTS)
    return null;
  const seconds = (last.monotonicNs - first.monotonicNs) / 1e9;
  if (seconds < 0.9 * windowSeconds) return null;

  const [early, middle, late] = thirdsOf(trail);
  const rise = late - early;
  const isSteady = middle - early >= STEADY * rise && late - middle >= STEADY * rise;
  if ((100 * rise) / now.host.totalKb < risePercent || !isSteady) return null;
  // What has come back by now did not leak.
  if (last.memoryKb - first.memoryKb < KEPT * rise) return null;
  if (last.memoryKb <= (policy.expectedKb ?? 0)) return null;
  const before = host.find(({ monotonicNs }) => monotonicNs >= first.monotonicNs);
  if (before === undefined || before.availableKb - now.host.availableKb < FALLS_WITH_IT * rise) return null;
  // The rise runs from the middle of the first third to the middle of the last.
  const steps = trail.length - 1;
  const perSecond = (rise * steps) / (seconds * (trail.length - Math.floor(trail.length / 3)));
  const fullSeconds = now.host.availableKb / perSecond;
  if (fullSeconds > fullWithinSeconds) return null;
  const minutes = (value: number) => Math.max(1, Math.round(value / 60));
  return {
    code: 'memory-leak',
    fromMib: mebibytes(first.memoryKb),
    toMib: mebibytes(last.memoryKb),
    minutes: minutes(seconds),
    fullInMinutes: minutes(fullSeconds),
  };
}

/** The median of each third of the trail, so that one odd reading moves none of them. */
function thirdsOf(trail: readonly TrailPoint[]): [KiB, KiB, KiB] {
  const third = Math.floor(trail.length / 3);
  const medianOf = (points: readonly TrailPoint[]): KiB => {
    const sorted = points.map(({ memoryKb }) => memoryKb).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  };
  return [
    medianOf(trail.slice(0, third)),
    medianOf(trail.slice(third, -third)),
    medianOf(trail.slice(-third)),
  ];
}

const mebibytes = (kb: KiB): number => Math.round(kb / 1024);
