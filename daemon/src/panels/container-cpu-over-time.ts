import { CHOSEN_CONTAINER } from './container.ts';
import type { Panel } from './panel.ts';
import { IN_RANGE, SPAN } from './range.ts';

export const containerCpuOverTime: Panel = {
  id: 'container-cpu-over-time',
  title: 'CPU del contenedor',
  description: 'Promedio y máximo por intervalo; 100 % es un núcleo.',
  kind: 'line',
  unit: 'percent',
  perContainer: true,
  sql: `WITH ${SPAN}
SELECT at / step * step AS time,
       CAST(AVG(cpu_percent) AS REAL) AS "Promedio",
       CAST(MAX(cpu_percent) AS REAL) AS "Máximo"
FROM container_sample, span
WHERE container = ${CHOSEN_CONTAINER} AND ${IN_RANGE} AND cpu_percent IS NOT NULL
GROUP BY time
ORDER BY time`,
};
