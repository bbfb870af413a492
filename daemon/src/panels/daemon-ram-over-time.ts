import type { Panel } from './panel.ts';
import { CYCLES } from './source.ts';

export const daemonRamOverTime: Panel = {
  id: 'daemon-ram-over-time',
  title: 'RAM de Vigía',
  description: 'RSS del proceso que decide: el máximo de cada intervalo.',
  kind: 'line',
  unit: 'kib',
  sql: `WITH ${CYCLES}
SELECT at / step * step AS time, MAX(rss_kb) AS "RSS"
FROM cycles, span
GROUP BY time
ORDER BY time`,
};
