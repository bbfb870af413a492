import { IN_RANGE } from './range.ts';

/**
 * SQL for the rows that a panel reads and the step between its points; `from` and `to` are SQL for epoch seconds.
 *
 * Source: samples (every 20 s) for ranges up to six hours, 5-minute buckets up to a week, hours beyond. Where the finer
 * data is no longer kept, the next coarser tier that reaches back is used. A tier is written up to `done`; samples
 * cover the rest of the range, so that the newest point is never missing.
 *
 * Step: that of the source, or a multiple of it so that there are at most 600 points. For samples the multiples are
 * whole minutes, because the workload comes in bursts once a minute and other steps would make neighbouring points
 * swing.
 */
export function spanBetween(from: string, to: string): string {
  const length = `(${to} - ${from})`;
  const reachesFurther = (step: number, than: string) =>
    `EXISTS (SELECT 1 FROM host_tier WHERE step = ${step} AND at BETWEEN ${from} AND ${to} AND at + ${step} <= ${than})`;
  const firstSample = 'COALESCE((SELECT MIN(at) FROM host_sample), 1e12)';
  const firstBucket = 'COALESCE((SELECT MIN(at) FROM host_tier WHERE step = 300), 1e12)';
  return `source(step, done) AS (
  SELECT wanted, COALESCE((SELECT done FROM tier WHERE step = wanted), 0)
  FROM (SELECT CASE
    WHEN ${length} <= 21600
      AND NOT ${reachesFurther(300, firstSample)}
      AND NOT ${reachesFurther(3600, firstSample)} THEN 20
    WHEN ${length} <= 604800
      AND NOT ${reachesFurther(3600, firstBucket)} THEN 300
    ELSE 3600 END AS wanted)
),
span(step) AS (
  SELECT MAX(source.step, CASE
    WHEN ${length} <= 12000 THEN 20
    WHEN ${length} <= 21600 THEN (${length} + 35999) / 36000 * 60
    WHEN ${length} <= 604800 THEN (${length} + 179999) / 180000 * 300
    ELSE (${length} + 2159999) / 2160000 * 3600 END)
  FROM source
)`;
}

export const SPAN = spanBetween('$__from / 1000', '$__to / 1000');

/** Conditions for the buckets of the tier, and for the samples that are not in a bucket yet. */
export const IN_TIER = `step = (SELECT step FROM source) AND ${IN_RANGE}`;
export const NOT_IN_TIER = `at >= MAX($__from / 1000, (SELECT done FROM source)) AND at <= $__to / 1000`;

/** SQL for the host's rows: one per bucket or sample. `samples` is the weight for averages. */
export const HOST = `${SPAN},
host(at, samples, cpus, total_kb, free_kb, used_kb, cpu_percent, cpu_percent_max, load1, load1_max,
     memory_some, memory_full, io_full, cpu_some, process_total) AS (
  SELECT at, samples, cpus, total_kb, free_kb_avg, used_kb_avg, cpu_percent_avg, cpu_percent_max, load1_avg, load1_max,
         memory_some_avg10_max, memory_full_avg10_max, io_full_avg10_max, cpu_some_avg10_max, process_total_max
  FROM host_tier WHERE ${IN_TIER}
  UNION ALL
  SELECT at, 1, cpus, total_kb, free_kb, used_kb, cpu_percent, cpu_percent, load1, load1,
         memory_some_avg10, memory_full_avg10, io_full_avg10, cpu_some_avg10, process_total
  FROM host_sample WHERE ${NOT_IN_TIER}
)`;

/** SQL for the daemon's cycles: one row per bucket or cycle. */
export const CYCLES = `${SPAN},
cycles(at, samples, removed, low, high, unknown, sense_ms, decide_ms, act_ms, rss_kb) AS (
  SELECT at, cycles, removed, low_min, high_min, unknown_max, sense_ms_avg, NULL, act_ms_avg, rss_kb_max
  FROM cycle_tier WHERE ${IN_TIER}
  UNION ALL
  SELECT at, 1, removed, low_after, high_after, unknown_after, sense_ms, decide_ms, act_ms, rss_kb
  FROM cycle WHERE ${NOT_IN_TIER}
)`;

/** SQL for the average of a column over the rows where it is not null, weighted by their samples. */
export const average = (column: string): string =>
  `CAST(SUM(${column} * samples) / SUM(samples * 1.0) FILTER (WHERE ${column} IS NOT NULL) AS REAL)`;

/** SQL for the sums over the managed containers of each class: one row per bucket or sample. */
export function classes(metric: 'rss_kb' | 'cpu_percent'): string {
  const sum = (column: string, level: string, managed: string, from: string) =>
    `TOTAL(${column}) FILTER (WHERE ${managed} = 1 AND ${from} = '${level}')`;
  const sums = (column: string, managed: string, from: string) =>
    ['low', 'high', 'unknown'].map((level) => sum(column, level, managed, from)).join(',\n         ');
  return `${SPAN},
moment(at, samples, low, high, unknown) AS (
  SELECT at, MAX(moments),
         ${sums(`${metric}_avg`, 'managed', 'level')}
  FROM class_tier WHERE ${IN_TIER}
  GROUP BY at
  UNION ALL
  SELECT at, 1,
         ${sums(metric, 'c.managed', 's.level')}
  FROM container_sample s JOIN container c ON c.key = s.container
  WHERE ${NOT_IN_TIER}
  GROUP BY at
)
SELECT at / step * step AS time,
       ${average('low')} AS "Bajo consumo",
       ${average('high')} AS "Alto consumo",
       ${average('unknown')} AS "Sin clasificar"
FROM moment, span
GROUP BY time
ORDER BY time`;
}
