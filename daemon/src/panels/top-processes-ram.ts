import type { Panel } from './panel.ts';
import { IN_TIER, NOT_IN_TIER, SPAN } from './source.ts';

export const topProcessesRam: Panel = {
  id: 'top-processes-ram',
  title: 'Top 5 de procesos por RAM',
  description:
    'Pico de RSS de cada proceso en el rango, aunque ya haya terminado; los de contenedores incluidos. Más allá de 6 horas, todos los de un mismo nombre juntos.',
  kind: 'pie',
  unit: 'kib',
  decimals: 1,
  sql: `WITH ${SPAN},
seen(name, pid, used) AS (
  SELECT name, NULL, rss_kb_max FROM process_tier WHERE ${IN_TIER}
  UNION ALL
  SELECT name, CASE (SELECT step FROM source) WHEN 20 THEN pid END, rss_kb FROM process_sample WHERE ${NOT_IN_TIER}
)
SELECT name || COALESCE(' (pid ' || pid || ')', '') AS "Proceso", CAST(MAX(used) AS REAL) AS "RAM"
FROM seen
WHERE used > 0
GROUP BY pid, name
ORDER BY 2 DESC, pid, name
LIMIT 5`,
};
