import { CONTAINER_LABEL, LIVED_IN_RANGE } from './container.ts';
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
  sql: `SELECT ${CONTAINER_LABEL} AS "Contenedor", CAST(peak_rss_kb AS REAL) AS "RAM"
FROM container
WHERE ${LIVED_IN_RANGE} AND peak_rss_kb > 0
ORDER BY peak_rss_kb DESC, key
LIMIT 5`,
};
