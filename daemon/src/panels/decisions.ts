import { levelName } from './container.ts';
import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';
import { reasonColumn } from './reason-column.ts';

/** ORDER BY uses `action.id`, because a bare `id` would be the column shown as "ID". */
export const decisions: Panel = {
  id: 'decisions',
  title: 'Decisiones y sus razones',
  description:
    'Las 200 más recientes del rango, también las que se omitieron o fallaron. Frenar es limitar la CPU; soltar, levantar un límite de Vigía. ' +
    'De las que tienen más de una semana queda una línea por ciclo.',
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
  sql: `SELECT * FROM (
SELECT at AS "Hora",
       CASE kind WHEN 'remove' THEN 'eliminar' WHEN 'start' THEN 'iniciar' WHEN 'throttle' THEN 'frenar'
                 WHEN 'release' THEN 'soltar' WHEN 'restart' THEN 'reiniciar' WHEN 'squeeze' THEN 'limitar memoria'
                 WHEN 'limit-pids' THEN 'limitar procesos' WHEN 'limit-io' THEN 'limitar E/S'
                 WHEN 'stop' THEN 'detener' WHEN 'kill' THEN 'matar' ELSE kind END AS "Acción",
       name AS "Contenedor",
       substr(container_id, 1, 12) AS "ID",
       ${levelName('level', 'ninguna')} AS "Clase",
       ${reasonColumn('because')} AS "Razón",
       CASE result WHEN 'done' THEN 'hecho' WHEN 'skipped' THEN 'omitido' WHEN 'failed' THEN 'falló' ELSE result END
         AS "Resultado",
       ${reasonColumn('detail')} AS "Detalle",
       took_ms AS "Tardó"
FROM action
WHERE ${IN_RANGE}
ORDER BY at DESC, action.id DESC
LIMIT 200)
UNION ALL
SELECT * FROM (
SELECT at, 'ciclo entero', NULL, NULL, 'ninguna', ${reasonColumn('line')}, CASE WHEN failed > 0 THEN 'falló' ELSE 'hecho' END, NULL, NULL
FROM decision_line
WHERE ${IN_RANGE} AND at < COALESCE((SELECT MIN(at) FROM action), 1e12)
ORDER BY at DESC, tick DESC
LIMIT 200)
LIMIT 200`,
};
