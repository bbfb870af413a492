import { CHOSEN } from './chosen-container.ts';
import type { Panel } from './panel.ts';
import { average } from './source.ts';

export const containerCpuOverTime: Panel = {
  id: 'container-cpu-over-time',
  title: 'CPU del contenedor',
  description: 'Promedio y máximo por intervalo; 100 % es un núcleo.',
  kind: 'line',
  unit: 'percent',
  perContainer: true,
  sql: `WITH ${CHOSEN}
SELECT at / step * step AS time,
       ${average('cpu_percent')} AS "Promedio",
       CAST(MAX(cpu_percent_max) AS REAL) AS "Máximo"
FROM rows, span
WHERE cpu_percent IS NOT NULL
GROUP BY time
ORDER BY time`,
};
