import type { Panel } from './panel.ts';
import { average, HOST } from './source.ts';

export const ramOverTime: Panel = {
  id: 'ram-over-time',
  title: 'Uso de RAM a lo largo del tiempo',
  description: 'Promedio por intervalo. En uso = total − disponible.',
  kind: 'line',
  unit: 'kib',
  sql: `WITH ${HOST}
SELECT at / step * step AS time,
       ${average('used_kb')} AS "En uso",
       ${average('free_kb')} AS "Libre",
       CAST(MAX(total_kb) AS REAL) AS "Total"
FROM host, span
GROUP BY time
ORDER BY time`,
  dashed: ['Total'],
};
