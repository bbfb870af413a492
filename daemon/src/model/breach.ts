import type { Reason } from './reason.ts';
import type { Nanoseconds } from './units.ts';

/**
 * How a container misbehaves. Flapping is not included: a container that restarts over and over may not be running when
 * it is sampled.
 */
export type Pattern = 'spin' | 'hoard' | 'leak' | 'fork-storm' | 'io-storm';

/**
 * A soft threshold that a container exceeds now. It becomes a reason to act when it has lasted for the grace period.
 */
export interface Breach {
  readonly pattern: Pattern;
  /** Since when the pattern has shown without a break. */
  readonly sinceNs: Nanoseconds;
  /** Its evidence: figures and the threshold. */
  readonly because: Reason;
}
