import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';

export const topProcessesCpu: Panel = {
  id: 'top-processes-cpu',
  title: 'Top 5 de procesos por CPU',
  description:
    'Pico de CPU de cada proceso en el rango (100 % es un núcleo), aunque ya haya terminado; los de contenedores ' +
    'incluidos.',
  kind: 'pie',
  unit: 'percent',
  decimals: 2,
  sql: `SELECT name || ' (pid ' || pid || ')' AS "Proceso", CAST(MAX(cpu_percent) AS REAL) AS "CPU"
FROM process_sample
WHERE ${IN_RANGE} AND cpu_percent > 0
GROUP BY pid, name
ORDER BY 2 DESC, pid, name
LIMIT 5`,
};
