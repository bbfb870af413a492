import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';

export const limitUse: Panel = {
  id: 'limit-use',
  title: 'RAM contra el límite de cada contenedor',
  description:
    'Los 10 más cerca de su límite de memoria en el último ciclo, con caché de archivos; al 100 % el núcleo termina procesos.',
  kind: 'bar',
  unit: 'percent',
  max: 100,
  thresholds: [
    { from: null, colour: 'green' },
    { from: 80, colour: 'yellow' },
    { from: 95, colour: 'red' },
  ],
  sql: `SELECT c.name AS "Contenedor", CAST(100.0 * s.memory_current_kb / s.memory_limit_kb AS REAL) AS "Del límite"
FROM container_sample s JOIN container c ON c.key = s.container
WHERE s.at = (SELECT MAX(at) FROM cycle WHERE ${IN_RANGE}) AND s.memory_limit_kb > 0 AND s.memory_current_kb IS NOT NULL
ORDER BY 2 DESC, c.key
LIMIT 10`,
};
