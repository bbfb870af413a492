import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';
import { reasonColumn } from './reason-column.ts';

/** Shows why nothing was removed: cycles that held, and faults of the sensors. */
export const holds: Panel = {
  id: 'holds',
  title: 'Ciclos en espera y fallos de los sensores',
  description: 'Los 100 más recientes del rango. Un fallo «a ciegas» hizo que ese ciclo no actuara.',
  kind: 'table',
  unit: 'text',
  columns: { Hora: 'time', Ciclo: 'text', Qué: 'text', Razón: 'text' },
  sql: `SELECT * FROM (
SELECT at AS "Hora", tick AS "Ciclo", 'en espera' AS "Qué", ${reasonColumn('because')} AS "Razón"
FROM cycle
WHERE ${IN_RANGE} AND plan = 'hold'
ORDER BY at DESC, tick DESC
LIMIT 100)
UNION ALL
SELECT * FROM (
SELECT at, tick, 'fallo de ' || sensor || CASE WHEN blind THEN ', a ciegas' ELSE '' END, ${reasonColumn('message')}
FROM fault
WHERE ${IN_RANGE}
ORDER BY at DESC, tick DESC
LIMIT 100)
ORDER BY 1 DESC, 2 DESC, 3, 4
LIMIT 100`,
};
