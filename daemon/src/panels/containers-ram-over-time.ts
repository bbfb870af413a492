import type { Panel } from './panel.ts';
import { IN_RANGE, SPAN } from './range.ts';

export const containersRamOverTime: Panel = {
  id: 'containers-ram-over-time',
  title: 'RAM de los contenedores por clase',
  description: 'Suma del RSS de los contenedores gestionados, promediada por intervalo.',
  kind: 'line',
  unit: 'kib',
  stacked: true,
  sql: `WITH ${SPAN},
moment(at, low, high, unknown) AS (
  SELECT at,
         TOTAL(rss_kb) FILTER (WHERE s.level = 'low'),
         TOTAL(rss_kb) FILTER (WHERE s.level = 'high'),
         TOTAL(rss_kb) FILTER (WHERE s.level = 'unknown')
  FROM container_sample s JOIN container c ON c.key = s.container
  WHERE ${IN_RANGE} AND c.managed = 1
  GROUP BY at
)
SELECT at / step * step AS time,
       CAST(AVG(low) AS REAL) AS "Bajo consumo",
       CAST(AVG(high) AS REAL) AS "Alto consumo",
       CAST(AVG(unknown) AS REAL) AS "Sin clasificar"
FROM moment, span
GROUP BY time
ORDER BY time`,
};
