import type { Panel } from './panel.ts';
import { REQUIRED } from './required.ts';
import { CYCLES } from './source.ts';

/** Draws the minimum of each interval, because an average would hide a short dip below the quota. */
export const runningOverTime: Panel = {
  id: 'running-over-time',
  title: 'En ejecución contra lo requerido',
  description:
    'Contenedores gestionados al terminar cada ciclo: el mínimo de cada intervalo, y el máximo de los que aún no ' +
    'tienen clase.',
  kind: 'line',
  unit: 'count',
  decimals: 0,
  sql: `WITH ${CYCLES}
SELECT at / step * step AS time,
       MIN(low) AS "Bajo consumo",
       MIN(high) AS "Alto consumo",
       MAX(unknown) AS "Sin clasificar",
       ${REQUIRED.low} AS "Bajo requerido",
       ${REQUIRED.high} AS "Alto requerido"
FROM cycles, span
GROUP BY time
ORDER BY time`,
  dashed: ['Bajo requerido', 'Alto requerido'],
};
