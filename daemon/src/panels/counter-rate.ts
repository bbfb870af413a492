import { CHOSEN } from './chosen-container.ts';

/** A counter, as a column of container_sample, and the factor that converts it to the panel's unit. */
type Counter = readonly [column: string, factor: number];

/**
 * SQL for the rates per second of the chosen container's counters; the keys of `series` are the legends. A counter that
 * decreased was reset by a restart of the container: that step is left out.
 */
export function counterRates(series: Readonly<Record<string, Counter>>): string {
  const counters = Object.values(series);
  const gains = counters.map(([column], i) => `         ${column} - LAG(${column}) OVER life AS gain${i}`);
  const rates = Object.entries(series).map(
    ([name, [, factor]], i) =>
      `       ${factor} * CAST(SUM(gain${i}) FILTER (WHERE gain${i} >= 0) AS REAL)\n` +
      `         / SUM(seconds) FILTER (WHERE gain${i} >= 0) AS "${name}"`,
  );
  return `WITH ${CHOSEN},
gained AS (
  SELECT at,
         until - LAG(until) OVER life AS seconds,
${gains.join(',\n')}
  FROM rows
  WINDOW life AS (ORDER BY until)
)
SELECT at / step * step AS time,
${rates.join(',\n')}
FROM gained, span
WHERE seconds > 0
GROUP BY time
ORDER BY time`;
}
