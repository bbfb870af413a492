/** Random numbers from a seed: the same seed gives the same sequence. */
export interface Random {
  /** At least 0, below 1. */
  next(): number;
  chance(probability: number): boolean;
  between(range: readonly [number, number]): number;
  /** One of the keys, with a probability in proportion to its weight. */
  pick(weights: Readonly<Record<string, number>>): string;
}

/** The generator Mulberry32: small, fast, and good enough for workloads. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return {
    next,
    chance: (probability) => next() < probability,
    between: ([from, to]) => from + next() * (to - from),
    pick(weights) {
      const entries = Object.entries(weights);
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of entries) {
        left -= weight;
        if (left < 0) return key;
      }
      return entries.at(-1)?.[0] ?? '';
    },
  };
}
