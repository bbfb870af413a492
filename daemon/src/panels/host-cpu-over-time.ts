import type { Panel } from './panel.ts';
import { IN_RANGE, SPAN } from './range.ts';

export const hostCpuOverTime: Panel = {
  id: 'host-cpu-over-time',
  title: 'CPU del anfitrión a lo largo del tiempo',
  description: 'Promedio y máximo por intervalo; 100 % es la máquina entera.',
  kind: 'line',
  unit: 'percent',
  max: 100,
  sql: `WITH ${SPAN}
SELECT at / step * step AS time,
       CAST(AVG(cpu_percent / cpus) AS REAL) AS "Promedio",
       CAST(MAX(cpu_percent / cpus) AS REAL) AS "Máximo"
FROM host_sample, span
WHERE ${IN_RANGE} AND cpu_percent IS NOT NULL
GROUP BY time
ORDER BY time`,
};
