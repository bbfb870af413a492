import type { Panel } from './panel.ts';
import { average, HOST } from './source.ts';

export const loadOverTime: Panel = {
  id: 'load-over-time',
  title: 'Carga del anfitrión',
  description:
    'Tareas que corren o esperan CPU o disco (carga de 1 minuto), promedio y máximo por intervalo. Por encima del número de ' +
    'núcleos hay quien espera.',
  kind: 'line',
  unit: 'count',
  decimals: 2,
  sql: `WITH ${HOST}
SELECT at / step * step AS time,
       ${average('load1')} AS "Promedio",
       CAST(MAX(load1_max) AS REAL) AS "Máximo",
       MAX(cpus) AS "Núcleos"
FROM host, span
WHERE load1 IS NOT NULL
GROUP BY time
ORDER BY time`,
  dashed: ['Núcleos'],
};
