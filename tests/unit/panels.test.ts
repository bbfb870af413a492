// Every panel runs on a database made by the real migration, and its rows are held against the same answer worked out
// here in plain TypeScript from the seeds: never against its own SQL.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { containersToChoose } from '../../daemon/src/panels/containers-to-choose.ts';
import {
  dashboards,
  GRID_COLUMNS,
  HEADING_HEIGHT,
  headings,
  panels,
  place,
} from '../../daemon/src/panels/dashboards.ts';
import type { Panel } from '../../daemon/src/panels/panel.ts';
import { bindRange } from '../../daemon/src/panels/range.ts';
import { removalMarks } from '../../daemon/src/panels/removal-marks.ts';
import { migrate } from '../../daemon/src/record/database.ts';

type Value = string | number | null;
type Row = Readonly<Record<string, Value>>;

interface Range {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

// ---------------------------------------------------------------- the seeds

/** Divisible by 60, so that buckets of 20 s and of minutes begin here. */
const START = 1_700_000_040;
const CYCLES = 400;
/** Every third cycle is a second late, as real ones are. */
const TIMES = Array.from({ length: CYCLES }, (_, i) => START + i * 20 + (i % 3 === 2 ? 1 : 0));
const LAST = TIMES[CYCLES - 1] ?? START;

const HOSTILE = `"><img src=x onerror=alert(1)>'; DROP TABLE container;-- $__from \${x} ñ 🔥\u0001`;

const hex = (n: number): string => n.toString(16).padStart(4, '0').repeat(16);

const hosts = TIMES.map((at, i) => ({
  at,
  cpus: 4,
  // Memory was plugged in half-way.
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

const actions = TIMES.flatMap((at, i) =>
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

const cycles = TIMES.map((at, i) => ({
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
  removed: actions.filter((a) => a.tick === i + 1 && a.kind === 'remove' && a.result === 'done').length,
  started: 0,
  sense_ms: 5 + (i % 7) / 4,
  decide_ms: 1 + (i % 3) / 8,
  act_ms: 100 + i,
  rss_kb: 60_000 + ((i * 31) % 997),
}));

type Level = 'low' | 'high' | 'unknown';

function container(key: number, over: Partial<Row> = {}) {
  return {
    key,
    id: hex(key),
    name: `caso-${key}`,
    image: 'vigia-idle',
    managed: 1,
    protected: 0,
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

const GONE = { last_seen: START + 3000, removed_at: START + 3000, removed_because: 'sobra' };
const containers = [
  container(1),
  container(2),
  container(3),
  container(4, { level: 'high', peak_rss_kb: 300_000, peak_cpu_percent: 99.5 }),
  // Greedier than all that still run, and removed: these must lead the pies.
  container(5, { level: 'high', ...GONE, peak_rss_kb: 800_000, peak_cpu_percent: 398.25 }),
  container(6, { level: 'high', ...GONE, peak_rss_kb: 300_000, peak_cpu_percent: 99.5 }),
  container(7, { name: HOSTILE, level: 'high', peak_rss_kb: 500_000, peak_cpu_percent: 150 }),
  container(8, { pid: null, ...GONE, peak_rss_kb: 310_000, peak_cpu_percent: null }),
  // Not ours: greedier than anything, in no pie.
  container(9, { managed: 0, name: 'ajeno', level: 'high', peak_rss_kb: 3_000_000, peak_cpu_percent: 400 }),
  container(10, {
    managed: 0,
    protected: 1,
    name: 'vigia-grafana',
    peak_rss_kb: 900_000,
    peak_cpu_percent: 390,
  }),
  // Lived and died before most ranges; the second never used anything.
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

const containerSamples = TIMES.flatMap((at, i) =>
  containers
    .filter(({ first_seen, last_seen }) => first_seen <= at && at <= last_seen)
    .map(({ key, level }) => ({
      at,
      container: key,
      // Each is unknown in its first cycle.
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
      // Restarted once: its counters begin anew.
      io_write_bytes: (i < 120 ? i : i - 120) * key * 512,
      net_rx_bytes: key % 3 === 0 ? null : i * i * key,
      // Unknown for a while.
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
    })),
);

const processSamples = TIMES.flatMap((at, i) =>
  [1, 2, 3, 4, 5, 6, 7].map((n) => ({
    at,
    // The kernel reuses pids: number 7 is another program in the second half.
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

const processCounts = TIMES.flatMap((at, i) =>
  Object.entries({ R: 1 + (i % 3), S: 150 + (i % 9), D: i % 2, Z: i % 5, I: 60 })
    .filter(([, count]) => count > 0)
    .map(([state, count]) => ({ at, state, count })),
);

const faults = [3, 130, 130, 131, 390].map((i, n) => ({
  id: n + 1,
  tick: i + 1,
  at: TIMES[i] ?? 0,
  sensor: n % 2 === 0 ? 'continfo' : 'engine',
  message: `no responde ${n}`,
  blind: n % 2,
}));

function emptyDatabase(): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  return db;
}

function insert(db: DatabaseSync, table: string, rows: readonly Row[]): void {
  const names = Object.keys(rows[0] ?? {});
  const statement = db.prepare(`INSERT INTO ${table} (${names}) VALUES (${names.map(() => '?')})`);
  for (const row of rows) statement.run(...names.map((name) => row[name] ?? null));
}

const directory = mkdtempSync(join(tmpdir(), 'vigia-panels-'));
const file = join(directory, 'seeded.db');
let seeded: DatabaseSync | undefined;
after(() => {
  seeded?.close();
  rmSync(directory, { recursive: true });
});

function seededDatabase(): DatabaseSync {
  seeded ??= seed(new DatabaseSync(file));
  return seeded;
}

function seed(db: DatabaseSync): DatabaseSync {
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

const ms = (seconds: number): number => seconds * 1000;
const RANGES: readonly Range[] = [
  { name: 'one hour', from: ms(START + 1800) + 123, to: ms(START + 5400) + 456 },
  { name: 'seven days', from: ms(START - 6 * 86_400), to: ms(START + 86_400) },
  { name: 'exactly the edges of two cycles', from: ms(TIMES[10] ?? 0), to: ms(TIMES[20] ?? 0) },
  { name: 'one millisecond before a cycle', from: ms(TIMES[10] ?? 0), to: ms(TIMES[20] ?? 0) - 1 },
  { name: 'a single cycle, the first', from: ms(START), to: ms(START) + 999 },
  { name: 'long before, when two containers lived', from: ms(START - 90_000), to: ms(START - 80_000) },
  { name: 'after everything', from: ms(LAST + 3600), to: ms(LAST + 7200) },
  { name: 'before everything', from: ms(START - 200_000), to: ms(START - 100_000) },
];

// ---------------------------------------------------------------- the same answers, by hand

const seconds = (range: Range) => ({ from: Math.floor(range.from / 1000), to: Math.floor(range.to / 1000) });

function within<T extends { readonly at: number }>(rows: readonly T[], range: Range): T[] {
  const { from, to } = seconds(range);
  return rows.filter(({ at }) => at >= from && at <= to);
}

function newest<T extends { readonly at: number }>(rows: readonly T[], range: Range): T[] {
  const inRange = within(rows, range);
  const at = Math.max(...inRange.map((row) => row.at));
  return inRange.filter((row) => row.at === at);
}

/** As the panels promise it where no tier is written: at most 600 points, of whole minutes, of 5 minutes, of hours. */
function stepOf(range: Range): number {
  const { from, to } = seconds(range);
  return stepFor(to - from);
}

function stepFor(length: number): number {
  const steps = (unit: number) => unit * Math.ceil(length / 600 / unit);
  if (length <= 12_000) return 20;
  if (length <= 21_600) return steps(60);
  return length <= 604_800 ? steps(300) : steps(3600);
}

function buckets<T extends { readonly at: number }>(
  rows: readonly T[],
  range: Range,
  step = stepOf(range),
): [number, T[]][] {
  const groups = new Map<number, T[]>();
  for (const row of within(rows, range)) {
    const time = Math.floor(row.at / step) * step;
    groups.set(time, [...(groups.get(time) ?? []), row]);
  }
  return [...groups].sort(([a], [b]) => a - b);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const mean = (numbers: readonly (number | null)[]): number | null => {
  const known = numbers.filter((n) => n !== null);
  return known.length === 0 ? null : sum(known) / known.length;
};
const max = (numbers: readonly (number | null)[]): number | null => {
  const known = numbers.filter((n) => n !== null);
  return known.length === 0 ? null : Math.max(...known);
};

/** Total order over the given keys; null is the least, as in SQLite. */
function by<T>(...keys: ((row: T) => Value)[]): (a: T, b: T) => number {
  return (a, b) => {
    for (const key of keys) {
      const [x, y] = [key(a), key(b)];
      if (x === y) continue;
      if (x === null) return -1;
      if (y === null) return 1;
      return x < y ? -1 : 1;
    }
    return 0;
  };
}
const down = (n: number | null): number => (n === null ? Number.POSITIVE_INFINITY : -n);

function topContainers(
  range: Range,
  value: (c: (typeof containers)[number]) => Value,
  column: string,
): Row[] {
  const { from, to } = seconds(range);
  return containers
    .filter((c) => c.managed === 1 && c.last_seen >= from && c.first_seen <= to && Number(value(c) ?? 0) > 0)
    .sort(
      by(
        (c) => down(Number(value(c))),
        (c) => c.key,
      ),
    )
    .slice(0, 5)
    .map((c) => ({
      Contenedor: `${c.name} (pid ${c.pid ?? '?'}, ${c.id.slice(0, 12)})`,
      [column]: value(c),
    }));
}

function topProcesses(
  range: Range,
  value: (p: (typeof processSamples)[number]) => number,
  column: string,
): Row[] {
  const { from, to } = seconds(range);
  const byPid = to - from <= 21_600;
  const peaks = new Map<string, { pid: number; name: string; peak: number }>();
  for (const row of within(processSamples, range)) {
    const identity = byPid ? `${row.pid}/${row.name}` : row.name;
    const peak = Math.max(value(row), peaks.get(identity)?.peak ?? 0);
    if (peak > 0) peaks.set(identity, { pid: byPid ? row.pid : 0, name: row.name, peak });
  }
  return [...peaks.values()]
    .sort(
      by(
        ({ peak }) => -peak,
        ({ pid }) => pid,
        ({ name }) => name,
      ),
    )
    .slice(0, 5)
    .map(({ pid, name, peak }) => ({ Proceso: byPid ? `${name} (pid ${pid})` : name, [column]: peak }));
}

function byClass(range: Range, value: (s: (typeof containerSamples)[number]) => number | null): Row[] {
  const managed = new Set(containers.filter((c) => c.managed === 1).map((c) => c.key));
  return buckets(
    containerSamples.filter((s) => managed.has(s.container)),
    range,
  ).map(([time, rows]) => {
    const moments = [...new Set(rows.map(({ at }) => at))];
    const average = (level: Level) =>
      mean(
        moments.map((at) =>
          sum(rows.filter((r) => r.at === at && r.level === level).map((r) => value(r) ?? 0)),
        ),
      );
    return {
      time,
      'Bajo consumo': average('low'),
      'Alto consumo': average('high'),
      'Sin clasificar': average('unknown'),
    };
  });
}

const STATES: Readonly<Record<string, string>> = {
  R: 'en ejecución (R)',
  S: 'dormido (S)',
  D: 'bloqueado (D)',
  T: 'detenido (T)',
  t: 'en depuración (t)',
  Z: 'zombi (Z)',
  X: 'muerto (X)',
  I: 'ocioso (I)',
};
const CLASS: Readonly<Record<string, string>> = { low: 'bajo', high: 'alto' };
const KIND: Readonly<Record<string, string>> = { remove: 'eliminar', start: 'iniciar', throttle: 'frenar' };
const RESULT: Readonly<Record<string, string>> = { done: 'hecho', skipped: 'omitido', failed: 'falló' };

const removed = (range: Range) =>
  within(actions, range).filter((a) => a.kind === 'remove' && a.result === 'done');

const samplesOf = (chosen: string) => {
  const key = chosen === '' ? undefined : containers.find(({ id }) => id.startsWith(chosen))?.key;
  return containerSamples.filter(({ container }) => container === key);
};

/** A container's own panels go by the part of its life that lies in the range. */
function stepInLife(range: Range, chosen: string): number {
  const { from, to } = seconds(range);
  const life = containers.find(({ id }) => chosen !== '' && id.startsWith(chosen));
  return life === undefined ? 20 : stepFor(Math.min(to, life.last_seen) - Math.max(from, life.first_seen));
}

/** What counters gained per second between neighbours, where both are known and none shrank. */
function rates(
  range: Range,
  chosen: string,
  factor: number,
  counters: Readonly<Record<string, (sample: (typeof containerSamples)[number]) => number | null>>,
): Row[] {
  const rows = within(samplesOf(chosen), range).sort(by(({ at }) => at));
  const pairs = rows.slice(1).map((now, i) => ({ at: now.at, before: rows[i] ?? now, now }));
  return buckets(pairs, range, stepInLife(range, chosen)).map(([time, steps]) => {
    const row: Record<string, Value> = { time };
    for (const [name, read] of Object.entries(counters)) {
      const gains = steps.flatMap(({ before, now }) => {
        const [x, y] = [read(before), read(now)];
        return x === null || y === null || y < x ? [] : [{ gain: y - x, seconds: now.at - before.at }];
      });
      row[name] =
        gains.length === 0
          ? null
          : (factor * sum(gains.map(({ gain }) => gain))) / sum(gains.map(({ seconds }) => seconds));
    }
    return row;
  });
}

/** Whom the panels about one container are asked for: by ID, by its beginning, a removed one, and nobody. */
const CHOSEN = [hex(4), hex(12).slice(0, 12), hex(5), hex(9).slice(0, 12), 'ffffffffffff', ''];

const EXPECTED: Readonly<Record<string, (range: Range, chosen: string) => Row[]>> = {
  'total-ram': (range) => newest(hosts, range).map((h) => ({ 'RAM total': h.total_kb })),
  'free-ram': (range) => newest(hosts, range).map((h) => ({ 'RAM libre': h.free_kb })),
  'used-ram': (range) => newest(hosts, range).map((h) => ({ 'RAM en uso': h.used_kb })),
  'ram-over-time': (range) =>
    buckets(hosts, range).map(([time, rows]) => ({
      time,
      'En uso': mean(rows.map((r) => r.used_kb)),
      Libre: mean(rows.map((r) => r.free_kb)),
      Total: max(rows.map((r) => r.total_kb)),
    })),
  'host-cpu': (range) =>
    newest(
      hosts.filter((h) => h.cpu_percent !== null),
      range,
    ).map((h) => ({ CPU: (h.cpu_percent ?? 0) / 4 })),
  'host-cpu-over-time': (range) =>
    buckets(
      hosts.filter((h) => h.cpu_percent !== null),
      range,
    ).map(([time, rows]) => {
      const shares = rows.map((r) => (r.cpu_percent ?? 0) / 4);
      return { time, Promedio: mean(shares), Máximo: max(shares) };
    }),
  'pressure-over-time': (range) =>
    buckets(
      hosts.filter((h) => h.memory_some_avg10 !== null),
      range,
    ).map(([time, rows]) => ({
      time,
      'Memoria, some': max(rows.map((r) => r.memory_some_avg10)),
      'Memoria, full': max(rows.map((r) => r.memory_full_avg10)),
      'E/S, full': max(rows.map((r) => r.io_full_avg10)),
      'CPU, some': max(rows.map((r) => r.cpu_some_avg10)),
    })),
  'sample-age': (range) => {
    const seen = TIMES.filter((at) => at <= seconds(range).to);
    return seen.length === 0 ? [] : [{ Edad: seconds(range).to - Math.max(...seen) }];
  },
  'low-running': (range) => newest(cycles, range).map((c) => ({ 'Bajo consumo': c.low_after })),
  'high-running': (range) => newest(cycles, range).map((c) => ({ 'Alto consumo': c.high_after })),
  'running-over-time': (range) =>
    buckets(cycles, range).map(([time, rows]) => ({
      time,
      'Bajo consumo': Math.min(...rows.map((r) => r.low_after)),
      'Alto consumo': Math.min(...rows.map((r) => r.high_after)),
      'Sin clasificar': Math.max(...rows.map((r) => r.unknown_after)),
      'Bajo requerido': 3,
      'Alto requerido': 2,
    })),
  'removed-total': (range) => [{ Eliminados: removed(range).length }],
  'removed-over-time': (range) => {
    const perTime = new Map(buckets(removed(range), range).map(([time, rows]) => [time, rows.length]));
    let total = 0;
    return buckets(cycles, range).map(([time]) => {
      total += perTime.get(time) ?? 0;
      return { time, 'Por intervalo': perTime.get(time) ?? 0, Acumulados: total };
    });
  },
  'top-containers-ram': (range) => topContainers(range, (c) => c.peak_rss_kb, 'RAM'),
  'top-containers-cpu': (range) => topContainers(range, (c) => c.peak_cpu_percent, 'CPU'),
  'containers-ram-over-time': (range) => byClass(range, (s) => s.rss_kb),
  'containers-cpu-over-time': (range) => byClass(range, (s) => s.cpu_percent),
  'containers-now': (range) => {
    const at = newest(cycles, range)[0]?.at;
    return containerSamples
      .filter((s) => s.at === at)
      .sort(
        by(
          (s) => down(s.cpu_percent),
          (s) => -s.rss_kb,
          (s) => s.container,
        ),
      )
      .map((s) => {
        const c = containers.find(({ key }) => key === s.container);
        assert.ok(c);
        const { memory_current_kb: current, memory_limit_kb: limit } = s;
        return {
          Contenedor: c.name,
          ID: c.id.slice(0, 12),
          PID: c.pid,
          Clase: CLASS[s.level] ?? 'sin clasificar',
          Gestión: c.protected ? 'protegido' : c.managed ? 'gestionado' : 'ajeno',
          CPU: s.cpu_percent,
          RAM: s.mem_percent,
          RSS: s.rss_kb,
          VSZ: s.vsz_kb,
          'Del límite': current === null || limit === null ? null : (100 * current) / limit,
          'RAM sin caché': s.memory_used_kb,
          Frenado: s.cpu_throttled_ns === null ? null : s.cpu_throttled_ns / 1e9,
          'Espera RAM': s.memory_full_avg10,
          'Espera E/S': s.io_full_avg10,
          Procesos: s.process_count,
          Leído: s.io_read_bytes,
          Escrito: s.io_write_bytes,
          'Por qué esa clase': s.because,
          Imagen: c.image,
        };
      });
  },
  decisions: (range) =>
    within(actions, range)
      .sort(
        by(
          (a) => -a.at,
          (a) => -a.id,
        ),
      )
      .slice(0, 200)
      .map((a) => ({
        Hora: a.at,
        Acción: KIND[a.kind] ?? a.kind,
        Contenedor: a.name,
        ID: a.container_id?.slice(0, 12) ?? null,
        Clase: CLASS[a.level ?? ''] ?? 'ninguna',
        Razón: a.because,
        Resultado: RESULT[a.result] ?? a.result,
        Detalle: a.detail,
        Tardó: a.took_ms,
      })),
  'container-lives': (range) => {
    const { from, to } = seconds(range);
    const last = cycles.findLast(({ at }) => at <= to)?.at ?? Number.POSITIVE_INFINITY;
    return containers
      .filter((c) => c.managed === 1 && c.last_seen >= from && c.first_seen <= to)
      .sort(
        by(
          (c) => -c.last_seen,
          (c) => -c.first_seen,
          (c) => -c.key,
        ),
      )
      .slice(0, 30)
      .flatMap((c) => {
        const lane = `${c.name} (pid ${c.pid ?? '?'}, ${c.id.slice(0, 12)})`;
        const began: Row = {
          time: Math.max(c.first_seen, from),
          lane,
          state: CLASS[c.level] ?? 'sin clasificar',
        };
        const lives = c.removed_at === null && c.last_seen >= last;
        const end = Math.max(c.removed_at ?? c.last_seen, c.first_seen + 20);
        return lives || end > to ? [began] : [began, { time: end, lane, state: null }];
      })
      .sort(
        by(
          (r) => r['time'] ?? null,
          (r) => r['lane'] ?? null,
          (r) => r['state'] ?? null,
        ),
      );
  },
  'limit-use': (range) => {
    const at = newest(cycles, range)[0]?.at;
    return containerSamples
      .flatMap((s) =>
        s.at === at && s.memory_limit_kb !== null && s.memory_current_kb !== null
          ? [{ key: s.container, share: (100 * s.memory_current_kb) / s.memory_limit_kb }]
          : [],
      )
      .sort(
        by(
          ({ share }) => -share,
          ({ key }) => key,
        ),
      )
      .slice(0, 10)
      .map(({ key, share }) => ({
        Contenedor: containers.find((c) => c.key === key)?.name ?? null,
        'Del límite': share,
      }));
  },
  'container-cpu-over-time': (range, chosen) =>
    buckets(
      samplesOf(chosen).filter((s) => s.cpu_percent !== null),
      range,
      stepInLife(range, chosen),
    ).map(([time, rows]) => {
      const rates = rows.map((r) => r.cpu_percent);
      return { time, Promedio: mean(rates), Máximo: max(rates) };
    }),
  'container-ram-over-time': (range, chosen) =>
    buckets(samplesOf(chosen), range, stepInLife(range, chosen)).map(([time, rows]) => ({
      time,
      RSS: max(rows.map((r) => r.rss_kb)),
      'Sin caché': max(rows.map((r) => r.memory_used_kb)),
      Límite: max(rows.map((r) => r.memory_limit_kb)),
    })),
  'container-io-over-time': (range, chosen) =>
    rates(range, chosen, 1, {
      Leídos: (s) => s.io_read_bytes,
      Escritos: (s) => s.io_write_bytes,
      'Del disco': (s) => s.block_read_bytes,
      'Al disco': (s) => s.block_write_bytes,
    }),
  'container-network-over-time': (range, chosen) =>
    rates(range, chosen, 1, { Recibidos: (s) => s.net_rx_bytes, Enviados: (s) => s.net_tx_bytes }),
  'container-throttled-over-time': (range, chosen) =>
    // In nanoseconds: a second of them is 100 %.
    rates(range, chosen, 100 / 1e9, {
      Frenado: (s) => s.cpu_throttled_ns,
      'Espera RAM': (s) => (s.memory_full_total_us === null ? null : s.memory_full_total_us * 1000),
      'Espera E/S': (s) => (s.io_full_total_us === null ? null : s.io_full_total_us * 1000),
      'Espera CPU': (s) => s.cpu_some_total_us * 1000,
    }),
  'load-over-time': (range) =>
    buckets(hosts, range).map(([time, rows]) => ({
      time,
      Promedio: mean(rows.map((r) => r.load1)),
      Máximo: max(rows.map((r) => r.load1)),
      Núcleos: 4,
    })),
  'daemon-cost-over-time': (range) =>
    buckets(cycles, range).map(([time, rows]) => ({
      time,
      Leer: mean(rows.map((r) => r.sense_ms)),
      Decidir: mean(rows.map((r) => r.decide_ms)),
      Actuar: mean(rows.map((r) => r.act_ms)),
    })),
  'daemon-ram-over-time': (range) =>
    buckets(cycles, range).map(([time, rows]) => ({ time, RSS: max(rows.map((r) => r.rss_kb)) })),
  'database-size': () => [{ 'Base de datos': statSync(file).size }],
  holds: (range) =>
    [
      ...within(cycles, range)
        .filter((c) => c.plan === 'hold')
        .map((c) => ({ Hora: c.at, Ciclo: c.tick, Qué: 'en espera', Razón: c.because })),
      ...within(faults, range).map((f) => ({
        Hora: f.at,
        Ciclo: f.tick,
        Qué: `fallo de ${f.sensor}${f.blind ? ', a ciegas' : ''}`,
        Razón: f.message,
      })),
    ].sort(
      by(
        (r) => -r.Hora,
        (r) => -r.Ciclo,
        (r) => r.Qué,
        (r) => r.Razón,
      ),
    ),
  'process-total': (range) =>
    newest(
      hosts.filter((h) => h.process_total !== null),
      range,
    ).map((h) => ({ Procesos: h.process_total })),
  'processes-over-time': (range) =>
    buckets(processCounts, range).map(([time, rows]) => {
      const moments = new Set(rows.map(({ at }) => at)).size;
      const average = (state: string) =>
        sum(rows.filter((r) => r.state === state).map((r) => r.count)) / moments;
      return {
        time,
        'En ejecución': average('R'),
        Bloqueados: average('D'),
        Zombis: average('Z'),
        Total: sum(rows.map((r) => r.count)) / moments,
      };
    }),
  'process-states': (range) =>
    newest(processCounts, range)
      .sort(
        by(
          (p) => -p.count,
          (p) => p.state,
        ),
      )
      .map((p) => ({ Estado: STATES[p.state] ?? p.state, Procesos: p.count })),
  'top-processes-ram': (range) => topProcesses(range, (p) => p.rss_kb, 'RAM'),
  'top-processes-cpu': (range) => topProcesses(range, (p) => p.cpu_percent, 'CPU'),
  'processes-now': (range) =>
    newest(processSamples, range)
      .sort(
        by(
          (p) => -p.cpu_percent,
          (p) => -p.rss_kb,
          (p) => p.pid,
        ),
      )
      .map((p) => ({
        PID: p.pid,
        Nombre: p.name,
        Estado: STATES[p.state] ?? p.state,
        CPU: p.cpu_percent,
        RAM: p.mem_percent,
        RSS: p.rss_kb,
        VSZ: p.vsz_kb,
        UID: p.uid,
        Contenedor: p.container_id?.slice(0, 12) ?? null,
        Comando: p.cmdline,
      })),
};

// ---------------------------------------------------------------- the tests

function run(db: DatabaseSync, sql: string, range: Range, chosen = ''): Row[] {
  const statement = db.prepare(bindRange(sql, range.from, range.to));
  const rows = /:container\b/.test(sql) ? statement.all({ container: chosen }) : statement.all();
  return rows.map((row) => ({ ...row }) as Row);
}

/** The order of the columns counts too: a table shows them in it. Sums of floats may differ in their last bits. */
function assertSameRows(actual: readonly Row[], expected: readonly Row[], what: string): void {
  assert.equal(actual.length, expected.length, `${what}: rows`);
  for (const [i, row] of actual.entries()) {
    const wanted = expected[i] ?? {};
    assert.deepEqual(Object.keys(row), Object.keys(wanted), `${what}: columns`);
    for (const [name, value] of Object.entries(row)) {
      const want = wanted[name] ?? null;
      const same =
        typeof value === 'number' && typeof want === 'number'
          ? Math.abs(value - want) <= 1e-9 * Math.max(1, Math.abs(want))
          : value === want;
      assert.ok(same, `${what}: row ${i}, ${name}: ${value} instead of ${want}`);
    }
  }
}

function assertShape(panel: Panel, rows: readonly Row[]): void {
  const what = `${panel.id} (${panel.kind})`;
  for (const row of rows) {
    const [first, ...rest] = Object.entries(row);
    assert.ok(first, what);
    switch (panel.kind) {
      case 'stat':
        assert.equal(rest.length, 0, `${what}: one column`);
        assert.equal(typeof first[1], 'number', what);
        break;
      case 'line':
        assert.equal(first[0], 'time', what);
        assert.ok(Number.isInteger(first[1]), `${what}: whole seconds`);
        assert.ok(rest.length > 0, what);
        for (const [name, value] of rest)
          assert.ok(value === null || typeof value === 'number', `${what}: ${name}`);
        break;
      case 'timeline':
        assert.deepEqual(Object.keys(row), ['time', 'lane', 'state'], what);
        assert.ok(Number.isInteger(first[1]) && typeof row['lane'] === 'string', what);
        assert.ok(row['state'] === null || String(row['state']) in (panel.states ?? {}), what);
        break;
      case 'pie':
      case 'bar':
        assert.equal(typeof first[1], 'string', `${what}: label`);
        assert.equal(rest.length, 1, what);
        assert.equal(typeof rest[0]?.[1], 'number', what);
        break;
      case 'table':
        assert.deepEqual(Object.keys(row), Object.keys(panel.columns ?? {}), what);
        break;
    }
  }
  if (panel.kind === 'stat') assert.ok(rows.length <= 1, `${what}: ${rows.length} rows`);
  if (panel.kind === 'pie') assert.ok(rows.length <= 5, `${what}: ${rows.length} slices`);
  if (panel.kind === 'line' || panel.kind === 'timeline') {
    const times = rows.map((row) => Number(row['time']));
    const least = panel.kind === 'line' ? 1 : 0;
    for (const [i, time] of times.entries())
      assert.ok(i === 0 || time >= (times[i - 1] ?? 0) + least, `${what}: ascending`);
  }
}

describe('the panels', () => {
  const db = seededDatabase();

  it('have an expected answer each, worked out in this file', () => {
    assert.deepEqual(Object.keys(EXPECTED).sort(), panels.map(({ id }) => id).sort());
  });

  for (const panel of panels) {
    it(`${panel.id} answers as the seeds say`, () => {
      for (const range of RANGES) {
        for (const chosen of panel.perContainer ? CHOSEN : ['']) {
          const rows = run(db, panel.sql, range, chosen);
          const expected = EXPECTED[panel.id]?.(range, chosen) ?? [];
          assertSameRows(rows, expected, `${panel.id}, ${range.name}, ${chosen}`);
          assertShape(panel, rows);
        }
      }
    });
  }

  it('find something in the ordinary ranges: no expectation is met by two empty lists', () => {
    for (const range of RANGES.slice(0, 2)) {
      for (const panel of panels)
        assert.ok(run(db, panel.sql, range, CHOSEN[0]).length > 0, `${panel.id}, ${range.name}`);
    }
  });

  it('keep one storage class per column: the data source would cut floats that follow an integer', () => {
    for (const range of RANGES) {
      for (const panel of panels) {
        for (const column of Object.keys(run(db, panel.sql, range, CHOSEN[0])[0] ?? {})) {
          const classes = run(
            db,
            `SELECT DISTINCT typeof("${column}") AS class FROM (${panel.sql}) WHERE "${column}" IS NOT NULL`,
            range,
            CHOSEN[0],
          );
          assert.ok(classes.length <= 1, `${panel.id}, ${column}: ${JSON.stringify(classes)}`);
        }
      }
    }
  });

  it('draw at most about 600 points, however long the range', () => {
    const big = emptyDatabase();
    insert(
      big,
      'host_sample',
      Array.from({ length: 50_000 }, (_, i) => ({ ...hosts[1], at: START + i * 1000 })),
    );
    const ramOverTime = panels.find(({ id }) => id === 'ram-over-time');
    for (const days of [0.1, 1, 7, 30, 90, 578]) {
      const to = START + 50_000_000;
      const rows = run(big, ramOverTime?.sql ?? '', { name: '', from: ms(to - days * 86_400), to: ms(to) });
      assert.ok(rows.length <= 602, `${days} days: ${rows.length} points`);
    }
  });

  it('answer an empty database without an error, and say nothing that is not so', () => {
    const empty = emptyDatabase();
    for (const range of RANGES) {
      for (const panel of panels) {
        const rows = run(empty, panel.sql, range);
        assertShape(panel, rows);
        if (panel.id === 'database-size') continue;
        assertSameRows(rows, panel.id === 'removed-total' ? [{ Eliminados: 0 }] : [], panel.id);
      }
      assert.deepEqual(run(empty, removalMarks.sql, range), []);
    }
  });

  it('let hostile names through as the data they are', () => {
    const range = RANGES[1] as Range;
    const shown = (id: string) => run(db, panels.find((panel) => panel.id === id)?.sql ?? '', range);
    const label = `${HOSTILE} (pid 4007, ${hex(7).slice(0, 12)})`;
    assert.ok(shown('top-containers-ram').some((row) => row['Contenedor'] === label));
    assert.ok(shown('top-containers-cpu').some((row) => row['Contenedor'] === label));
    assert.ok(shown('containers-now').some((row) => row['Contenedor'] === HOSTILE));
    assert.ok(shown('decisions').some((row) => row['Contenedor'] === HOSTILE));
    assert.ok(shown('processes-now').some((row) => row['Nombre'] === HOSTILE));
    assert.equal(db.prepare('SELECT COUNT(*) AS n FROM container').get()?.['n'], containers.length);
  });

  it('are one plain statement each, with no placeholder but the range and, where it is said, the container', () => {
    for (const { id, sql, perContainer } of panels) {
      assert.equal(/:container\b/.test(sql), perContainer === true, id);
      if (id !== 'database-size') assert.match(sql, /\$__to\b/, id);
    }
    for (const sql of [...panels.map((panel) => panel.sql), removalMarks.sql, containersToChoose.sql]) {
      // What Grafana would take for a variable of its own counts even inside a text.
      assert.doesNotMatch(sql, /\$(?!__(from|to)\b)|\[\[/, sql);
      assert.doesNotMatch(sql.replace(/'[^']*'/g, '').replaceAll(':container', ''), /;|--|\?|[:@]\w/, sql);
    }
  });

  it('offer the containers to choose from, those that run first', () => {
    const rows = db.prepare(containersToChoose.sql).all();
    assert.equal(rows.length, containers.length);
    for (const row of rows) {
      const chosen = containers.find(({ id }) => id.startsWith(String(row['__value'])));
      assert.equal(row['__text'], `${chosen?.name} (${row['__value']})`);
    }
    const seen = rows.map(
      (row) => containers.find(({ id }) => id.startsWith(String(row['__value'])))?.last_seen,
    );
    assert.deepEqual(
      seen,
      [...seen].sort((a, b) => Number(b) - Number(a)),
    );
  });

  it('mark each removal with its time, name and reason', () => {
    for (const range of RANGES) {
      const expected = removed(range)
        .sort(
          by(
            (a) => -a.at,
            (a) => -a.id,
          ),
        )
        .slice(0, 500)
        .map((a) => ({ time: a.at, text: `${a.name}: ${a.because}` }));
      assertSameRows(run(db, removalMarks.sql, range), expected, range.name);
    }
  });
});

describe('bindRange', () => {
  it('replaces every placeholder, and only whole ones', () => {
    assert.equal(bindRange('$__from $__to $__from/1000 $__fromage', 1, 2), '1 2 1/1000 $__fromage');
  });

  it('refuses everything but whole milliseconds', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1.5, 2 ** 53, '1; DROP TABLE cycle' as never]) {
      assert.throws(() => bindRange('$__from', bad, 2), RangeError);
      assert.throws(() => bindRange('$__to', 1, bad), RangeError);
    }
  });
});

describe('the dashboards', () => {
  it('show what the assignment lists', () => {
    const ids = (id: string) =>
      dashboards.find((d) => d.id === id)?.rows.flatMap(({ cells }) => cells.map(({ panel }) => panel.id)) ??
      [];
    const kindOf = new Map(panels.map(({ id, kind }) => [id, kind]));
    for (const id of ['total-ram', 'free-ram', 'used-ram', 'ram-over-time']) {
      assert.ok(ids('contenedores').includes(id) && ids('procesos-del-sistema').includes(id), id);
    }
    const required = {
      'removed-over-time': 'line',
      'top-containers-ram': 'pie',
      'top-containers-cpu': 'pie',
    };
    for (const [id, kind] of Object.entries(required)) {
      assert.ok(ids('contenedores').includes(id), id);
      assert.equal(kindOf.get(id), kind);
    }
    for (const id of [
      'top-processes-ram',
      'top-processes-cpu',
      'process-states',
      'process-total',
      'processes-now',
    ]) {
      assert.ok(ids('procesos-del-sistema').includes(id), id);
    }
  });

  it('give every panel an id, a title and a description of its own', () => {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
    for (const { id, description } of panels) {
      assert.match(id, /^[a-z]+(-[a-z]+)*$/);
      assert.ok(description.length > 0, id);
    }
  });

  it('place each panel inside the grid and none over another', () => {
    for (const dashboard of dashboards) {
      const taken = new Map<string, string>();
      for (const { text, y } of headings(dashboard)) {
        for (let column = 0; column < GRID_COLUMNS; column++) {
          for (let line = y; line < y + HEADING_HEIGHT; line++) taken.set(`${column},${line}`, text);
        }
      }
      for (const { panel, x, y, width, height } of place(dashboard)) {
        assert.ok(
          x >= 0 && width > 0 && height > 0 && x + width <= GRID_COLUMNS,
          `${dashboard.id}: ${panel.id}`,
        );
        for (let column = x; column < x + width; column++) {
          for (let line = y; line < y + height; line++) {
            const cell = `${column},${line}`;
            assert.equal(taken.get(cell), undefined, `${dashboard.id}: ${panel.id} over ${taken.get(cell)}`);
            taken.set(cell, panel.id);
          }
        }
      }
    }
  });

  it('name only series that the panel has', () => {
    const db = seededDatabase();
    for (const panel of panels) {
      const columns = Object.keys(run(db, panel.sql, RANGES[1] as Range, CHOSEN[0])[0] ?? {});
      if (panel.containerColumn !== undefined)
        assert.ok(panel.columns?.[panel.containerColumn], `${panel.id}: ${panel.containerColumn}`);
      for (const name of [...(panel.rightAxis ?? []), ...(panel.dashed ?? [])]) {
        assert.ok(columns.includes(name), `${panel.id}: ${name}`);
      }
    }
  });
});
