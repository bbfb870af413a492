import { decisionColumns } from './decisions.ts';
import type { Panel } from './panel.ts';

/** Every decision about the chosen container, over its whole life: there are few, and the range may miss its end. */
export const containerDecisions: Panel = {
  id: 'container-decisions',
  title: 'Decisiones sobre el contenedor',
  description: 'Las 100 más recientes de toda su vida, con su razón y su resultado.',
  kind: 'table',
  unit: 'text',
  perContainer: true,
  columns: {
    Hora: 'time',
    Acción: 'text',
    Clase: 'text',
    Razón: 'text',
    Resultado: 'text',
    Detalle: 'text',
    Tardó: 'milliseconds',
  },
  widths: { Hora: 150, Acción: 110, Clase: 80, Resultado: 90, Tardó: 80 },
  sql: `SELECT ${decisionColumns('time', 'action', 'level', 'because', 'result', 'detail', 'took')}
FROM action
WHERE :container <> '' AND container_id >= :container AND container_id < :container || 'g'
ORDER BY at DESC, action.id DESC
LIMIT 100`,
};
