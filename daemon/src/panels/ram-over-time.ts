import type { Panel } from './panel.ts';
import { IN_RANGE, SPAN } from './range.ts';

export const ramOverTime: Panel = {
  id: 'ram-over-time',
  title: 'Uso de RAM a lo largo del tiempo',
  description: 'Promedio por intervalo. En uso = total − disponible.',
  kind: 'line',
  unit: 'kib',
  sql: `WITH ${SPAN}
SELECT at / step * step AS time,
       CAST(AVG(used_kb) AS REAL) AS "En uso",
       CAST(AVG(free_kb) AS REAL) AS "Libre",
       CAST(MAX(total_kb) AS REAL) AS "Total"
FROM host_sample, span
WHERE ${IN_RANGE}
GROUP BY time
ORDER BY time`,
  dashed: ['Total'],
};
