import type { Panel } from './panel.ts';
import { IN_RANGE, SPAN } from './range.ts';

export const loadOverTime: Panel = {
  id: 'load-over-time',
  title: 'Carga del anfitrión',
  description:
    'Tareas que corren o esperan CPU o disco (carga de 1 minuto), promedio y máximo por intervalo. Por encima del número de ' +
    'núcleos hay quien espera.',
  kind: 'line',
  unit: 'count',
  decimals: 2,
  sql: `WITH ${SPAN}
SELECT at / step * step AS time,
       CAST(AVG(load1) AS REAL) AS "Promedio",
       CAST(MAX(load1) AS REAL) AS "Máximo",
       MAX(cpus) AS "Núcleos"
FROM host_sample, span
WHERE ${IN_RANGE} AND load1 IS NOT NULL
GROUP BY time
ORDER BY time`,
  dashed: ['Núcleos'],
};
