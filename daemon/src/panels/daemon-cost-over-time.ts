import type { Panel } from './panel.ts';
import { IN_RANGE, SPAN } from './range.ts';

export const daemonCostOverTime: Panel = {
  id: 'daemon-cost-over-time',
  title: 'Lo que tarda un ciclo de Vigía',
  description:
    'Promedio por intervalo de cada etapa. Actuar (eje derecho) incluye la espera a que los contenedores terminen.',
  kind: 'line',
  unit: 'milliseconds',
  sql: `WITH ${SPAN}
SELECT at / step * step AS time,
       CAST(AVG(sense_ms) AS REAL) AS "Leer",
       CAST(AVG(decide_ms) AS REAL) AS "Decidir",
       CAST(AVG(act_ms) AS REAL) AS "Actuar"
FROM cycle, span
WHERE ${IN_RANGE}
GROUP BY time
ORDER BY time`,
  rightAxis: ['Actuar'],
};
