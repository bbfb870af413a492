import type { DatabaseSync } from 'node:sqlite';
import { migrate } from '../../daemon/src/record/database.ts';

/**
 * A host of 14,400 containers a day after so many days, as retention leaves its database: the samples of the last week, buckets
 * of 5 minutes and of an hour for all of it, lives and decisions. Made by SQL, without a daemon: the figures mean nothing,
 * their number and their spread are those of the real thing. Left out: evidence and snapshots, which no panel reads.
 */
const CYCLE = 20;
const DAY = 86_400;
const RAW_DAYS = 7;
/** Ten a minute live for two cycles, five stay; the sensor also sees the protected and the foreign. */
const BORN_A_MINUTE = 10;
const LONG_LIVED = 12;
const PROCESSES = 30;

export function fill(db: DatabaseSync, days: number, end: number): void {
  migrate(db);
  db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; BEGIN');
  const begin = end - days * DAY;
  const rawBegin = Math.max(begin, end - RAW_DAYS * DAY);
  steps(db, 'moment', rawBegin, end, CYCLE);
  db.exec(HOST);
  db.exec(CYCLE_ROWS);
  lives(db, begin, rawBegin, end);
  samples(db);
  processes(db);
  for (const step of [300, 3600]) tiers(db, step, begin, end);
  decisions(db, begin, rawBegin);
  db.exec('DROP TABLE moment; COMMIT; PRAGMA journal_mode = DELETE');
}

/** A table of moments, so many seconds apart. */
function steps(db: DatabaseSync, table: string, from: number, to: number, step: number): void {
  db.exec(`CREATE TABLE ${table} (at INTEGER PRIMARY KEY)`);
  db.prepare(`
    INSERT INTO ${table}
    WITH RECURSIVE t(at) AS (SELECT :from UNION ALL SELECT at + :step FROM t WHERE at + :step <= :to)
    SELECT at FROM t`).run({ from, to, step });
}

const HOST = `
  INSERT INTO host_sample
  SELECT at, 4, 8000000, 2000000 + at % 90001, 5000000 + at % 90001, 3000000 - at % 90001, at % 400, at % 7, 0, at % 3, 0, at % 5, 300
  FROM moment;
  INSERT INTO process_count SELECT at, column1, column2 + at % 9 FROM moment, (VALUES ('R', 2), ('S', 200), ('D', 1), ('Z', 1), ('I', 60))`;

/** Two cycles of three have nothing to do. */
const CYCLE_ROWS = `
  INSERT INTO cycle (tick, at, sensor, plan, because, candidates, low_before, high_before, unknown_before, low_after, high_after,
                     unknown_after, removed, started, sense_ms, decide_ms, act_ms, rss_kb)
  SELECT at / 20, at, 'kernel', iif(at % 60 = 0, 'act', 'hold'), iif(at % 60 = 0, NULL, 'nothing to do: the quotas stand'), '[]',
         3, 7, 5, 3, 2, at % 5, iif(at % 60 = 0, 10, 0), 0, 4.5, 0.3, 900.5, 90000 + at % 997
  FROM moment`;

function lives(db: DatabaseSync, begin: number, rawBegin: number, end: number): void {
  db.prepare(`
    INSERT INTO container (id, name, image, managed, protected, pid, level, first_seen, last_seen, peak_rss_kb, peak_mem_percent,
                           peak_cpu_percent)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
    SELECT printf('%064x', i), 'stays-' || i, 'vigia/cpu', i <= 5, i > 9, 100 + i, iif(i % 2, 'low', 'high'), :begin, :end,
           80000 + i, 2, 30 + i
    FROM n`).run({ count: LONG_LIVED, begin, end });
  const born = (table: string, columns: string, values: string, from: number, to: number) => {
    steps(db, 'minute', from - (from % 60), to - 60, 60);
    db.exec(`
      INSERT INTO ${table} (id, name, image, managed, protected, pid, level, first_seen, last_seen, removed_at, peak_rss_kb,
                            peak_mem_percent, peak_cpu_percent${columns})
      WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${BORN_A_MINUTE - 1})
      SELECT printf('%012x', (at * 10 + i) * 40503 % 281474976710656)${values}, 'vigia-cpu-' || at || '-' || i, 'vigia/cpu', 1, 0,
             at % 30000, iif(i % 3, 'high', 'low'), at, at + 40, at + 40,
             700 + (at * 7919 + i * 104729) % 90001, 1.5, ((at * 31 + i * 17) % 39900) / 100.0${columns && ", 'surplus'"}
      FROM minute, n`);
    db.exec('DROP TABLE minute');
  };
  born('container', ', removed_because', " || printf('%052x', i)", rawBegin, end);
  if (begin < rawBegin) born('lifetime', '', '', begin, rawBegin);
}

function samples(db: DatabaseSync): void {
  const columns = `at, container, level, because, start_ns, monotonic_ns, cpu_time_ns, cpu_percent, vsz_kb, rss_kb, mem_percent,
    memory_current_kb, memory_limit_kb, process_count, io_read_bytes, io_write_bytes, net_rx_bytes, net_tx_bytes, memory_used_kb,
    cpu_throttled_ns, cpu_throttled_periods, block_read_bytes, block_write_bytes, memory_full_avg10, memory_full_total_us, io_full_avg10,
    io_full_total_us, cpu_some_total_us`;
  const values = `m.at, c.key, c.level, 'CPU 12.3 % > 0.09 % and memory 1.234 % > 0.16 %', 1, m.at, m.at, (m.at + c.key) % 390 / 10.0,
    90000, 700 + (m.at + c.key) % 9000, 1.2, 9000, 262144, 2, m.at * 7, m.at * 5, m.at * 3, m.at * 2, 8000, m.at * 1000, m.at, m.at, m.at,
    0.5, m.at, 0.1, m.at, m.at`;
  // In the order of the primary key, as a table is that has grown (and been read) for long.
  db.exec(`
    INSERT INTO container_sample (${columns})
    SELECT ${values} FROM container AS c CROSS JOIN moment AS m ON m.at BETWEEN c.first_seen AND c.last_seen`);
}

function processes(db: DatabaseSync): void {
  db.exec(`
    INSERT INTO process_sample
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${PROCESSES})
    SELECT at, 1000 + i, 'process-' || i, '/usr/bin/process-' || i || ' --with some --arguments', 'S', 0, (at * i) % 977 / 10.0, 90000,
           (at * i) % 99991, 1.2, 1, 1, NULL
    FROM moment, n`);
}

function tiers(db: DatabaseSync, step: number, begin: number, end: number): void {
  const done = Math.floor((end - 600) / step) * step;
  steps(db, 'bucket', Math.ceil(begin / step) * step, done - step, step);
  const three = (value: string) => `${value}, ${value} + 0.5, ${value} + 1`;
  const whole = (value: string) => `${value}, ${value} + 0.5, ${value} + 1`;
  db.exec(`
    UPDATE tier SET done = ${done} WHERE step = ${step};
    INSERT INTO host_tier SELECT ${step}, at, ${step / 20}, 4, 8000000, ${whole('2000000')}, ${whole('5000000')}, ${whole('3000000')},
      ${Array(6).fill(three('at % 100')).join(', ')}, ${whole('300')} FROM bucket;
    INSERT INTO cycle_tier SELECT ${step}, at, ${step / 20}, 10, 0, ${step / 6}, 0, 0, 0, ${whole('3')}, ${whole('2')}, ${whole('0')},
      ${three('4')}, ${three('900')}, ${whole('90000')} FROM bucket;
    INSERT INTO class_tier SELECT ${step}, at, column1, column2, ${step / 20}, 50, ${whole('3')}, ${three('90')}, ${whole('90000')},
      ${whole('80000')} FROM bucket, (VALUES (1, 'low'), (1, 'high'), (1, 'unknown'), (0, 'low'), (0, 'high'));
    INSERT INTO container_tier SELECT ${step}, at, key, ${step / 20}, 0, ${three('12')}, ${whole('9000')}, ${whole('8000')}, ${whole('2')},
      262144, at * 1000, at * 7, at * 5, at, at, at * 3, at * 2, at, at, at FROM bucket, container WHERE key <= ${LONG_LIVED};
    INSERT INTO process_count_tier SELECT ${step}, at, column1, ${whole('column2')} FROM bucket,
      (VALUES ('R', 2), ('S', 200), ('D', 1), ('Z', 1), ('I', 60));
    INSERT INTO process_tier
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 15)
      SELECT ${step}, at, 'process-' || i, ${step / 20}, ${three('i')}, ${whole('9000 * i')} FROM bucket, n;
    DROP TABLE bucket`);
}

function decisions(db: DatabaseSync, begin: number, rawBegin: number): void {
  db.exec(`
    INSERT INTO action (tick, at, kind, container_id, name, level, because, result, detail, took_ms)
    SELECT removed_at / 20, removed_at, 'remove', id, name, level, '7 high where 2 stay; CPU 36.1 % > 0.09 %', 'done',
           'gone from the engine and its cgroup', 412.5
    FROM container WHERE removed_at IS NOT NULL ORDER BY removed_at`);
  if (begin >= rawBegin) return;
  steps(db, 'minute', begin, rawBegin - 60, 60);
  db.exec(`
    INSERT INTO decision_line SELECT at, at / 20, 10, 0, 0, 0, 0, 'removed 10: vigia-cpu-1, vigia-ram-2 and 8 more' FROM minute;
    INSERT INTO cycle (tick, at, sensor, plan, candidates, low_before, high_before, unknown_before, low_after, high_after,
                       unknown_after, removed, started, sense_ms, decide_ms, act_ms, rss_kb)
    SELECT at / 20, at, 'kernel', 'act', '[]', 3, 7, 5, 3, 2, 0, 10, 0, 4.5, 0.3, 900.5, 90000 FROM minute WHERE at / 20 NOT IN (SELECT tick FROM cycle);
    DROP TABLE minute`);
}
