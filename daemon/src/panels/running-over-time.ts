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
    'tienen clase. Un ciclo que todavía no conoce ninguna, como el primero después de un arranque, no cuenta. Lo requerido es la cuota del último ciclo.',
  kind: 'line',
  unit: 'count',
  decimals: 0,
  sql: `WITH ${CYCLES},
quota(low_keep, high_keep) AS (SELECT MAX(low_keep), MAX(high_keep) FROM (
  SELECT low_keep, high_keep FROM cycle WHERE ${IN_RANGE} ORDER BY at DESC, tick DESC LIMIT 1
))
SELECT at / step * step AS time,
       MIN(CASE WHEN low + high > 0 OR unknown = 0 THEN low END) AS "Bajo consumo",
       MIN(CASE WHEN low + high > 0 OR unknown = 0 THEN high END) AS "Alto consumo",
       MAX(unknown) AS "Sin clasificar",
       NULLIF(COALESCE(low_keep, ${REQUIRED.low}), 0) AS "Bajo requerido",
       NULLIF(COALESCE(high_keep, ${REQUIRED.high}), 0) AS "Alto requerido"
FROM cycles, span, quota
GROUP BY time
ORDER BY time`,
  dashed: ['Bajo requerido', 'Alto requerido'],
};
