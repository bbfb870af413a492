import { CHOSEN } from './chosen-container.ts';
import type { Panel } from './panel.ts';

export const containerRamOverTime: Panel = {
  id: 'container-ram-over-time',
  title: 'RAM del contenedor',
  description:
    'El máximo de cada intervalo: RSS de sus procesos; la memoria que liberaría si terminara (anónima, compartida y del kernel que no se recupera; la caché de archivos no cuenta), de la que sale su clase; y su límite.',
  kind: 'line',
  unit: 'kib',
  perContainer: true,
  sql: `WITH ${CHOSEN}
SELECT at / step * step AS time,
       MAX(rss_kb) AS "RSS",
       MAX(memory_used_kb) AS "Liberaría",
       MAX(memory_limit_kb) AS "Límite"
FROM rows, span
GROUP BY time
ORDER BY time`,
  dashed: ['Límite'],
};
