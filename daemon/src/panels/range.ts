import type { Millis } from '../model/units.ts';

/**
 * The time range in SQL. Grafana writes the two placeholders itself, as integers; `bindRange` does so elsewhere.
 * Being integers, `/ 1000` is SQLite's integer division: epoch seconds, as the columns have them.
 */
export const IN_RANGE = 'at BETWEEN $__from / 1000 AND $__to / 1000';

/**
 * One point per cycle up to 3 h 20 min, then whole minutes, at most 600 points. Whole minutes, because the workload
 * comes in bursts of one minute: any other step would make the sums of neighbouring points swing.
 */
export const SPAN = `span(step) AS (
  SELECT CASE WHEN $__to - $__from <= 12000000 THEN 20 ELSE ($__to - $__from + 35999999) / 36000000 * 60 END
)`;

/** Replaces the placeholders of a panel's SQL. Only integers can get into the text. */
export function bindRange(sql: string, fromMs: Millis, toMs: Millis): string {
  for (const bound of [fromMs, toMs]) {
    if (!Number.isSafeInteger(bound))
      throw new RangeError(`a time range needs whole milliseconds, not ${bound}`);
  }
  return sql.replace(/\$__(from|to)\b/g, (_, end: string) => String(end === 'from' ? fromMs : toMs));
}
