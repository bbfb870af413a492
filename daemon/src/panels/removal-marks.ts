import { IN_RANGE } from './range.ts';

/** Marks on every time axis: when something was removed and why. Rows: `time`, `text`. */
export const removalMarks = {
  title: 'Eliminaciones',
  sql: `SELECT at AS time, name || ': ' || because AS text
FROM action
WHERE ${IN_RANGE} AND kind = 'remove' AND result = 'done'
ORDER BY at DESC, id DESC
LIMIT 500`,
} as const;
