import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Cron } from 'croner';
import * as v from 'valibot';
import type { Config, MaintenanceWindow } from '../model/config.ts';
import { errorMessage } from '../model/error-message.ts';
import { minuteOf, type Orders, UNDOABLE } from '../model/orders.ts';
import type { Millis, Seconds } from '../model/units.ts';

/** The longest pause, and for how long an undone remedy is barred. */
export const LONGEST_PAUSE_SECONDS = 7 * 86_400;
export const BAR_SECONDS = 3600;
/** A start that has not succeeded by then is not tried any more. */
export const START_SECONDS = 300;

const seconds = v.pipe(v.number(), v.integer(), v.minValue(0));
const id = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
/** The file that `vigia pause`, `resume` and `undo` write. */
const ORDERS = v.pipe(
  v.strictObject({
    /** Rises with every change: the loop says which one it has read. */
    revision: seconds,
    pauses: v.pipe(
      v.array(
        v.strictObject({
          targets: v.pipe(v.array(v.pipe(v.string(), v.maxLength(300))), v.maxLength(100)),
          from: seconds,
          until: seconds,
          why: v.pipe(v.string(), v.maxLength(200)),
          all: v.boolean(),
        }),
      ),
      v.maxLength(1000),
    ),
    bars: v.pipe(
      v.array(v.strictObject({ id, kind: v.picklist(UNDOABLE), until: seconds })),
      v.maxLength(10_000),
    ),
    starts: v.pipe(v.array(v.strictObject({ id, until: seconds })), v.maxLength(10_000)),
  }),
  v.check(
    ({ pauses }) => pauses.every(({ from, until }) => until - from <= LONGEST_PAUSE_SECONDS),
    'a pause is longer than a week',
  ),
);
export type OrdersFile = v.InferOutput<typeof ORDERS>;
export type OrderedPause = OrdersFile['pauses'][number];

const NOTHING: OrdersFile = { revision: 0, pauses: [], bars: [], starts: [] };

/** Beside the database, where only root writes and the page may read. */
export const ordersFileOf = (database: string): string => join(dirname(database), 'orders.json');

/** What the file orders; nothing where there is none. Throws when it is not such a file. */
export function readOrders(file: string): OrdersFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return NOTHING;
    throw error;
  }
  try {
    return v.parse(ORDERS, JSON.parse(text));
  } catch (error) {
    throw new Error(`${file}: ${errorMessage(error)}`);
  }
}

/** Without what has ended. */
export function unexpired(orders: OrdersFile, now: Seconds): OrdersFile {
  const lasts = ({ until }: { readonly until: Seconds }) => until > now;
  const { revision, pauses, bars, starts } = orders;
  return {
    revision,
    pauses: pauses.filter(lasts),
    bars: bars.filter(lasts),
    starts: starts.filter(lasts),
  };
}

/** What is in force at this time: what the file orders and the windows that are open. */
export function ordersAt(file: OrdersFile, windows: readonly MaintenanceWindow[], now: Millis): Orders {
  const { pauses, bars, starts } = unexpired(file, now / 1000);
  return {
    pauses: [
      ...pauses.map(({ targets, until, why, all }) => ({ targets, until: minuteOf(until), why, all })),
      ...windows.flatMap((window) => {
        const until = openUntil(window, now);
        const { targets, reason, all } = window;
        return until === null ? [] : [{ targets, until: minuteOf(until), why: reason, all }];
      }),
    ],
    bars: bars.map((bar) => ({ ...bar, until: minuteOf(bar.until) })),
    starts: starts.map((start) => start.id),
  };
}

/** What is in force now, as far as the file can be read: the loop says what is wrong with it. */
export function ordersNow({ database, maintenance }: Pick<Config, 'database' | 'maintenance'>): Orders {
  let file = NOTHING;
  try {
    file = readOrders(ordersFileOf(database));
  } catch {}
  return ordersAt(file, maintenance, Date.now());
}

/** When the window that is open now closes; null while none is. Where two overlap, the first one's end. */
function openUntil({ at, minutes, timeZone }: MaintenanceWindow, now: Millis): Seconds | null {
  const cron = new Cron(at, {
    paused: true,
    mode: '5-part',
    ...(timeZone === null ? {} : { timezone: timeZone }),
  });
  // The first beginning after this one that would just have ended.
  const begin = cron.nextRun(new Date(now - minutes * 60_000));
  return begin !== null && begin.getTime() <= now ? begin.getTime() / 1000 + minutes * 60 : null;
}
