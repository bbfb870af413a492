import { CONTAINER_LABEL } from './container.ts';
import { greatestLives } from './lives-query.ts';
import type { Panel } from './panel.ts';

export const topContainersCpu: Panel = {
  id: 'top-containers-cpu',
  title: 'Top 5 de contenedores por CPU',
  description:
    'Pico de CPU (100 % es un núcleo) de los contenedores gestionados que vivieron en el rango, aunque ya se hayan ' +
    'eliminado. Los contenedores ajenos y los de Vigía y Grafana no cuentan aquí.',
  kind: 'pie',
  unit: 'percent',
  decimals: 2,
  sql: `WITH greedy AS (
${greatestLives('id, name, pid, peak_cpu_percent', 'peak_cpu_percent', 5)}
)
SELECT ${CONTAINER_LABEL} AS "Contenedor", CAST(peak_cpu_percent AS REAL) AS "CPU"
FROM greedy
ORDER BY peak_cpu_percent DESC, id
LIMIT 5`,
};
