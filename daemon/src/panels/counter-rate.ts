import { CHOSEN } from './chosen-container.ts';

/** A column of container_sample that only grows, and what one of it is in the panel's unit. */
type Counter = readonly [column: string, factor: number];

/**
 * SQL for what the chosen container's counters gained per second, each under its legend. A counter that shrank began anew,
 * because the container was restarted: that one step is left out.
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
