import type { Panel } from './panel.ts';
import { IN_RANGE, SPAN } from './range.ts';

export const containersCpuOverTime: Panel = {
  id: 'containers-cpu-over-time',
  title: 'CPU de los contenedores por clase',
  description:
    'Suma de la CPU de los contenedores gestionados, promediada por intervalo; 100 % es un núcleo.',
  kind: 'line',
  unit: 'percent',
  stacked: true,
  sql: `WITH ${SPAN},
moment(at, low, high, unknown) AS (
  SELECT at,
         TOTAL(cpu_percent) FILTER (WHERE s.level = 'low'),
         TOTAL(cpu_percent) FILTER (WHERE s.level = 'high'),
         TOTAL(cpu_percent) FILTER (WHERE s.level = 'unknown')
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
