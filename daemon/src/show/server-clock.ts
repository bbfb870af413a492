import type { Database } from '../record/queries.ts';
import { readNewest } from '../record/queries-page.ts';
import { isSimulated } from '../record/simulated.ts';

/** The present as the page sees it. */
export interface ServerClock {
  /** Epoch seconds. */
  readonly now: number;
  /** The record is of a simulated host: its present is its newest cycle, and does not move. */
  readonly isSimulated: boolean;
}

export function serverClock(db: Database, nowSeconds: number): ServerClock {
  if (!isSimulated(db)) return { now: nowSeconds, isSimulated: false };
  return { now: Number(readNewest(db)?.['at'] ?? nowSeconds), isSimulated: true };
}
