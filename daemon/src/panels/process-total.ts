import type { Panel } from './panel.ts';
import { HOST } from './source.ts';

export const processTotal: Panel = {
  id: 'process-total',
  title: 'Procesos',
  description: 'Todos los del sistema en la última muestra, hilos del núcleo incluidos.',
  kind: 'stat',
  unit: 'count',
  sql: `WITH ${HOST}
SELECT process_total AS "Procesos" FROM host WHERE process_total IS NOT NULL ORDER BY at DESC LIMIT 1`,
};
