import type { Panel } from './panel.ts';
import { average, IN_TIER, NOT_IN_TIER, SPAN } from './source.ts';

export const processesOverTime: Panel = {
  id: 'processes-over-time',
  title: 'Procesos a lo largo del tiempo',
  description: 'Promedio por intervalo del total (eje derecho), en ejecución, bloqueados en E/S y zombis.',
  kind: 'line',
  unit: 'count',
  sql: `WITH ${SPAN},
moment(at, samples, total, running, blocked, zombies) AS (
  SELECT at,
         step / 20,
         TOTAL(count_avg),
         TOTAL(count_avg) FILTER (WHERE state = 'R'),
         TOTAL(count_avg) FILTER (WHERE state = 'D'),
         TOTAL(count_avg) FILTER (WHERE state = 'Z')
  FROM process_count_tier
  WHERE ${IN_TIER}
  GROUP BY at
  UNION ALL
  SELECT at,
         1,
         TOTAL(count),
         TOTAL(count) FILTER (WHERE state = 'R'),
         TOTAL(count) FILTER (WHERE state = 'D'),
         TOTAL(count) FILTER (WHERE state = 'Z')
  FROM process_count
  WHERE ${NOT_IN_TIER}
  GROUP BY at
)
SELECT at / step * step AS time,
       ${average('running')} AS "En ejecución",
       ${average('blocked')} AS "Bloqueados",
       ${average('zombies')} AS "Zombis",
       ${average('total')} AS "Total"
FROM moment, span
GROUP BY time
ORDER BY time`,
  rightAxis: ['Total'],
};
