import type { Panel } from './panel.ts';
import { CYCLES } from './source.ts';

/** Every cycle records how many it removed, so a quiet time is drawn as zero and a time without the daemon as a gap. */
export const removedOverTime: Panel = {
  id: 'removed-over-time',
  title: 'Eliminados a lo largo del tiempo',
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
