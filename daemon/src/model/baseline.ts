import type { Percent } from './units.ts';

/** How many observations of an image are kept: at one a cycle of 20 s, not quite three hours. */
export const BASELINE_SIZE = 500;
/** Fewer say nothing about what is usual. */
const ENOUGH = 30;
const DEVIATIONS = 3;

/** What is usual for an image, learned from its containers. */
export interface Baseline {
  /** All observations ever taken. */
  readonly taken: number;
  /** At most BASELINE_SIZE each, in the order of their slots. */
  readonly cpuPercent: readonly Percent[];
  readonly memPercent: readonly Percent[];
  /** Median + 3 MAD of each; null while there are too few to say. */
  readonly usual: Usual | null;
}

export interface Usual {
  readonly cpuPercent: Percent;
  readonly memPercent: Percent;
}

/** Where an observation is kept: the ring's oldest makes room. */
export const slotOf = ({ taken }: Pick<Observation, 'taken'>): number => (taken - 1) % BASELINE_SIZE;

/** One container's use in one cycle, taken for its image. */
export interface Observation {
  /** The repository, without tag or digest. */
  readonly image: string;
  /** Of all observations of it, counted from 1. */
  readonly taken: number;
  readonly cpuPercent: Percent;
  readonly memPercent: Percent;
}

/** null while there is too little to say. */
export function usualOf({ cpuPercent, memPercent }: Omit<Baseline, 'taken' | 'usual'>): Usual | null {
  if (cpuPercent.length < ENOUGH) return null;
  return { cpuPercent: highestUsual(cpuPercent), memPercent: highestUsual(memPercent) };
}

/** Median + 3 MAD: what half of the observations are cannot be moved by the other half. */
function highestUsual(values: readonly Percent[]): Percent {
  const middle = median(values);
  return middle + DEVIATIONS * median(values.map((value) => Math.abs(value - middle)));
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? 0) + (sorted[Math.floor(half)] ?? 0)) / 2;
}
