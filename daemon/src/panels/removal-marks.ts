import { IN_RANGE } from './range.ts';
import { reasonColumn } from './reason-column.ts';

/** Marks for removals on every time axis. Rows: `time`, `text` (the container and the reason). */
export const removalMarks = {
  title: 'Eliminaciones',
  sql: `SELECT * FROM (
SELECT at AS time, name || ': ' || ${reasonColumn('because')} AS text
FROM action
WHERE ${IN_RANGE} AND kind = 'remove' AND result = 'done'
ORDER BY at DESC, id DESC
LIMIT 500)
UNION ALL
SELECT * FROM (
SELECT at, ${reasonColumn('line')}
FROM decision_line
WHERE ${IN_RANGE} AND removed > 0 AND at < COALESCE((SELECT MIN(at) FROM action), 1e12)
ORDER BY at DESC, tick DESC
LIMIT 500)
LIMIT 500`,
} as const;
