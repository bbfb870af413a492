import { levelName } from './container.ts';
import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';

/** `action.id`, because a bare `id` in ORDER BY would mean the column shown as "ID". */
export const decisions: Panel = {
  id: 'decisions',
  title: 'Decisiones y sus razones',
  description:
    'Las 200 más recientes del rango, también las que se omitieron o fallaron: eliminar, iniciar, frenar y soltar.',
  kind: 'table',
  unit: 'text',
  columns: {
    Hora: 'time',
    Acción: 'text',
    Contenedor: 'text',
    ID: 'text',
    Clase: 'text',
    Razón: 'text',
    Resultado: 'text',
    Detalle: 'text',
    Tardó: 'milliseconds',
  },
  containerColumn: 'ID',
  sql: `SELECT at AS "Hora",
       CASE kind WHEN 'remove' THEN 'eliminar' WHEN 'start' THEN 'iniciar' WHEN 'throttle' THEN 'frenar'
                 WHEN 'release' THEN 'soltar' ELSE kind END AS "Acción",
       name AS "Contenedor",
       substr(container_id, 1, 12) AS "ID",
       ${levelName('level', 'ninguna')} AS "Clase",
       because AS "Razón",
       CASE result WHEN 'done' THEN 'hecho' WHEN 'skipped' THEN 'omitido' WHEN 'failed' THEN 'falló' ELSE result END
         AS "Resultado",
       detail AS "Detalle",
       took_ms AS "Tardó"
FROM action
WHERE ${IN_RANGE}
ORDER BY at DESC, action.id DESC
LIMIT 200`,
};
