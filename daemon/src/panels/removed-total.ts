import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';

export const removedTotal: Panel = {
  id: 'removed-total',
  title: 'Contenedores eliminados',
  description: 'En el rango elegido; solo los que de verdad se eliminaron.',
  kind: 'stat',
  unit: 'count',
  sql: `SELECT COUNT(*) AS "Eliminados" FROM action WHERE ${IN_RANGE} AND kind = 'remove' AND result = 'done'`,
};
