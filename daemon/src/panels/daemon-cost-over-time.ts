import type { Panel } from './panel.ts';
import { average, CYCLES } from './source.ts';

export const daemonCostOverTime: Panel = {
  id: 'daemon-cost-over-time',
  title: 'Lo que tarda un ciclo de Vigía',
  description:
    'Promedio por intervalo de cada etapa. Actuar (eje derecho) incluye la espera a que los contenedores terminen.',
  kind: 'line',
  unit: 'milliseconds',
  sql: `WITH ${CYCLES}
SELECT at / step * step AS time,
       ${average('sense_ms')} AS "Leer",
       ${average('decide_ms')} AS "Decidir",
       ${average('act_ms')} AS "Actuar"
FROM cycles, span
GROUP BY time
ORDER BY time`,
  rightAxis: ['Actuar'],
};
