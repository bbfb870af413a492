import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';

export const topProcessesRam: Panel = {
  id: 'top-processes-ram',
  title: 'Top 5 de procesos por RAM',
  description:
    'Pico de RSS de cada proceso en el rango, aunque ya haya terminado; los de contenedores incluidos.',
  kind: 'pie',
  unit: 'kib',
  decimals: 1,
  sql: `SELECT name || ' (pid ' || pid || ')' AS "Proceso", CAST(MAX(rss_kb) AS REAL) AS "RAM"
FROM process_sample
WHERE ${IN_RANGE} AND rss_kb > 0
GROUP BY pid, name
ORDER BY 2 DESC, pid, name
LIMIT 5`,
};
