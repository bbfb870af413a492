import { setTimeout as sleep } from 'node:timers/promises';
import { openForReading } from '../record/database.ts';
import { type ActionRow, type EventFilter, readEvents } from '../record/queries.ts';
import { untilSignal } from './common.ts';

const LOOK_MS = 1000;
/** More new actions than these within one look are passed over: the record has them. */
const MOST_AT_ONCE = 500;

/**
 * Prints the actions that the filter chooses, the oldest first, then each new one until the first signal. Opens the file
 * for each look, since the daemon may set it aside as damaged; the first look may throw, later ones wait for the file.
 */
export async function followEvents(
  database: string,
  filter: EventFilter,
  print: (action: ActionRow) => void,
): Promise<void> {
  const signal = untilSignal();
  let last = show(look(database, filter), 0, print);
  for (;;) {
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    try {
      last = show(look(database, { ...filter, limit: MOST_AT_ONCE, after: last }), last, print);
    } catch {
      // It is being replaced: the next look finds the new one.
    }
  }
}

function look(database: string, filter: EventFilter): ActionRow[] {
  const db = openForReading(database);
  try {
    return readEvents(db, filter);
  } finally {
    db.close();
  }
}

/** Returns the `id` of the newest action so far; one without a row of its own any more has none. */
function show(newestFirst: readonly ActionRow[], last: number, print: (action: ActionRow) => void): number {
  for (const action of newestFirst.toReversed()) print(action);
  return Math.max(last, ...newestFirst.map(({ id }) => Number(id ?? 0)));
}
