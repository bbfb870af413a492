import { levelName } from './container.ts';
import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';
import { reasonColumn } from './reason-column.ts';

const COLUMNS = {
  time: 'at AS "Hora"',
  action: `CASE kind WHEN 'remove' THEN 'eliminar' WHEN 'start' THEN 'iniciar' WHEN 'throttle' THEN 'frenar'
                 WHEN 'release' THEN 'soltar' WHEN 'restart' THEN 'reiniciar' WHEN 'squeeze' THEN 'limitar memoria'
                 WHEN 'limit-pids' THEN 'limitar procesos' WHEN 'limit-io' THEN 'limitar E/S'
                 WHEN 'stop' THEN 'detener' WHEN 'kill' THEN 'matar' ELSE kind END AS "Acción"`,
  name: 'name AS "Contenedor"',
  id: 'substr(container_id, 1, 12) AS "ID"',
  level: `${levelName('level', 'ninguna')} AS "Clase"`,
  because: `${reasonColumn('because')} AS "Razón"`,
  result: `CASE result WHEN 'done' THEN 'hecho' WHEN 'skipped' THEN 'omitido' WHEN 'failed' THEN 'falló' ELSE result END
         AS "Resultado"`,
  detail: `${reasonColumn('detail')} AS "Detalle"`,
  took: 'took_ms AS "Tardó"',
};

/** SQL for columns of table `action`, as panels show them. */
export const decisionColumns = (...names: readonly (keyof typeof COLUMNS)[]): string =>
  names.map((name) => COLUMNS[name]).join(',\n       ');

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
  widths: { Hora: 90, Acción: 90, Contenedor: 150, Clase: 70, Resultado: 90 },
  hidden: ['ID', 'Detalle', 'Tardó'],
  sql: `SELECT * FROM (
SELECT ${decisionColumns('time', 'action', 'name', 'id', 'level', 'because', 'result', 'detail', 'took')}
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
