import type { Reason } from './reason.ts';
import type { Nanoseconds } from './units.ts';

/** How a container misbehaves. Flapping is not among them: what restarts over and over may not even run when looked at. */
export type Pattern = 'spin' | 'hoard' | 'leak' | 'fork-storm' | 'io-storm';

/** A soft threshold that a container is beyond right now. It becomes a reason to act when it has lasted for its grace. */
export interface Breach {
  readonly pattern: Pattern;
  /** Since when it has shown without a break. */
  readonly sinceNs: Nanoseconds;
  /** Its evidence: figures and the threshold. */
  readonly because: Reason;
}
