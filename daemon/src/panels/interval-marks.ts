import { reasonColumn } from './reason-column.ts';
import { CYCLES } from './source.ts';

/** More marks than these would touch each other on a chart of usual width. */
const MOST_MARKS = 60;

/**
 * Removals to mark on the page's time axes, at most one mark for each interval, over the whole range however many there
 * were. Rows: `time` and `until` (epoch seconds, the end excluded), `removed`, and of the newest of them, where it is
 * still recorded one by one: `name`, `container`, `text`.
 */
export const intervalMarks = {
  sql: `WITH ${CYCLES},
width(seconds) AS (
  SELECT (($__to - $__from) / 1000 / ${MOST_MARKS} + step) / step * step FROM span
),
mark(time, removed) AS (
  SELECT at / seconds * seconds, SUM(removed) FROM cycles, width GROUP BY 1 HAVING SUM(removed) > 0
),
latest(time, until, removed, id) AS (
  SELECT time, time + seconds, removed, (
    SELECT id FROM action
    WHERE at >= time AND at < time + seconds AND kind = 'remove' AND result = 'done' ORDER BY at DESC, id DESC LIMIT 1)
  FROM mark, width
)
SELECT time, until, removed, name, container_id AS container, ${reasonColumn('because')} AS text
FROM latest LEFT JOIN action ON action.id = latest.id
ORDER BY time`,
} as const;
