import { CONTAINER_LABEL } from './container.ts';
import { greatestLives } from './lives-query.ts';
import type { Panel } from './panel.ts';

export const topContainersRam: Panel = {
  id: 'top-containers-ram',
  title: 'Top 5 de contenedores por RAM',
  description:
    'Pico de RSS de los contenedores gestionados que vivieron en el rango, aunque ya se hayan eliminado. Los ' +
    'contenedores ajenos y los de Vigía y Grafana no cuentan aquí.',
  kind: 'pie',
  unit: 'kib',
  decimals: 1,
  sql: `WITH greedy AS (
${greatestLives('id, name, pid, peak_rss_kb', 'peak_rss_kb', 5)}
)
SELECT ${CONTAINER_LABEL} AS "Contenedor", CAST(peak_rss_kb AS REAL) AS "RAM"
FROM greedy
ORDER BY peak_rss_kb DESC, id
LIMIT 5`,
};
