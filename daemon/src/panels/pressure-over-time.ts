import type { Panel } from './panel.ts';
import { IN_RANGE, SPAN } from './range.ts';

export const pressureOverTime: Panel = {
  id: 'pressure-over-time',
  title: 'Presión sobre los recursos (PSI)',
  description:
    'Parte del tiempo en que alguna tarea («some») o todas («full») esperan un recurso. Vacío si el núcleo no la mide.',
  kind: 'line',
  unit: 'percent',
  sql: `WITH ${SPAN}
SELECT at / step * step AS time,
       CAST(MAX(memory_some_avg10) AS REAL) AS "Memoria, some",
       CAST(MAX(memory_full_avg10) AS REAL) AS "Memoria, full",
       CAST(MAX(io_full_avg10) AS REAL) AS "E/S, full",
       CAST(MAX(cpu_some_avg10) AS REAL) AS "CPU, some"
FROM host_sample, span
WHERE ${IN_RANGE} AND memory_some_avg10 IS NOT NULL
GROUP BY time
ORDER BY time`,
};
