import type { Panel } from './panel.ts';
import { CYCLES } from './source.ts';

export const removedTotal: Panel = {
  id: 'removed-total',
  title: 'Contenedores eliminados',
  description: 'En el rango elegido; solo los que de verdad se eliminaron.',
  kind: 'stat',
  unit: 'count',
  sql: `WITH ${CYCLES}
SELECT COALESCE(SUM(removed), 0) AS "Eliminados" FROM cycles`,
};
