import type { TrailPoint } from '../../model/history.ts';
import type { KiB } from '../../model/units.ts';
import type { PatternInput } from './pattern-input.ts';

/** Each half of the way must bring at least this share of the rise: a step is no leak. */
const STEADY = 0.25;
const LEAST_POINTS = 9;

/** Its memory rises steadily over the whole window, and at this rate will have filled RAM before long. */
export function leak({ trail, now, config }: PatternInput): string | null {
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
  // The rise is from the middle of the first third to that of the last.
  const steps = trail.length - 1;
  const perSecond = (rise * steps) / (seconds * (trail.length - Math.floor(trail.length / 3)));
  const fullSeconds = now.host.availableKb / perSecond;
  if (fullSeconds > fullWithinSeconds) return null;
  const minutes = (value: number) => `${Math.max(1, Math.round(value / 60))} min`;
  return `memory rose steadily from ${mebibytes(first.memoryKb)} to ${mebibytes(last.memoryKb)} in ${minutes(seconds)}; RAM is full in ${minutes(fullSeconds)}`;
}

/** The median of each third of the way: one odd reading moves none of them. */
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

const mebibytes = (kb: KiB): string => `${Math.round(kb / 1024)} MiB`;
