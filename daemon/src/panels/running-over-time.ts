import type { Panel } from './panel.ts';
import { IN_RANGE, SPAN } from './range.ts';
import { REQUIRED } from './required.ts';

/** The minimum of each interval, never its average: a short dip below the floor is what one looks for. */
export const runningOverTime: Panel = {
  id: 'running-over-time',
  title: 'En ejecución contra lo requerido',
  description:
    'Contenedores gestionados al terminar cada ciclo: el mínimo de cada intervalo, y el máximo de los que aún no ' +
    'tienen clase.',
  kind: 'line',
  unit: 'count',
  decimals: 0,
  sql: `WITH ${SPAN}
SELECT at / step * step AS time,
       MIN(low_after) AS "Bajo consumo",
       MIN(high_after) AS "Alto consumo",
       MAX(unknown_after) AS "Sin clasificar",
       ${REQUIRED.low} AS "Bajo requerido",
       ${REQUIRED.high} AS "Alto requerido"
FROM cycle, span
WHERE ${IN_RANGE}
GROUP BY time
ORDER BY time`,
  dashed: ['Bajo requerido', 'Alto requerido'],
};
