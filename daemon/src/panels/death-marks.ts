import { IN_RANGE } from './range.ts';
import { reasonColumn } from './reason-column.ts';

/**
 * Marks for containers that ended, or lost a process, unasked. Rows: `time`, `text` (the container and the
 * cause). Grafana would take the path of json_extract for a variable, hence the texts.
 */
export const deathMarks = {
  title: 'Finales inesperados',
  sql: `SELECT at AS time, name || ': ' || ${reasonColumn('because')} AS text
FROM engine_event
WHERE ${IN_RANGE}
  AND (kind = 'die' AND instr(because_code, '"code":"ended-by-') = 0
       OR kind = 'oom' AND instr(because_code, '"died":false') > 0)
ORDER BY at DESC, id DESC
LIMIT 500`,
} as const;
