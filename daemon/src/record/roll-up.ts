import type { DatabaseSync } from 'node:sqlite';
import type { Seconds } from '../model/units.ts';
import { inTransaction, statement } from './database.ts';

/** Seconds in a bucket of each tier. */
export const STEPS = [300, 3600] as const;
export type Step = (typeof STEPS)[number];

/** A container that lives this long has a row of its own in each bucket. A bucket is written when it is this old. */
export const LONG_LIFE_SECONDS: Seconds = 600;

/** The time up to which samples are in every tier; older ones may be deleted. */
export function rolledUpTo(db: DatabaseSync): Seconds {
  return Number(statement(db, 'SELECT min(done) AS done FROM tier').get()?.['done']);
}

/**
 * Writes the next complete bucket of one tier and the tier's progress in one transaction; false when there is none.
 * Writing a bucket again gives the same rows, so a crash costs nothing. Times without samples are skipped.
 */
export function rollUp(db: DatabaseSync, step: Step, nowSeconds: Seconds): boolean {
  const next = statement(
    db,
    'SELECT min(at) AS at FROM cycle WHERE at >= (SELECT done FROM tier WHERE step = ?)',
  ).get(step);
  if (typeof next?.['at'] !== 'number') return false;
  const at = next['at'] - (next['at'] % step);
  if (at + step + LONG_LIFE_SECONDS > nowSeconds) return false;
  inTransaction(db, () => {
    // After the clock was set back, an earlier roll-up of the same bucket may have left other rows.
    for (const { table, sql } of BUCKETS) {
      statement(db, `DELETE FROM ${table} WHERE step = ? AND at = ?`).run(step, at);
      statement(db, sql).run({ step, at, end: at + step - 1 });
    }
    statement(db, 'UPDATE tier SET done = ? WHERE step = ?').run(at + step, step);
  });
  return true;
}

/** Returns a function that marks the bucket of a time to be written again, which a clock that was set back requires. */
export function reopenBuckets(db: DatabaseSync): (at: Seconds) => void {
  const reopen = statement(db, 'UPDATE tier SET done = :at - :at % step WHERE done > :at');
  return (at) => {
    reopen.run({ at });
  };
}

const three = (metric: string, of = metric): string => `min(${of}), avg(${of}), max(${of})`;
const columns = (name: string): string => `${name}_0, ${name}_1, ${name}_2`;
const named = (name: string, of: string): string =>
  `min(${of}) AS ${name}_0, avg(${of}) AS ${name}_1, max(${of}) AS ${name}_2`;
/** Like `three`, where times without a row count as 0; `n` is the number of all times. */
const threeOfAll = (metric: string): string => `
  CASE WHEN count(*) < n THEN 0 ELSE min(${metric}) END, total(${metric}) / n, max(0, max(${metric}))`;
const IN_BUCKET = 'at BETWEEN :at AND :end';

const HOST_METRICS = [
  'free_kb',
  'available_kb',
  'used_kb',
  'cpu_percent',
  'load1',
  'memory_full_avg10',
  'memory_some_avg10',
  'io_full_avg10',
  'cpu_some_avg10',
  'process_total',
];

/** Columns whose bucket value is that of the last sample: counters that only grow until a restart, and the limit. */
const LAST = [
  'memory_limit_kb',
  'cpu_throttled_ns',
  'io_read_bytes',
  'io_write_bytes',
  'block_read_bytes',
  'block_write_bytes',
  'net_rx_bytes',
  'net_tx_bytes',
  'memory_full_total_us',
  'cpu_some_total_us',
  'io_full_total_us',
];

/** Figures of a container that a bucket keeps as minimum, mean and maximum: name and SQL expression. */
const FIGURES = [
  ['cpu', 'cpu_percent'],
  ['rss', 'rss_kb'],
  ['used', 'coalesce(memory_used_kb, rss_kb)'],
  ['processes', 'process_count'],
] as const;

/** How many process names a bucket keeps by CPU, and by RSS. */
const PROCESS_NAMES = 10;

const BUCKETS = [
  {
    table: 'host_tier',
    sql: `INSERT INTO host_tier
      SELECT :step, :at, count(*), max(cpus), max(total_kb), ${HOST_METRICS.map((metric) => three(metric)).join(', ')}
      FROM host_sample WHERE ${IN_BUCKET} HAVING count(*) > 0`,
  },
  {
    table: 'disk_tier',
    sql: `INSERT INTO disk_tier
      SELECT :step, :at, holds, count(*), max(total_kb), max(total_inodes), ${three('available_kb')}, ${three('free_inodes')}
      FROM disk_sample WHERE ${IN_BUCKET} GROUP BY holds`,
  },
  {
    table: 'cycle_tier',
    sql: `INSERT INTO cycle_tier
      SELECT :step, :at, count(*), sum(plan = 'hold'), (SELECT count(*) FROM fault WHERE ${IN_BUCKET}),
             sum(removed), sum(started),
             (SELECT count(*) FROM action WHERE ${IN_BUCKET} AND kind = 'throttle' AND result = 'done'),
             (SELECT count(*) FROM action WHERE ${IN_BUCKET} AND kind = 'release' AND result = 'done'),
             ${['low_after', 'high_after', 'unknown_after', 'sense_ms', 'act_ms', 'rss_kb'].map((m) => three(m)).join(', ')}
      FROM cycle WHERE ${IN_BUCKET} HAVING count(*) > 0`,
  },
  {
    table: 'class_tier',
    sql: `INSERT INTO class_tier
      WITH sample AS MATERIALIZED (
        SELECT s.at, c.managed, s.level, s.container, s.cpu_percent, s.rss_kb, coalesce(s.memory_used_kb, s.rss_kb) AS used
        FROM container_sample AS s JOIN container AS c ON c.key = s.container WHERE s.${IN_BUCKET}),
      moments(n) AS (SELECT count(DISTINCT at) FROM sample),
      moment AS (
        SELECT managed, level, count(*) AS containers, total(cpu_percent) AS cpu, sum(rss_kb) AS rss, sum(used) AS used
        FROM sample GROUP BY at, managed, level),
      seen AS (SELECT managed, level, count(DISTINCT container) AS seen FROM sample GROUP BY managed, level)
      SELECT :step, :at, managed, level, n, seen,
             ${['containers', 'cpu', 'rss', 'used'].map(threeOfAll).join(', ')}
      FROM moment JOIN seen USING (managed, level), moments GROUP BY managed, level`,
  },
  {
    table: 'container_tier',
    sql: `INSERT INTO container_tier
      WITH long AS MATERIALIZED (
        SELECT key FROM container WHERE last_seen - first_seen >= ${LONG_LIFE_SECONDS}
          AND key IN (SELECT container FROM container_sample WHERE ${IN_BUCKET})),
      life AS MATERIALIZED (
        SELECT key, max(at) AS last_at, count(*) AS samples, sum(level = 'high') AS high_samples,
               ${FIGURES.map(([name, of]) => named(name, of)).join(', ')}
        FROM long CROSS JOIN container_sample ON container = key AND ${IN_BUCKET} GROUP BY key)
      SELECT :step, :at, key, samples, high_samples, ${FIGURES.map(([name]) => columns(name)).join(', ')}, ${LAST.join(', ')}
      FROM life CROSS JOIN container_sample ON container = key AND at = last_at`,
  },
  {
    table: 'process_count_tier',
    sql: `INSERT INTO process_count_tier
      WITH moments(n) AS (SELECT count(DISTINCT at) FROM process_count WHERE ${IN_BUCKET})
      SELECT :step, :at, state, ${threeOfAll('count')} FROM process_count, moments WHERE ${IN_BUCKET} GROUP BY state`,
  },
  {
    table: 'process_tier',
    sql: `INSERT INTO process_tier
      WITH moment AS (
        SELECT name, sum(cpu_percent) AS cpu, sum(rss_kb) AS rss FROM process_sample WHERE ${IN_BUCKET} GROUP BY at, name),
      named AS (
        SELECT name, count(*) AS n, min(cpu) AS c0, avg(cpu) AS c1, max(cpu) AS c2, min(rss) AS r0, avg(rss) AS r1, max(rss) AS r2
        FROM moment GROUP BY name),
      ranked AS (
        SELECT *, row_number() OVER (ORDER BY c1 DESC, name) AS by_cpu, row_number() OVER (ORDER BY r1 DESC, name) AS by_rss
        FROM named)
      SELECT :step, :at, name, n, c0, c1, c2, r0, r1, r2 FROM ranked
      WHERE by_cpu <= ${PROCESS_NAMES} OR by_rss <= ${PROCESS_NAMES}`,
  },
];
