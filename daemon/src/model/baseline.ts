import type { Percent } from './units.ts';

/** How many observations of an image are kept: at one per 20 s cycle, almost three hours. */
export const BASELINE_SIZE = 500;
/** With fewer observations nothing counts as usual. */
const ENOUGH = 30;
const DEVIATIONS = 3;

/** What is usual for an image, learned from its containers. */
export interface Baseline {
  /** Number of observations ever taken. */
  readonly taken: number;
  /** At most BASELINE_SIZE values each, in slot order. */
  readonly cpuPercent: readonly Percent[];
  readonly memPercent: readonly Percent[];
  /** Median + 3 MAD of each; null while there are too few observations. */
  readonly usual: Usual | null;
}

export interface Usual {
  readonly cpuPercent: Percent;
  readonly memPercent: Percent;
}

/** The slot of an observation in the ring buffer, where it overwrites the oldest one. */
export const slotOf = ({ taken }: Pick<Observation, 'taken'>): number => (taken - 1) % BASELINE_SIZE;

/** The resource use of one container in one cycle, as an observation of its image. */
export interface Observation {
  /** The repository, without tag or digest. */
  readonly image: string;
  /** Sequence number among all observations of the image, from 1. */
  readonly taken: number;
  readonly cpuPercent: Percent;
  readonly memPercent: Percent;
}

/** What is usual, from the observations; null while there are too few. */
export function usualOf({ cpuPercent, memPercent }: Omit<Baseline, 'taken' | 'usual'>): Usual | null {
  if (cpuPercent.length < ENOUGH) return null;
  return { cpuPercent: highestUsual(cpuPercent), memPercent: highestUsual(memPercent) };
}

/** Median + 3 MAD, so that outliers do not move it as long as they are fewer than half of the observations. */
function highestUsual(values: readonly Percent[]): Percent {
  const middle = median(values);
  return middle + DEVIATIONS * median(values.map((value) => Math.abs(value - middle)));
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? 0) + (sorted[Math.floor(half)] ?? 0)) / 2;
}
