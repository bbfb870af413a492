import type { Panel } from './panel.ts';
import { average, HOST } from './source.ts';

export const hostCpuOverTime: Panel = {
  id: 'host-cpu-over-time',
  title: 'CPU del anfitrión en el tiempo',
  description: 'Promedio y máximo por intervalo; 100 % es la máquina entera.',
  kind: 'line',
  unit: 'percent',
  max: 100,
  sql: `WITH ${HOST}
SELECT at / step * step AS time,
       ${average('cpu_percent / cpus')} AS "Promedio",
       CAST(MAX(cpu_percent_max / cpus) AS REAL) AS "Máximo"
FROM host, span
WHERE cpu_percent IS NOT NULL
GROUP BY time
ORDER BY time`,
};
