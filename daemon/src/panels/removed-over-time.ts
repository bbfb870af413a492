import type { Panel } from './panel.ts';
import { CYCLES } from './source.ts';

/** Every cycle says how many it removed: a quiet time is drawn at zero; a time without the daemon has no points at all. */
export const removedOverTime: Panel = {
  id: 'removed-over-time',
  title: 'Contenedores eliminados a lo largo del tiempo',
  description: 'Por intervalo (eje izquierdo) y acumulados desde el inicio del rango (eje derecho).',
  kind: 'line',
  unit: 'count',
  decimals: 0,
  sql: `WITH ${CYCLES},
bucket(time, removed) AS (SELECT at / step * step, SUM(removed) FROM cycles, span GROUP BY 1)
SELECT time, removed AS "Por intervalo", SUM(removed) OVER (ORDER BY time) AS "Acumulados"
FROM bucket
ORDER BY time`,
  rightAxis: ['Acumulados'],
};
