import type { Panel } from './panel.ts';
import { STATE_NAME } from './process-state.ts';
import { IN_RANGE } from './range.ts';

export const processStates: Panel = {
  id: 'process-states',
  title: 'Procesos por estado',
  description: 'Todos los procesos de la última muestra.',
  kind: 'bar',
  unit: 'count',
  sql: `SELECT ${STATE_NAME} AS "Estado", count AS "Procesos"
FROM process_count
WHERE at = (SELECT MAX(at) FROM process_count WHERE ${IN_RANGE})
ORDER BY count DESC, state`,
};
