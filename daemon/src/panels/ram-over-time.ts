import type { Panel } from './panel.ts';
import { average, HOST } from './source.ts';

export const ramOverTime: Panel = {
  id: 'ram-over-time',
  title: 'Uso de RAM a lo largo del tiempo',
  description:
    'Promedio por intervalo. En uso = total − disponible; recuperable: caché que el núcleo cede cuando hace falta; los tres suman el total.',
  kind: 'line',
  unit: 'kib',
  stacked: true,
  sql: `WITH ${HOST}
SELECT at / step * step AS time,
       ${average('used_kb')} AS "En uso",
       ${average('MAX(0, total_kb - used_kb - free_kb)')} AS "Recuperable",
       ${average('free_kb')} AS "Libre"
FROM host, span
GROUP BY time
ORDER BY time`,
};
