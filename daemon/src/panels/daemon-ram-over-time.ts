import type { Panel } from './panel.ts';
import { IN_RANGE, SPAN } from './range.ts';

export const daemonRamOverTime: Panel = {
  id: 'daemon-ram-over-time',
  title: 'RAM de Vigía',
  description: 'RSS del proceso que decide: el máximo de cada intervalo.',
  kind: 'line',
  unit: 'kib',
  sql: `WITH ${SPAN}
SELECT at / step * step AS time, MAX(rss_kb) AS "RSS"
FROM cycle, span
WHERE ${IN_RANGE}
GROUP BY time
ORDER BY time`,
};
