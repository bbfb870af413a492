import type { Breach, Pattern } from '../model/breach.ts';
import { forkStorm } from './patterns/fork-storm.ts';
import { hoard } from './patterns/hoard.ts';
import { ioStorm } from './patterns/io-storm.ts';
import { leak } from './patterns/leak.ts';
import type { PatternCheck, PatternInput } from './patterns/pattern-input.ts';
import { spin } from './patterns/spin.ts';

/** The most serious first. */
const PATTERNS: readonly (readonly [Pattern, PatternCheck])[] = [
  ['fork-storm', forkStorm],
  ['hoard', hoard],
  ['leak', leak],
  ['io-storm', ioStorm],
  ['spin', spin],
];

/**
 * Each pattern that shows now, and since when. `sinceNs` holds the start of those that showed in the last reading too.
 */
export function breachesOf(
  input: PatternInput,
  sinceNs: Readonly<Partial<Record<Pattern, number>>>,
): Breach[] {
  return PATTERNS.flatMap(([pattern, shows]): Breach[] => {
    const because = shows(input);
    return because === null ? [] : [{ pattern, because, sinceNs: sinceNs[pattern] ?? input.now.monotonicNs }];
  });
}
