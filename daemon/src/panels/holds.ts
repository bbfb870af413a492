import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';
import { reasonColumn } from './reason-column.ts';

/** Reasons of cycles that had nothing to do. They are most cycles of a healthy host, and would hide every other row. */
const NOTHING_TO_DO = ['quotas-met', 'mode-observe']
  .map((code) => `COALESCE(because_code, '') LIKE '{"code":"${code}"%'`)
  .join(' OR ');

/** Shows why what was due was not done: cycles that held, faults of the sensors; and what people should know. */
export const holds: Panel = {
  id: 'holds',
  title: 'Esperas, fallos de los sensores y avisos',
  description:
    'Los 100 más recientes del rango; no figuran los ciclos que no tenían nada que hacer. Un fallo «a ciegas» hizo que ese ciclo no actuara. Un aviso es algo que el dueño de un contenedor debe saber; se anota una vez, al empezar.',
  kind: 'table',
  unit: 'text',
  widths: { Hora: 90, Ciclo: 70, Qué: 130 },
  columns: { Hora: 'time', Ciclo: 'text', Qué: 'text', Razón: 'text' },
  sql: `SELECT * FROM (
SELECT at AS "Hora", tick AS "Ciclo", 'en espera' AS "Qué", ${reasonColumn('because')} AS "Razón"
FROM cycle
WHERE ${IN_RANGE} AND plan = 'hold' AND NOT (${NOTHING_TO_DO})
ORDER BY at DESC, tick DESC
LIMIT 100)
UNION ALL
SELECT * FROM (
SELECT at, tick, CASE WHEN sensor = 'policy' THEN 'aviso'
                      ELSE 'fallo de ' || sensor || CASE WHEN blind THEN ', a ciegas' ELSE '' END END, ${reasonColumn('message')}
FROM fault
WHERE ${IN_RANGE}
ORDER BY at DESC, tick DESC
LIMIT 100)
ORDER BY 1 DESC, 2 DESC, 3, 4
LIMIT 100`,
};
