import type { Millis } from '../model/units.ts';

/**
 * The time range in SQL. Grafana writes the two placeholders itself, as integers; `bindRange` does so elsewhere.
 * Being integers, `/ 1000` is SQLite's integer division: epoch seconds, as the columns have them.
 */
export const IN_RANGE = 'at BETWEEN $__from / 1000 AND $__to / 1000';

/** Replaces the placeholders of a panel's SQL. Only integers can get into the text. */
export function bindRange(sql: string, fromMs: Millis, toMs: Millis): string {
  for (const bound of [fromMs, toMs]) {
    if (!Number.isSafeInteger(bound))
      throw new RangeError(`a time range needs whole milliseconds, not ${bound}`);
  }
  return sql.replace(/\$__(from|to)\b/g, (_, end: string) => String(end === 'from' ? fromMs : toMs));
}
