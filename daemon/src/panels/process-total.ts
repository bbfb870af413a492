import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';

export const processTotal: Panel = {
  id: 'process-total',
  title: 'Procesos',
  description: 'Todos los del sistema en la última muestra, hilos del núcleo incluidos.',
  kind: 'stat',
  unit: 'count',
  sql: `SELECT process_total AS "Procesos"
FROM host_sample
WHERE ${IN_RANGE} AND process_total IS NOT NULL
ORDER BY at DESC LIMIT 1`,
};
