import type { Panel } from './panel.ts';
import { IN_TIER, NOT_IN_TIER, SPAN } from './source.ts';

export const topProcessesCpu: Panel = {
  id: 'top-processes-cpu',
  title: 'Top 5 de procesos por CPU',
  description:
    'Pico de CPU de cada proceso en el rango (100 % es un núcleo), aunque ya haya terminado; los de contenedores ' +
    'incluidos. Más allá de 6 horas, todos los de un mismo nombre juntos.',
  kind: 'pie',
  unit: 'percent',
  decimals: 2,
  sql: `WITH ${SPAN},
seen(name, pid, used) AS (
  SELECT name, NULL, cpu_percent_max FROM process_tier WHERE ${IN_TIER}
  UNION ALL
  SELECT name, CASE (SELECT step FROM source) WHEN 20 THEN pid END, cpu_percent FROM process_sample WHERE ${NOT_IN_TIER}
)
SELECT name || COALESCE(' (pid ' || pid || ')', '') AS "Proceso", CAST(MAX(used) AS REAL) AS "CPU"
FROM seen
WHERE used > 0
GROUP BY pid, name
ORDER BY 2 DESC, pid, name
LIMIT 5`,
};
