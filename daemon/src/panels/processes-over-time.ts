import type { Panel } from './panel.ts';
import { IN_RANGE, SPAN } from './range.ts';

export const processesOverTime: Panel = {
  id: 'processes-over-time',
  title: 'Procesos a lo largo del tiempo',
  description: 'Promedio por intervalo del total (eje derecho), en ejecución, bloqueados en E/S y zombis.',
  kind: 'line',
  unit: 'count',
  sql: `WITH ${SPAN},
moment(at, total, running, blocked, zombies) AS (
  SELECT at,
         TOTAL(count),
         TOTAL(count) FILTER (WHERE state = 'R'),
         TOTAL(count) FILTER (WHERE state = 'D'),
         TOTAL(count) FILTER (WHERE state = 'Z')
  FROM process_count
  WHERE ${IN_RANGE}
  GROUP BY at
)
SELECT at / step * step AS time,
       CAST(AVG(running) AS REAL) AS "En ejecución",
       CAST(AVG(blocked) AS REAL) AS "Bloqueados",
       CAST(AVG(zombies) AS REAL) AS "Zombis",
       CAST(AVG(total) AS REAL) AS "Total"
FROM moment, span
GROUP BY time
ORDER BY time`,
  rightAxis: ['Total'],
};
