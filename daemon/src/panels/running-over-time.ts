import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';
import { REQUIRED } from './required.ts';
import { CYCLES } from './source.ts';

/** Draws the minimum of each interval, because an average would hide a short dip below the quota. */
export const runningOverTime: Panel = {
  id: 'running-over-time',
  title: 'En ejecución contra lo requerido',
  description:
    'Contenedores desechables al terminar cada ciclo: el mínimo de cada intervalo, y el máximo de los que aún no ' +
    'tienen clase. Lo requerido es la cuota del último ciclo.',
  kind: 'line',
  unit: 'count',
  decimals: 0,
  sql: `WITH ${CYCLES},
quota(low_keep, high_keep) AS (SELECT MAX(low_keep), MAX(high_keep) FROM (
  SELECT low_keep, high_keep FROM cycle WHERE ${IN_RANGE} ORDER BY at DESC, tick DESC LIMIT 1
))
SELECT at / step * step AS time,
       MIN(low) AS "Bajo consumo",
       MIN(high) AS "Alto consumo",
       MAX(unknown) AS "Sin clasificar",
       COALESCE(low_keep, ${REQUIRED.low}) AS "Bajo requerido",
       COALESCE(high_keep, ${REQUIRED.high}) AS "Alto requerido"
FROM cycles, span, quota
GROUP BY time
ORDER BY time`,
  dashed: ['Bajo requerido', 'Alto requerido'],
};
