// The content of the database for the tests of the panels.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after } from 'node:test';
import { migrate } from '../../daemon/src/record/database.ts';

export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

export interface Range {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Divisible by 60: buckets of 20 s and of a minute begin here. */
export const START = 1_700_000_040;
export const CYCLES = 400;
/** Every third cycle is one second late, as happens in practice. */
export const TIMES = Array.from({ length: CYCLES }, (_, i) => START + i * 20 + (i % 3 === 2 ? 1 : 0));
export const LAST = TIMES[CYCLES - 1] ?? START;

export const HOSTILE = `"><img src=x onerror=alert(1)>'; DROP TABLE container;-- $__from \${x} ñ 🔥\u0001`;

export const hex = (n: number): string => n.toString(16).padStart(4, '0').repeat(16);

export const hosts = TIMES.map((at, i) => ({
  at,
  cpus: 4,
  // Memory was added half-way.
  total_kb: i < CYCLES / 2 ? 4_000_000 : 6_000_000,
  free_kb: 900_000 + ((i * 7919) % 50_000),
  available_kb: 2_500_000 - ((i * 104_729) % 90_001),
  used_kb: 1_500_000 + ((i * 104_729) % 90_001),
  cpu_percent: i === 0 ? null : ((i * 37) % 4000) / 10,
  load1: i / 100,
  memory_full_avg10: i % 50 === 0 ? null : (i % 7) / 3,
  memory_some_avg10: i % 50 === 0 ? null : (i % 11) / 3,
  io_full_avg10: i % 50 === 0 ? null : (i % 13) / 3,
  cpu_some_avg10: i % 50 === 0 ? null : (i % 17) / 3,
  process_total: i % 40 === 39 ? null : 200 + (i % 23),
}));

export const actions = TIMES.flatMap((at, i) =>
  Array.from({ length: (i * 5) % 4 }, (_, n) => ({
    id: i * 10 + n + 1,
    tick: i + 1,
    at,
    kind: n === 2 ? (i % 7 === 0 ? 'throttle' : 'start') : 'remove',
    container_id: n === 2 ? null : hex(((i + 5 * n) % 12) + 1),
    name: i % 25 === 3 ? HOSTILE : `caso-${i}-${n}`,
    level: i % 6 === 0 ? null : i % 2 === 0 ? 'low' : 'high',
    because: `sobra <b>${i}</b>`,
    result: i % 10 === 1 ? 'failed' : i % 10 === 2 ? 'skipped' : 'done',
    detail: 'código 137',
    took_ms: i + 0.5,
  })),
);

export const cycles = TIMES.map((at, i) => ({
  tick: i + 1,
  at,
  sensor: 'kernel',
  plan: i % 60 === 30 ? 'hold' : 'act',
  because: i % 60 === 30 ? `sin muestra ${i}` : null,
  candidates: '[]',
  low_before: 3 + (i % 4),
  high_before: 2 + (i % 3),
  unknown_before: i % 2,
  low_after: i % 97 === 96 ? 2 : 3,
  high_after: i % 89 === 88 ? 1 : 2,
  unknown_after: (i * 3) % 5,
  // An earlier version did not record the quotas.
  low_keep: i < CYCLES / 2 ? null : 4,
  high_keep: i < CYCLES / 2 ? null : 1,
  removed: actions.filter((a) => a.tick === i + 1 && a.kind === 'remove' && a.result === 'done').length,
  started: 0,
  sense_ms: 5 + (i % 7) / 4,
  decide_ms: 1 + (i % 3) / 8,
  act_ms: 100 + i,
  rss_kb: 60_000 + ((i * 31) % 997),
}));

export type Level = 'low' | 'high' | 'unknown';

export function container(key: number, over: Partial<Row> = {}) {
  return {
    key,
    id: hex(key),
    name: `caso-${key}`,
    image: 'vigia-idle',
    managed: 1,
    protected: 0,
    // null: recorded by an earlier version.
    kind: key % 4 === 1 ? 'disposable' : key % 4 === 2 ? 'service' : null,
    declared_class: null,
    pid: 4000 + key,
    level: 'low',
    first_seen: START,
    last_seen: LAST,
    removed_at: null,
    removed_because: null,
    peak_rss_kb: 1000 * key,
    peak_mem_percent: key / 100,
    peak_cpu_percent: key / 7,
    ...over,
  };
}

export const GONE = { last_seen: START + 3000, removed_at: START + 3000, removed_because: 'sobra' };
export const containers = [
  container(1),
  container(2),
  container(3),
  // Lives long enough that a point of its own panels covers many samples.
  container(4, { first_seen: START - 30_000, level: 'high', peak_rss_kb: 300_000, peak_cpu_percent: 99.5 }),
  // Removed, and with higher peaks than every running one: they must be first in the pies.
  container(5, { level: 'high', ...GONE, peak_rss_kb: 800_000, peak_cpu_percent: 398.25 }),
  container(6, { level: 'high', ...GONE, peak_rss_kb: 300_000, peak_cpu_percent: 99.5 }),
  container(7, { name: HOSTILE, level: 'high', peak_rss_kb: 500_000, peak_cpu_percent: 150 }),
  container(8, { pid: null, ...GONE, peak_rss_kb: 310_000, peak_cpu_percent: null }),
  // Foreign: the highest peaks of all, and in no pie.
  container(9, {
    managed: 0,
    kind: 'foreign',
    name: 'ajeno',
    level: 'high',
    peak_rss_kb: 3_000_000,
    peak_cpu_percent: 400,
  }),
  container(10, {
    managed: 0,
    protected: 1,
    kind: 'protected',
    name: 'vigia-grafana',
    peak_rss_kb: 900_000,
    peak_cpu_percent: 390,
  }),
  // Ended before most ranges; the second one never used anything.
  container(11, {
    first_seen: START - 90_000,
    last_seen: START - 86_000,
    peak_rss_kb: 2_000_000,
    peak_cpu_percent: 399,
  }),
  container(13, {
    first_seen: START - 90_000,
    last_seen: START - 86_000,
    peak_rss_kb: 0,
    peak_cpu_percent: 0,
  }),
  container(12, { level: 'unknown', peak_rss_kb: 0, peak_cpu_percent: 0 }),
];

export const containerSamples = TIMES.flatMap((at, i) =>
  containers
    .filter(({ first_seen, last_seen }) => first_seen <= at && at <= last_seen)
    .map(({ key, level }) => ({
      at,
      container: key,
      // Every container is unknown in its first cycle.
      level: (i === 0 ? 'unknown' : level) as Level,
      because: `regla ${key % 3}`,
      start_ns: 1,
      monotonic_ns: 1,
      cpu_time_ns: 1,
      cpu_percent: i === 0 ? null : ((i * key) % 400) / 4,
      vsz_kb: 5000 * key,
      rss_kb: 100 * key + (i % 10),
      mem_percent: key / 40,
      memory_current_kb: key % 2 === 0 ? 90 * key : null,
      memory_limit_kb: key % 4 === 0 ? 262_144 : null,
      process_count: (key % 3) + 1,
      io_read_bytes: key % 2 === 0 ? key * 4096 * (i + 1) + (i % 5) : null,
      // Restarted once: its counters start from zero.
      io_write_bytes: (i < 120 ? i : i - 120) * key * 512,
      net_rx_bytes: key % 3 === 0 ? null : i * i * key,
      // Unknown at times.
      net_tx_bytes: i % 90 < 5 ? null : i * 333,
      block_read_bytes: null,
      block_write_bytes: key === 4 ? i * 4096 : null,
      memory_used_kb: key % 2 === 0 ? 80 * key : null,
      cpu_throttled_ns: key % 3 === 0 ? key * 1.5e9 + i : null,
      memory_full_avg10: key % 5 === 0 ? null : key / 4,
      io_full_avg10: key % 7 === 0 ? null : (i % 9) / 2,
      memory_full_total_us: key % 5 === 0 ? null : i * 12_345,
      io_full_total_us: key % 7 === 0 ? null : i * 777_777,
      cpu_some_total_us: i * (1000 + key),
      cpu_limited_to: key === 1 || key === 7 ? 25 : null,
      squeezed_to_kb: key === 7 ? 512 * 1024 + 68 : null,
      pids_limited_to: key === 2 || key === 7 ? 1977 : null,
      io_limited_to: key === 7 ? 10 : null,
    })),
);

export const processSamples = TIMES.flatMap((at, i) =>
  [1, 2, 3, 4, 5, 6, 7].map((n) => ({
    at,
    // The kernel reuses PIDs: number 7 is another program in the second half.
    pid: 10 * n,
    name: n === 7 ? (i < CYCLES / 2 ? 'primero' : 'segundo') : n === 6 ? HOSTILE : `proc${n}`,
    cmdline: n === 1 ? null : n === 2 ? '' : `/usr/bin/proc${n} "--x=${HOSTILE}"`,
    state: ['R', 'S', 'D', 'T', 't', 'Z', '?'][n - 1] ?? 'S',
    uid: n === 1 ? 0 : 1000,
    cpu_percent: n === 3 ? 0 : ((i * n * 31) % 3989) / 10,
    vsz_kb: 10_000 * n,
    rss_kb: n === 2 ? 0 : (i * n * 101) % 99_991,
    mem_percent: n / 3,
    io_read_bytes: null,
    io_write_bytes: 7,
    container_id: n > 4 ? hex(n) : null,
  })),
);

export const processCounts = TIMES.flatMap((at, i) =>
  Object.entries({ R: 1 + (i % 3), S: 150 + (i % 9), D: i % 2, Z: i % 5, I: 60 })
    .filter(([, count]) => count > 0)
    .map(([state, count]) => ({ at, state, count })),
);

export const faults = [3, 130, 130, 131, 390].map((i, n) => ({
  id: n + 1,
  tick: i + 1,
  at: TIMES[i] ?? 0,
  sensor: n === 2 ? 'policy' : n % 2 === 0 ? 'continfo' : 'engine',
  message: `no responde ${n}`,
  blind: n % 2,
}));

export function emptyDatabase(): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  return db;
}

export function insert(db: DatabaseSync, table: string, rows: readonly Row[]): void {
  const names = Object.keys(rows[0] ?? {});
  const statement = db.prepare(`INSERT INTO ${table} (${names}) VALUES (${names.map(() => '?')})`);
  for (const row of rows) statement.run(...names.map((name) => row[name] ?? null));
}

export const directory = mkdtempSync(join(tmpdir(), 'vigia-panels-'));
export const file = join(directory, 'seeded.db');
let seeded: DatabaseSync | undefined;
after(() => {
  seeded?.close();
  rmSync(directory, { recursive: true });
});

export function seededDatabase(): DatabaseSync {
  seeded ??= seed(new DatabaseSync(file));
  return seeded;
}

export function seed(db: DatabaseSync): DatabaseSync {
  migrate(db);
  db.exec('BEGIN');
  insert(db, 'host_sample', hosts);
  insert(db, 'cycle', cycles);
  insert(db, 'container', containers);
  insert(db, 'container_sample', containerSamples);
  insert(db, 'process_sample', processSamples);
  insert(db, 'process_count', processCounts);
  insert(db, 'action', actions);
  insert(db, 'fault', faults);
  db.exec('COMMIT');
  // As Grafana's data source opens it.
  db.exec('PRAGMA query_only = 1');
  return db;
}

export const ms = (seconds: number): number => seconds * 1000;
export const RANGES: readonly Range[] = [
  { name: 'one hour', from: ms(START + 1800) + 123, to: ms(START + 5400) + 456 },
  { name: 'seven days', from: ms(START - 6 * 86_400), to: ms(START + 86_400) },
  { name: 'exactly the edges of two cycles', from: ms(TIMES[10] ?? 0), to: ms(TIMES[20] ?? 0) },
  { name: 'one millisecond before a cycle', from: ms(TIMES[10] ?? 0), to: ms(TIMES[20] ?? 0) - 1 },
  { name: 'a single cycle, the first', from: ms(START), to: ms(START) + 999 },
  { name: 'long before, when two containers lived', from: ms(START - 90_000), to: ms(START - 80_000) },
  { name: 'after everything', from: ms(LAST + 3600), to: ms(LAST + 7200) },
  { name: 'before everything', from: ms(START - 200_000), to: ms(START - 100_000) },
];
