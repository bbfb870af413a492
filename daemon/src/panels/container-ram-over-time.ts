import { CHOSEN } from './chosen-container.ts';
import type { Panel } from './panel.ts';

export const containerRamOverTime: Panel = {
  id: 'container-ram-over-time',
  title: 'RAM del contenedor',
  description:
    'El máximo de cada intervalo: RSS de sus procesos, lo que cuenta su cgroup sin la caché recuperable, y su límite.',
  kind: 'line',
  unit: 'kib',
  perContainer: true,
  sql: `WITH ${CHOSEN}
SELECT at / step * step AS time,
       MAX(rss_kb) AS "RSS",
       MAX(memory_used_kb) AS "Sin caché",
       MAX(memory_limit_kb) AS "Límite"
FROM rows, span
GROUP BY time
ORDER BY time`,
  dashed: ['Límite'],
};
