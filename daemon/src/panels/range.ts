import type { Millis } from '../model/units.ts';

/**
 * SQL condition for the time range. Grafana replaces the two placeholders with integers; elsewhere `bindRange` does.
 * The division of integers gives whole epoch seconds, the unit of the columns.
 */
export const IN_RANGE = 'at BETWEEN $__from / 1000 AND $__to / 1000';

/**
 * Replaces the placeholders of a panel's SQL. Throws RangeError for anything but integers, so no SQL can be injected.
 */
export function bindRange(sql: string, fromMs: Millis, toMs: Millis): string {
  for (const bound of [fromMs, toMs]) {
    if (!Number.isSafeInteger(bound))
      throw new RangeError(`a time range needs whole milliseconds, not ${bound}`);
  }
  return sql.replace(/\$__(from|to)\b/g, (_, end: string) => String(end === 'from' ? fromMs : toMs));
}
