import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';

/** `action.id`, because a bare `id` in ORDER BY would mean the column shown as "ID". */
export const removals: Panel = {
  id: 'removals',
  title: 'Eliminaciones y sus razones',
  description: 'Las 200 más recientes del rango, también las que se omitieron o fallaron.',
  kind: 'table',
  unit: 'text',
  columns: {
    Hora: 'time',
    Contenedor: 'text',
    ID: 'text',
    Clase: 'text',
    Razón: 'text',
    Resultado: 'text',
    Detalle: 'text',
    Tardó: 'milliseconds',
  },
  sql: `SELECT at AS "Hora",
       name AS "Contenedor",
       substr(container_id, 1, 12) AS "ID",
       CASE level WHEN 'low' THEN 'bajo' WHEN 'high' THEN 'alto' ELSE 'ninguna' END AS "Clase",
       because AS "Razón",
       CASE result WHEN 'done' THEN 'hecho' WHEN 'skipped' THEN 'omitido' WHEN 'failed' THEN 'falló' ELSE result END
         AS "Resultado",
       detail AS "Detalle",
       took_ms AS "Tardó"
FROM action
WHERE ${IN_RANGE} AND kind = 'remove'
ORDER BY at DESC, action.id DESC
LIMIT 200`,
};
