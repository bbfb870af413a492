// What Grafana draws over the time axes, as annotations. Rows: `time` (epoch seconds), of regions also `timeEnd`, `text`.
import { deathMarks } from './death-marks.ts';
import { intervalMarks } from './interval-marks.ts';
import { IN_RANGE } from './range.ts';
import { reasonColumn } from './reason-column.ts';
import { CYCLES } from './source.ts';

/** Without readings for more than so many steps there is a gap: one late cycle is none. */
export const GAP_STEPS = 3;

interface Marks {
  readonly title: string;
  readonly colour: 'red' | 'orange' | 'purple' | 'gray';
  /** On these panels only; null: on all. */
  readonly panels: readonly string[] | null;
  readonly sql: string;
}

/** How many containers each interval removed, and the newest of them. Only where removals are counted. */
export const removals: Marks = {
  title: 'Eliminaciones',
  colour: 'red',
  panels: ['removed-over-time', 'running-over-time'],
  sql: `SELECT time, removed || ' ' || 'eliminados' || COALESCE(': ' || name || ': ' || text, '') AS text
FROM (
${intervalMarks.sql}
)`,
};

/** What is rare, one by one: a service restarted or stopped, processes killed because memory ran out. */
export const interventions: Marks = {
  title: 'Intervenciones',
  colour: 'orange',
  panels: null,
  sql: `SELECT at AS time, name || ': ' || ${reasonColumn('because')} AS text
FROM action
WHERE ${IN_RANGE} AND kind IN ('kill', 'stop', 'restart') AND result = 'done'
ORDER BY at DESC, id DESC
LIMIT 100`,
};

/** Containers that ended, or lost a process, unasked. */
export const deaths: Marks = { ...deathMarks, colour: 'purple', panels: null };

/** Times in which Vigía did not read the host, up to the end of the range. */
export const gaps: Marks = {
  title: 'Sin lecturas',
  colour: 'gray',
  panels: null,
  sql: `WITH ${CYCLES},
moment(time) AS (SELECT DISTINCT at / step * step FROM cycles, span),
follow(time, next) AS (SELECT time, LEAD(time, 1, $__to / 1000) OVER (ORDER BY time) FROM moment),
usual(step) AS (SELECT MIN(next - time) FROM follow WHERE next > time)
SELECT time + step AS time, next AS timeEnd, 'sin lecturas' AS text
FROM follow, usual
WHERE next - time > ${GAP_STEPS} * step
ORDER BY time DESC
LIMIT 100`,
};

export const grafanaMarks: readonly Marks[] = [removals, interventions, deaths, gaps];

/** The SQL of a panel of kind `line` with a row of nulls where readings are missing, so that no line bridges a gap. */
export function withGaps(sql: string, columns: readonly string[]): string {
  const nulls = columns.slice(1).map(() => 'NULL');
  return `WITH answer AS MATERIALIZED (
${sql}
),
follow(time, next) AS (SELECT time, LEAD(time) OVER (ORDER BY time) FROM answer),
usual(step) AS (SELECT MIN(next - time) FROM follow WHERE next > time)
SELECT * FROM answer
UNION ALL
SELECT follow.time + usual.step, ${nulls.join(', ')} FROM follow, usual WHERE next - follow.time > ${GAP_STEPS} * usual.step
ORDER BY 1`;
}
