// Ten days of samples, of which three are kept row by row and six in buckets of 5 minutes. A panel over a long range
// must give the figures of all the samples, computed here from the samples themselves.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { panels } from '../../daemon/src/panels/dashboards.ts';
import { bindRange } from '../../daemon/src/panels/range.ts';
import { migrate } from '../../daemon/src/record/database.ts';

type Value = string | number | null;
type Row = Readonly<Record<string, Value>>;

const DAY = 86_400;
/** A whole hour, and a multiple of the step of every range below. */
const START = 1_700_006_400 - (1_700_006_400 % 21_600);
/** Seconds between samples. A minute gives fewer rows; no panel depends on it. */
const EVERY = 60;
const END = START + 10 * DAY;
/** The last samples are in buckets that are not written yet. */
const TIMES = Array.from({ length: (END - START) / EVERY - 7 }, (_, i) => START + i * EVERY);
const LAST = TIMES.at(-1) ?? END;
const KEPT_RAW = LAST - 3 * DAY;
const KEPT_FINE = LAST - 6 * DAY;
const doneOf = (step: number) => Math.floor((LAST - 600) / step) * step;

const ID = 'abcdef012345'.padEnd(64, '0');
const SHORT = 'fedcba987654'.padEnd(64, '1');
/** Lives for five minutes, two days before the end. */
const SHORT_LIFE = { from: LAST - 2 * DAY, to: LAST - 2 * DAY + 300 };

interface Moment {
  readonly at: number;
  readonly used: number;
  readonly free: number;
  readonly cpu: number;
  readonly load: number;
  readonly psi: number;
  readonly running: number;
  readonly low: number;
  readonly high: number;
  readonly unknown: number;
  readonly removed: number;
  readonly rss: number;
  readonly ownCpu: number;
  readonly ownRss: number;
  readonly foreignRss: number;
  readonly read: number;
  readonly throttled: number;
}

const moments: readonly Moment[] = TIMES.map((at, i) => ({
  at,
  used: 1_000_000 + ((i * 7919) % 400_000),
  free: 2_000_000 - ((i * 104_729) % 300_000),
  cpu: ((i * 37) % 400) + 0.5,
  load: ((i * 11) % 70) / 10,
  psi: ((i * 13) % 900) / 10,
  running: 1 + (i % 5),
  low: i % 1013 === 0 ? 2 : 3,
  high: i % 2027 === 0 ? 1 : 2,
  unknown: i % 4,
  removed: i % 3,
  rss: 60_000 + ((i * 31) % 997),
  ownCpu: ((i * 17) % 100) + 0.25,
  ownRss: 50_000 + ((i * 271) % 9000),
  foreignRss: 900_000,
  read: i * 4096,
  throttled: i * 1e9,
}));

const min = (values: readonly number[]) => Math.min(...values);
const max = (values: readonly number[]) => Math.max(...values);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function bucketsOf<T extends { readonly at: number }>(rows: readonly T[], step: number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const row of rows) {
    const at = Math.floor(row.at / step) * step;
    const group = groups.get(at);
    if (group === undefined) groups.set(at, [row]);
    else group.push(row);
  }
  return groups;
}

// ---------------------------------------------------------------- the database, as retention leaves it

function insert(db: DatabaseSync, table: string, rows: readonly Row[]): void {
  const names = Object.keys(rows[0] ?? {});
  const statement = db.prepare(`INSERT INTO ${table} (${names}) VALUES (${names.map(() => '?')})`);
  for (const row of rows) statement.run(...names.map((name) => row[name] ?? null));
}

const spread = (name: string, values: readonly number[]) => ({
  [`${name}_min`]: min(values),
  [`${name}_avg`]: mean(values),
  [`${name}_max`]: max(values),
});

function database(): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  db.exec('BEGIN');
  insert(db, 'container', [
    life(1, ID, 1, START, LAST),
    life(2, '9'.repeat(64), 0, START, LAST),
    life(3, SHORT, 1, SHORT_LIFE.from, SHORT_LIFE.to),
  ]);
  const raw = moments.filter(({ at }) => at >= KEPT_RAW);
  insert(db, 'host_sample', raw.map(hostRow));
  insert(db, 'cycle', raw.map(cycleRow));
  insert(
    db,
    'process_count',
    raw.map(({ at, running }) => ({ at, state: 'R', count: running })),
  );
  insert(
    db,
    'process_sample',
    raw.map(({ at, ownCpu, ownRss }) => processRow(at, ownCpu, ownRss)),
  );
  insert(
    db,
    'container_sample',
    raw.flatMap((m) => samplesAt(m)),
  );
  for (const [step, keptFrom] of [
    [300, KEPT_FINE],
    [3600, 0],
  ] as const) {
    const rows = moments.filter(({ at }) => at < doneOf(step));
    for (const [at, group] of bucketsOf(rows, step)) if (at >= keptFrom) insertBucket(db, step, at, group);
    db.prepare('UPDATE tier SET done = ? WHERE step = ?').run(doneOf(step), step);
  }
  db.exec('COMMIT');
  db.exec('PRAGMA query_only = 1');
  return db;
}

function insertBucket(db: DatabaseSync, step: number, at: number, group: readonly Moment[]): void {
  const of = (read: (m: Moment) => number) => group.map(read);
  insert(db, 'host_tier', [
    {
      step,
      at,
      samples: group.length,
      cpus: 4,
      total_kb: 4_000_000,
      ...spread(
        'free_kb',
        of((m) => m.free),
      ),
      ...spread(
        'available_kb',
        of((m) => m.free),
      ),
      ...spread(
        'used_kb',
        of((m) => m.used),
      ),
      ...spread(
        'cpu_percent',
        of((m) => m.cpu),
      ),
      ...spread(
        'load1',
        of((m) => m.load),
      ),
      ...spread(
        'memory_full_avg10',
        of((m) => m.psi),
      ),
      ...spread(
        'memory_some_avg10',
        of((m) => m.psi),
      ),
      ...spread(
        'io_full_avg10',
        of((m) => m.psi),
      ),
      ...spread(
        'cpu_some_avg10',
        of((m) => m.psi),
      ),
      ...spread(
        'process_total',
        of((m) => m.running),
      ),
    },
  ]);
  insert(db, 'cycle_tier', [
    {
      step,
      at,
      cycles: group.length,
      holds: 0,
      faults: 0,
      removed: of((m) => m.removed).reduce((a, b) => a + b),
      started: 0,
      throttled: 0,
      released: 0,
      ...spread(
        'low',
        of((m) => m.low),
      ),
      ...spread(
        'high',
        of((m) => m.high),
      ),
      ...spread(
        'unknown',
        of((m) => m.unknown),
      ),
      ...spread(
        'sense_ms',
        of((m) => m.load),
      ),
      ...spread(
        'act_ms',
        of((m) => m.cpu),
      ),
      ...spread(
        'rss_kb',
        of((m) => m.rss),
      ),
    },
  ]);
  const classRow = (managed: number, level: string, rss: number[], cpu: number[]) => ({
    step,
    at,
    managed,
    level,
    moments: group.length,
    seen: 1,
    ...spread('containers', [1]),
    ...spread('cpu_percent', cpu),
    ...spread('rss_kb', rss),
    ...spread('memory_used_kb', rss),
  });
  const nothing = of(() => 0);
  insert(db, 'class_tier', [
    classRow(
      1,
      'high',
      of((m) => m.ownRss),
      of((m) => m.ownCpu),
    ),
    classRow(
      0,
      'low',
      of((m) => m.foreignRss),
      nothing,
    ),
    classRow(
      1,
      'low',
      of((m) => (livesShort(m.at) ? 700 : 0)),
      nothing,
    ),
  ]);
  const last = group.at(-1);
  insert(db, 'container_tier', [
    {
      step,
      at,
      container: 1,
      samples: group.length,
      high_samples: group.length,
      ...spread(
        'cpu_percent',
        of((m) => m.ownCpu),
      ),
      ...spread(
        'rss_kb',
        of((m) => m.ownRss),
      ),
      ...spread('process_count', [1]),
      cpu_throttled_ns: last?.throttled ?? 0,
      io_read_bytes: last?.read ?? 0,
    },
  ]);
  insert(db, 'process_count_tier', [
    {
      step,
      at,
      state: 'R',
      ...spread(
        'count',
        of((m) => m.running),
      ),
    },
  ]);
  insert(db, 'process_tier', [
    {
      step,
      at,
      name: 'web',
      moments: group.length,
      ...spread(
        'cpu_percent',
        of((m) => m.ownCpu),
      ),
      ...spread(
        'rss_kb',
        of((m) => m.ownRss),
      ),
    },
  ]);
}

const livesShort = (at: number) => at >= SHORT_LIFE.from && at <= SHORT_LIFE.to;

const life = (key: number, id: string, managed: number, first: number, last: number) => ({
  key,
  id,
  name: `caso-${key}`,
  image: 'vigia/cpu',
  managed,
  protected: 0,
  level: key === 1 ? 'high' : 'low',
  first_seen: first,
  last_seen: last,
  peak_rss_kb: 1,
  peak_mem_percent: 1,
});

const hostRow = (m: Moment) => ({
  at: m.at,
  cpus: 4,
  total_kb: 4_000_000,
  free_kb: m.free,
  available_kb: m.free,
  used_kb: m.used,
  cpu_percent: m.cpu,
  load1: m.load,
  memory_full_avg10: m.psi,
  memory_some_avg10: m.psi,
  io_full_avg10: m.psi,
  cpu_some_avg10: m.psi,
  process_total: m.running,
});

const cycleRow = (m: Moment) => ({
  tick: (m.at - START) / EVERY + 1,
  at: m.at,
  sensor: 'kernel',
  plan: 'act',
  candidates: '[]',
  low_before: 0,
  high_before: 0,
  unknown_before: 0,
  low_after: m.low,
  high_after: m.high,
  unknown_after: m.unknown,
  removed: m.removed,
  started: 0,
  sense_ms: m.load,
  decide_ms: 1,
  act_ms: m.cpu,
  rss_kb: m.rss,
});

const processRow = (at: number, cpu: number, rss: number) => ({
  at,
  pid: 7,
  name: 'web',
  state: 'R',
  uid: 0,
  cpu_percent: cpu,
  vsz_kb: 1,
  rss_kb: rss,
  mem_percent: 1,
});

function samplesAt(m: Moment): Row[] {
  const sample = (container: number, level: string, cpu: number, rss: number, more: Row = {}) => ({
    at: m.at,
    container,
    level,
    because: '',
    start_ns: 1,
    monotonic_ns: 1,
    cpu_time_ns: 1,
    cpu_percent: cpu,
    vsz_kb: 1,
    rss_kb: rss,
    mem_percent: 1,
    process_count: 1,
    cpu_throttled_ns: null,
    io_read_bytes: null,
    ...more,
  });
  return [
    sample(1, 'high', m.ownCpu, m.ownRss, { cpu_throttled_ns: m.throttled, io_read_bytes: m.read }),
    sample(2, 'low', 0, m.foreignRss),
    ...(livesShort(m.at) ? [sample(3, 'low', 0, 700)] : []),
  ];
}

// ---------------------------------------------------------------- the figures of all the samples

interface Long {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Expected seconds between points. */
  readonly step: number;
  /** Step of the tier that must be read. */
  readonly source: number;
}

const RANGES: readonly Long[] = [
  { name: 'six hours that are kept row by row', from: LAST - 21_600, to: LAST, step: 60, source: 20 },
  { name: 'two days up to now', from: START + 8 * DAY, to: LAST, step: 300, source: 300 },
  { name: 'five days up to now', from: START + 5 * DAY, to: LAST, step: 900, source: 300 },
  { name: 'ten days up to now', from: START, to: LAST, step: 3600, source: 3600 },
  {
    name: 'two hours when only 5 minutes are kept',
    from: START + 5 * DAY,
    to: START + 5 * DAY + 7199,
    step: 300,
    source: 300,
  },
  {
    name: 'two hours when only hours are kept',
    from: START + DAY,
    to: START + DAY + 7199,
    step: 3600,
    source: 3600,
  },
];

const inRange = ({ from, to }: Long) => moments.filter(({ at }) => at >= from && at <= to);

function line(range: Long, columns: (group: readonly Moment[]) => Row): Row[] {
  return [...bucketsOf(inRange(range), range.step)]
    .sort(([a], [b]) => a - b)
    .map(([time, group]) => ({ time, ...columns(group) }));
}

const averageOf = (group: readonly Moment[], read: (m: Moment) => number) => mean(group.map(read));
const highest = (group: readonly Moment[], read: (m: Moment) => number) => max(group.map(read));

const EXPECTED: Readonly<Record<string, (range: Long) => Row[]>> = {
  'ram-over-time': (range) =>
    line(range, (g) => ({
      'En uso': averageOf(g, (m) => m.used),
      Recuperable: averageOf(g, (m) => Math.max(0, 4_000_000 - m.used - m.free)),
      Libre: averageOf(g, (m) => m.free),
    })),
  'host-cpu-over-time': (range) =>
    line(range, (g) => ({
      Promedio: averageOf(g, (m) => m.cpu / 4),
      Máximo: highest(g, (m) => m.cpu / 4),
    })),
  'load-over-time': (range) =>
    line(range, (g) => ({
      Promedio: averageOf(g, (m) => m.load),
      Máximo: highest(g, (m) => m.load),
      Núcleos: 4,
    })),
  'pressure-over-time': (range) =>
    line(range, (g) => {
      const psi = highest(g, (m) => m.psi);
      return { 'Memoria, some': psi, 'Memoria, full': psi, 'E/S, full': psi, 'CPU, some': psi };
    }),
  'running-over-time': (range) =>
    line(range, (g) => ({
      'Bajo consumo': min(g.map((m) => m.low)),
      'Alto consumo': min(g.map((m) => m.high)),
      'Sin clasificar': highest(g, (m) => m.unknown),
      'Bajo requerido': 3,
      'Alto requerido': 2,
    })),
  'removed-total': (range) => [{ Eliminados: inRange(range).reduce((sum, m) => sum + m.removed, 0) }],
  'removed-over-time': (range) => {
    let total = 0;
    return line(range, (g) => {
      const removed = g.reduce((sum, m) => sum + m.removed, 0);
      total += removed;
      return { 'Por intervalo': removed, Acumulados: total };
    });
  },
  'daemon-ram-over-time': (range) => line(range, (g) => ({ RSS: highest(g, (m) => m.rss) })),
  'containers-ram-over-time': (range) =>
    line(range, (g) => ({
      'Bajo consumo': averageOf(g, (m) => (livesShort(m.at) ? 700 : 0)),
      'Alto consumo': averageOf(g, (m) => m.ownRss),
      'Sin clasificar': 0,
    })),
  'containers-cpu-over-time': (range) =>
    line(range, (g) => ({
      'Bajo consumo': 0,
      'Alto consumo': averageOf(g, (m) => m.ownCpu),
      'Sin clasificar': 0,
    })),
  'container-cpu-over-time': (range) =>
    line(range, (g) => ({
      Promedio: averageOf(g, (m) => m.ownCpu),
      Máximo: highest(g, (m) => m.ownCpu),
    })),
  'container-ram-over-time': (range) =>
    line(range, (g) => ({ RSS: highest(g, (m) => m.ownRss), Liberaría: null, Límite: null })),
  'top-processes-cpu': (range) => [{ Proceso: nameOf(range), CPU: highest(inRange(range), (m) => m.ownCpu) }],
  'top-processes-ram': (range) => [{ Proceso: nameOf(range), RAM: highest(inRange(range), (m) => m.ownRss) }],
};

const nameOf = ({ source }: Long) => (source === 20 ? 'web (pid 7)' : 'web');

// ---------------------------------------------------------------- the tests

const db = database();
const sqlOf = (id: string) => panels.find((panel) => panel.id === id)?.sql ?? assert.fail(id);

function run(sql: string, { from, to }: Pick<Long, 'from' | 'to'>, container = ID): Row[] {
  const statement = db.prepare(bindRange(sql, from * 1000, to * 1000));
  const rows = sql.includes(':container') ? statement.all({ container }) : statement.all();
  return rows.map((row) => ({ ...row }) as Row);
}

function assertClose(actual: readonly Row[], expected: readonly Row[], what: string): void {
  assert.equal(actual.length, expected.length, `${what}: rows`);
  for (const [i, row] of actual.entries()) {
    assert.deepEqual(Object.keys(row), Object.keys(expected[i] ?? {}), what);
    for (const [name, value] of Object.entries(row)) {
      const want = expected[i]?.[name] ?? null;
      const same =
        typeof value === 'number' && typeof want === 'number'
          ? Math.abs(value - want) <= 1e-9 * Math.max(1, Math.abs(want))
          : value === want;
      assert.ok(same, `${what}: row ${i} of ${actual.length}, ${name}: ${value} instead of ${want}`);
    }
  }
}

describe('over a range whose samples are not all kept', () => {
  for (const [id, expected] of Object.entries(EXPECTED)) {
    it(`${id} gives the figures of all the samples`, () => {
      for (const range of RANGES) {
        assertClose(run(sqlOf(id), range), expected(range), `${id}, ${range.name}`);
      }
    });
  }

  it('processes-over-time does too, within 0.1 where the newest samples follow whole buckets', () => {
    for (const range of RANGES) {
      const rows = run(sqlOf('processes-over-time'), range);
      const expected = line(range, (g) => ({ running: averageOf(g, (m) => m.running) }));
      assert.equal(rows.length, expected.length, range.name);
      for (const [i, row] of rows.entries()) {
        const off = Math.abs(Number(row['En ejecución']) - Number(expected[i]?.['running']));
        assert.ok(off < (i < rows.length - 2 ? 1e-9 : 0.1), `${range.name}, row ${i}: off by ${off}`);
      }
    }
  });

  it('the rates of counters are the same in every bucket', () => {
    for (const range of RANGES) {
      const io = run(sqlOf('container-io-over-time'), range);
      const throttled = run(sqlOf('container-throttled-over-time'), range);
      assert.ok(io.length > 0 && io.length === throttled.length, range.name);
      for (const [i, row] of io.entries()) {
        // Where samples follow a tier, the first sample is a minute after the end of the bucket.
        const near = (value: unknown, want: number) => Math.abs(Number(value) - want) <= 0.21 * want;
        assert.ok(near(row['Leídos'], 4096 / EVERY), `${range.name}: ${row['Leídos']}`);
        assert.equal(row['Escritos'], null);
        assert.ok(
          near(throttled[i]?.['Frenado'], 100 / EVERY),
          `${range.name}: ${throttled[i]?.['Frenado']}`,
        );
      }
      const middle = io[Math.floor(io.length / 2)];
      assert.ok(Math.abs(Number(middle?.['Leídos']) - 4096 / EVERY) < 1e-9, range.name);
    }
  });

  it('a container that lived for minutes is shown sample by sample over any range', () => {
    const rows = run(sqlOf('container-cpu-over-time'), { from: START, to: LAST }, SHORT);
    assert.equal(rows.length, 300 / EVERY + 1);
  });

  it('the newest figure is the newest sample, and in an old range the last bucket', () => {
    const [long] = run(sqlOf('used-ram'), { from: START, to: LAST });
    assert.equal(long?.['RAM en uso'], moments.at(-1)?.used);
    const old = { from: START, to: START + 7199 };
    const hour = moments.filter(({ at }) => at >= START + 3600 && at < START + 7200);
    assertClose(run(sqlOf('used-ram'), old), [{ 'RAM en uso': averageOf(hour, (m) => m.used) }], 'old');
  });
});

describe('container lives in all their tables', () => {
  const many = new DatabaseSync(':memory:');
  migrate(many);
  const RECENT = 30 * DAY;
  /**
   * Of all ages and lengths. Older short ones are in `lifetime`, the oldest with the highest peaks in `lifetime_top`.
   */
  const all = Array.from({ length: 900 }, (_, i) => {
    const last = (i * 7_654_321) % (40 * DAY);
    const length = i % 4 === 0 ? ((i * 7919) % 600_000) + 600 : (i * 31) % 600;
    const table =
      i % 4 === 0 || last >= RECENT
        ? 'container'
        : last < 2 * DAY && i % 3 === 0
          ? 'lifetime_top'
          : 'lifetime';
    return {
      table,
      id: `${String(i).padStart(12, '0')}${table === 'container' ? 'f'.repeat(52) : ''}`,
      name: `n${i}`,
      image: 'x',
      managed: i % 5 === 0 ? 0 : 1,
      protected: 0,
      pid: i,
      level: i % 2 ? 'low' : 'high',
      first_seen: last - length,
      last_seen: last,
      removed_at: i % 3 === 0 ? last : null,
      // With ties, to test the order of equals.
      peak_rss_kb: (i * 104_729) % 211,
      peak_mem_percent: 1,
      peak_cpu_percent: i % 11 === 0 ? null : ((i * 6151) % 307) / 7,
    };
  });
  for (const { table, ...row } of all) insert(many, table, [row]);
  const ranges = [0.01, 0.3, 1, 1.5, 5, 12, 33, 60].flatMap((days) =>
    [0, 1, 2, 9, 20, 29, 30, 31, 39].map((day) => ({ from: day * DAY, to: Math.round((day + days) * DAY) })),
  );
  const ask = (id: string, { from, to }: { from: number; to: number }) =>
    many.prepare(bindRange(sqlOf(id), from * 1000, to * 1000)).all();
  const label = ({ name, pid, id }: (typeof all)[number]) => `${name} (pid ${pid}, ${id.slice(0, 12)})`;
  const touching = ({ from, to }: { from: number; to: number }) =>
    all.filter((l) => l.managed === 1 && l.last_seen >= from && l.first_seen <= to);

  for (const [id, peak] of [
    ['top-containers-ram', 'peak_rss_kb'],
    ['top-containers-cpu', 'peak_cpu_percent'],
  ] as const) {
    it(`${id} finds those with the highest peaks`, () => {
      let found = 0;
      for (const range of ranges) {
        const expected = touching(range)
          .filter((l) => (l[peak] ?? 0) > 0)
          .sort((a, b) => (b[peak] ?? 0) - (a[peak] ?? 0) || (a.id < b.id ? -1 : 1))
          .slice(0, 5)
          .map((l) => [label(l), l[peak]]);
        assert.deepEqual(
          ask(id, range).map((row) => Object.values(row)),
          expected,
          JSON.stringify(range),
        );
        found += expected.length;
      }
      assert.ok(found > 200, `${found} containers`);
    });
  }

  it('container-lives draws the newest fifteen', () => {
    let drawn = 0;
    for (const range of ranges) {
      const expected = touching(range)
        .sort((a, b) => b.last_seen - a.last_seen || b.first_seen - a.first_seen || (a.id < b.id ? 1 : -1))
        .slice(0, 15)
        .map(label);
      const lanes = new Set(ask('container-lives', range).map((row) => row['lane']));
      assert.deepEqual([...lanes].sort(), expected.sort(), JSON.stringify(range));
      drawn += expected.length;
    }
    assert.ok(drawn > 250, `${drawn} lives`);
  });
});

describe('decisions older than the actions that are kept', () => {
  const one = new DatabaseSync(':memory:');
  migrate(one);
  one.exec(`PRAGMA foreign_keys = 0;
    INSERT INTO decision_line (at, tick, removed, started, throttled, released, failed, line) VALUES
      (1000, 1, 3, 0, 0, 0, 0, 'removed a, b, c'), (2000, 2, 0, 2, 0, 0, 1, 'started d'), (5000, 9, 1, 0, 0, 0, 0, 'e');
    INSERT INTO action (tick, at, kind, name, because, result, detail, took_ms)
      VALUES (9, 5000, 'remove', 'e', 'surplus', 'done', 'gone', 1)`);
  const all = (sql: string) =>
    one
      .prepare(bindRange(sql, 0, 9_000_000))
      .all()
      .map((row) => ({ ...row }));

  it('are one line per cycle in the table, and none is listed twice', () => {
    assert.deepEqual(
      all(sqlOf('decisions')).map((row) => [row['Hora'], row['Acción'], row['Razón'], row['Resultado']]),
      [
        [5000, 'eliminar', 'surplus', 'hecho'],
        [2000, 'ciclo entero', 'started d', 'falló'],
        [1000, 'ciclo entero', 'removed a, b, c', 'hecho'],
      ],
    );
  });
});
