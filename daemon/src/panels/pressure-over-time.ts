import type { Panel } from './panel.ts';
import { HOST } from './source.ts';

export const pressureOverTime: Panel = {
  id: 'pressure-over-time',
  title: 'Presión sobre los recursos (PSI)',
  description:
    'Parte del tiempo en que alguna tarea («some») o todas («full») esperan un recurso. Vacío si el núcleo no la mide.',
  kind: 'line',
  unit: 'percent',
  sql: `WITH ${HOST}
SELECT at / step * step AS time,
       CAST(MAX(memory_some) AS REAL) AS "Memoria, some",
       CAST(MAX(memory_full) AS REAL) AS "Memoria, full",
       CAST(MAX(io_full) AS REAL) AS "E/S, full",
       CAST(MAX(cpu_some) AS REAL) AS "CPU, some"
FROM host, span
WHERE memory_some IS NOT NULL
GROUP BY time
ORDER BY time`,
};
