import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { recorder } from '../../daemon/src/app/recorder.ts';
import { DEFAULTS } from '../../daemon/src/model/config.ts';
import type { Classification, Decision, Outcome, Plan } from '../../daemon/src/model/decision.ts';
import { NO_HISTORY } from '../../daemon/src/model/history.ts';
import type { ContainerSample, ProcessSample } from '../../daemon/src/model/snapshot.ts';
import { openForWriting } from '../../daemon/src/record/database.ts';
import { findContainers, readEvents, readStory } from '../../daemon/src/record/queries.ts';
import { upkeep } from '../../daemon/src/record/retention.ts';
import { rolledUpTo, rollUp } from '../../daemon/src/record/roll-up.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { explain } from '../../daemon/src/show/explain.ts';
import { config, container, HOST, idOf, SECOND_NS, snapshot, usage } from './builders.ts';

const CONFIG = config();
const START = 1_800_000_000;
const DAY = 86_400;
const KEPT = {
  samplesDays: 1,
  fiveMinutesDays: 10,
  hoursDays: 40,
  lifetimesDays: 12,
  decisionsDays: 14,
  linesDays: 45,
};
const NOTHING: Plan = {
  kind: 'hold',
  because: { code: 'message', text: 'nothing to do: the quotas stand' },
  candidates: [],
};

type Numbers = Record<string, number | null>;

function scratch(t: TestContext): DatabaseSync {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-tiers-'));
  const db = openForWriting(join(dir, 'vigia.db'), (message) => assert.fail(message));
  db.exec('PRAGMA synchronous = OFF');
  t.after(() => {
    db.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return db;
}

interface Seen {
  readonly n: number;
  readonly level: Classification['level'];
  readonly cpu: number | null;
  readonly rssKb: number;
  readonly usedKb: number | null;
  readonly isForeign: boolean;
}

interface Moment {
  readonly afterSeconds: number;
  readonly availableKb: number;
  readonly psi: number | null;
  readonly seen: readonly Seen[];
  readonly processes: readonly { readonly name: number; readonly rssKb: number; readonly cpu: number }[];
  readonly states: Readonly<Record<string, number>>;
}

function decision(tick: number, at: number, moment: Moment, partial: Partial<Decision> = {}): Decision {
  const containers = moment.seen.map(
    ({ n, rssKb, usedKb, isForeign }): ContainerSample =>
      container(n, {
        ...(isForeign ? { labels: {} } : {}),
        usage: usage({ pid: 1000 + n, rssKb, memoryUsedKb: usedKb, ioReadBytes: tick * 4096 + n }),
      }),
  );
  const processes = moment.processes.map(
    ({ name, rssKb, cpu }, pid): ProcessSample => ({
      pid: pid + 1,
      ppid: 1,
      uid: 0,
      name: `p${name}`,
      cmdline: '',
      state: 'S',
      threads: 1,
      vszKb: 1,
      rssKb,
      memPercent: 0,
      cpuPercent: cpu,
      cpuTimeNs: 0,
      // A new process in each cycle: its rate is the lifetime average.
      startNs: tick * 1000 + pid,
      ioReadBytes: null,
      ioWriteBytes: null,
      containerId: null,
    }),
  );
  return {
    history: NO_HISTORY,
    snapshot: snapshot(containers, {
      tick,
      at: at * 1000,
      monotonicNs: tick * 20 * SECOND_NS,
      host: { ...HOST, availableKb: moment.availableKb, memoryFullAvg10: moment.psi },
      processes,
      processCounts: { total: processes.length, byState: moment.states },
    }),
    classifications: moment.seen.map(({ n, level, cpu }) => ({
      id: idOf(n),
      level,
      nextLevel: level,
      cpuPercent: cpu,
      memPercent: 0,
      because: { code: 'message', text: '' },
      breaches: [],
    })),
    plan: NOTHING,
    outcomes: [],
    observations: [],
    before: { low: 0, high: 0, unknown: 0 },
    after: { low: moment.seen.length, high: tick % 3, unknown: 0 },
    cost: { senseMs: tick % 7, decideMs: 1, actMs: tick % 5 },
    ...partial,
  };
}

const QUIET: Moment = {
  afterSeconds: 20,
  availableKb: 1,
  psi: 0,
  seen: [{ n: 1, level: 'low', cpu: 1, rssKb: 10, usedKb: null, isForeign: false }],
  processes: [],
  states: { S: 1 },
};

const seen = fc.record({
  n: fc.integer({ min: 1, max: 6 }),
  level: fc.constantFrom('low', 'high', 'unknown'),
  cpu: fc.option(fc.double({ min: 0, max: 400, noNaN: true })),
  rssKb: fc.integer({ min: 0, max: 4_000_000 }),
  usedKb: fc.option(fc.integer({ min: 0, max: 4_000_000 })),
  isForeign: fc.constant(false),
});
const moment = fc.record({
  // Usually a cycle; sometimes an emergency, a gap, or a clock that is set back.
  afterSeconds: fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 15, max: 60 }) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 2 }) },
    { weight: 1, arbitrary: fc.integer({ min: 300, max: 9000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -4000, max: 0 }) },
  ),
  availableKb: fc.integer({ min: 0, max: 4_000_000 }),
  psi: fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
  seen: fc
    .uniqueArray(seen, { maxLength: 6, selector: ({ n }) => n })
    .map((list) => list.map((one) => ({ ...one, isForeign: one.n > 4 }))),
  processes: fc.array(
    fc.record({
      name: fc.integer({ min: 0, max: 30 }),
      rssKb: fc.integer({ min: 0, max: 1_000_000 }),
      cpu: fc.double({ min: 0, max: 100, noNaN: true }),
    }),
    { maxLength: 25 },
  ),
  states: fc.dictionary(fc.constantFrom('S', 'R', 'D', 'Z'), fc.integer({ min: 0, max: 500 })),
});

const all = (db: DatabaseSync, sql: string) => db.prepare(sql).all() as Numbers[];

/** Reference minimum, mean and maximum of the known values. */
function statistics(metric: string, values: readonly (number | null | undefined)[]): Numbers {
  const known = values.filter((value) => value !== null && value !== undefined);
  const mean = known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
  return {
    [`${metric}_min`]: known.length === 0 ? null : Math.min(...known),
    [`${metric}_avg`]: mean,
    [`${metric}_max`]: known.length === 0 ? null : Math.max(...known),
  };
}

function assertClose(actual: Numbers | undefined, expected: Numbers, where: string): void {
  assert.ok(actual, `${where} is missing`);
  for (const [column, value] of Object.entries(expected)) {
    const got: number | null = actual[column] ?? null;
    if (value === null || got === null) assert.equal(got, value, `${where} ${column}`);
    else
      assert.ok(
        Math.abs(got - value) <= 1e-9 * Math.max(1, Math.abs(value)),
        `${where} ${column}: ${got}, not ${value}`,
      );
  }
}

const sum = (values: readonly (number | null | undefined)[]) =>
  values.reduce<number>((a, b) => a + (b ?? 0), 0);
const group = <T>(rows: readonly T[], key: (row: T) => unknown) =>
  Map.groupBy(rows, (row) => String(key(row)));

interface Checked {
  buckets: number;
  classes: number;
  containers: number;
  states: number;
  processes: number;
}

/** Compares every bucket of a tier with the figures computed from the samples. Returns how many rows it compared. */
function check(db: DatabaseSync, step: number, done: number, isSteady = true): Checked {
  const checked: Checked = { buckets: 0, classes: 0, containers: 0, states: 0, processes: 0 };
  const isLongBy = (until: number, key: number | null | undefined) => {
    const [life] = all(
      db,
      `SELECT max(at) - min(at) AS seconds FROM container_sample WHERE container = ${key} AND at <= ${until}`,
    );
    return Number(life?.['seconds']) >= 600;
  };
  const bucket = (row: Numbers) => Number(row['at']) - (Number(row['at']) % step);
  const rowsOf = (table: string) => group(all(db, `SELECT * FROM ${table} WHERE at < ${done}`), bucket);
  const read = new Map<string, Numbers[]>();
  const tierOf = (table: string): Numbers[] => {
    const rows = read.get(table) ?? all(db, `SELECT * FROM ${table} WHERE step = ${step}`);
    read.set(table, rows);
    return rows;
  };
  const [cycles, hosts, counts] = ['cycle', 'host_sample', 'process_count'].map(rowsOf) as [
    Map<string, Numbers[]>,
    Map<string, Numbers[]>,
    Map<string, Numbers[]>,
  ];
  const one = (table: string, at: string, where: (row: Numbers) => boolean = () => true) =>
    tierOf(table).find((row) => String(row['at']) === at && where(row));

  for (const [at, rows] of hosts) {
    const metrics = ['free_kb', 'available_kb', 'cpu_percent', 'memory_full_avg10', 'process_total'];
    const expected = metrics.map((metric) =>
      statistics(
        metric,
        rows.map((row) => row[metric]),
      ),
    );
    assertClose(
      one('host_tier', at),
      Object.assign({ samples: rows.length }, ...expected),
      `host ${step} ${at}`,
    );
  }
  assert.equal(tierOf('host_tier').length, hosts.size);
  for (const [at, rows] of cycles) {
    const expected = {
      cycles: rows.length,
      holds: rows.length,
      ...statistics(
        'low',
        rows.map((row) => row['low_after']),
      ),
      ...statistics(
        'act_ms',
        rows.map((row) => row['act_ms']),
      ),
    };
    assertClose(one('cycle_tier', at), expected, `cycle ${step} ${at}`);
  }
  const samples = group(
    all(
      db,
      `SELECT s.*, c.managed, c.last_seen - c.first_seen AS life FROM container_sample AS s JOIN container AS c ON c.key = s.container WHERE at < ${done}`,
    ),
    bucket,
  );
  for (const [at, rows] of samples) {
    const moments = new Set(rows.map((row) => row['at'])).size;
    for (const [name, own] of group(rows, (row) => `${row['managed']} ${row['level']}`)) {
      const atOnce = [...group(own, (row) => row['at']).values()];
      const absent = Array<number>(moments - atOnce.length).fill(0);
      const expected = {
        moments,
        seen: new Set(own.map((row) => row['container'])).size,
        ...statistics('containers', [...absent, ...atOnce.map((list) => list.length)]),
        ...statistics('rss_kb', [...absent, ...atOnce.map((list) => sum(list.map((row) => row['rss_kb'])))]),
        ...statistics('cpu_percent', [
          ...absent,
          ...atOnce.map((list) => sum(list.map((row) => row['cpu_percent']))),
        ]),
        ...statistics('memory_used_kb', [
          ...absent,
          ...atOnce.map((list) => sum(list.map((row) => row['memory_used_kb'] ?? row['rss_kb']))),
        ]),
      };
      assertClose(
        one('class_tier', at, (row) => `${row['managed']} ${row['level']}` === name),
        expected,
        `class ${name} ${step} ${at}`,
      );
      checked.classes += 1;
    }
    const long = group(
      rows.filter((row) => one('container_tier', at, (tier) => tier['container'] === row['container'])),
      (row) => row['container'],
    );
    for (const row of rows) {
      const isWritten = long.has(String(row['container']));
      if (isWritten) assert.ok(!isSteady || Number(row['life']) >= 600, 'a short life has no row of its own');
      // A life may have reached ten minutes only later, after a gap; and a clock that is set back makes ages wrong.
      else
        assert.ok(
          !isSteady || !isLongBy(Number(at) + step + 600, row['container']),
          `container ${row['container']}`,
        );
    }
    for (const [key, own] of long) {
      const last = own.reduce((a, b) => (Number(b['at']) > Number(a['at']) ? b : a));
      const expected = {
        samples: own.length,
        high_samples: own.filter((row) => String(row['level']) === 'high').length,
        ...statistics(
          'rss_kb',
          own.map((row) => row['rss_kb']),
        ),
        ...statistics(
          'cpu_percent',
          own.map((row) => row['cpu_percent']),
        ),
        io_read_bytes: last['io_read_bytes'] ?? null,
      };
      assertClose(
        one('container_tier', at, (row) => String(row['container']) === key),
        expected,
        `container ${key} ${step} ${at}`,
      );
      checked.containers += 1;
    }
    assert.equal(tierOf('container_tier').filter((row) => String(row['at']) === at).length, long.size);
  }
  assert.equal(tierOf('class_tier').length, checked.classes);
  for (const [at, rows] of counts) {
    const moments = new Set(rows.map((row) => row['at'])).size;
    for (const [state, own] of group(rows, (row) => row['state'])) {
      const values = [
        ...Array<number>(moments - own.length).fill(0),
        ...own.map((row) => Number(row['count'])),
      ];
      assertClose(
        one('process_count_tier', at, (row) => String(row['state']) === state),
        statistics('count', values),
        `${state} ${step} ${at}`,
      );
      checked.states += 1;
    }
  }
  assert.equal(tierOf('process_count_tier').length, checked.states);
  for (const [at, rows] of rowsOf('process_sample')) {
    const named = [...group(rows, (row) => row['name'])].map(([name, own]) => {
      const atOnce = [...group(own, (row) => row['at']).values()];
      const figures = {
        moments: atOnce.length,
        ...statistics(
          'rss_kb',
          atOnce.map((list) => sum(list.map((row) => row['rss_kb']))),
        ),
        ...statistics(
          'cpu_percent',
          atOnce.map((list) => sum(list.map((row) => row['cpu_percent']))),
        ),
      };
      return { name, figures };
    });
    const kept = new Set<string>();
    for (const metric of ['rss_kb_avg', 'cpu_percent_avg'] as const)
      for (const { name } of named
        .toSorted(
          (a, b) =>
            Number((b.figures as Numbers)[metric]) - Number((a.figures as Numbers)[metric]) ||
            (a.name < b.name ? -1 : 1),
        )
        .slice(0, 10))
        kept.add(name);
    const written = tierOf('process_tier').filter((row) => String(row['at']) === at);
    assert.deepEqual(
      written.map((row) => String(row['name'])).sort(),
      [...kept].sort(),
      `processes ${step} ${at}`,
    );
    for (const { name, figures } of named.filter((one) => kept.has(one.name)))
      assertClose(
        written.find((row) => String(row['name']) === name),
        figures,
        `process ${name} ${step} ${at}`,
      );
    checked.processes += kept.size;
  }
  return { ...checked, buckets: hosts.size };
}

const doneOf = (db: DatabaseSync, step: number) =>
  Number(db.prepare('SELECT done FROM tier WHERE step = ?').get(step)?.['done']);

test('tiers agree with the samples, with gaps, emergencies and a clock that is set back', (t) => {
  const total: Checked = { buckets: 0, classes: 0, containers: 0, states: 0, processes: 0 };
  fc.assert(
    fc.property(fc.array(moment, { minLength: 60, maxLength: 120 }), (moments) => {
      const db = scratch(t);
      const store = new Store(db, CONFIG);
      let at = START;
      for (const [i, one] of moments.entries()) {
        at += one.afterSeconds;
        store.save(decision(i + 1, at, one), 1);
        upkeep(db, CONFIG.retention, at);
      }
      const isSteady = moments.every(({ afterSeconds }) => afterSeconds > 0);
      const newest = Number(db.prepare('SELECT max(at) AS at FROM cycle').get()?.['at']);
      for (let i = 0; i < 100; i += 1) upkeep(db, CONFIG.retention, newest + 5000);
      for (const step of [300, 3600]) {
        assert.ok(doneOf(db, step) > newest, 'everything is rolled up');
        const checked = check(db, step, doneOf(db, step), isSteady);
        for (const key of Object.keys(total) as (keyof Checked)[]) total[key] += checked[key];
      }
    }),
    { numRuns: 12, endOnFailure: true },
  );
  for (const [what, count] of Object.entries(total))
    assert.ok(count > 100, `only ${count} ${what} were compared`);
});

test('an interrupted roll-up leaves nothing behind and is done again', (t) => {
  const db = scratch(t);
  const store = new Store(db, CONFIG);
  for (let tick = 1; tick <= 100; tick += 1) store.save(decision(tick, START + 20 * tick, QUIET), 1);
  db.exec(
    "CREATE TEMP TRIGGER cut BEFORE INSERT ON process_count_tier BEGIN SELECT RAISE(ABORT, 'cut off'); END",
  );
  assert.throws(() => rollUp(db, 300, START + 4000), /cut off/);
  assert.deepEqual(all(db, 'SELECT * FROM host_tier'), []);
  assert.equal(doneOf(db, 300), 0);
  db.exec('DROP TRIGGER cut');
  while (rollUp(db, 300, START + 4000));
  assert.equal(check(db, 300, doneOf(db, 300)).buckets, 7);
});

test('a bucket is written only when every container in it may have lived for ten minutes', (t) => {
  const db = scratch(t);
  const store = new Store(db, CONFIG);
  for (let tick = 1; tick <= 60; tick += 1) {
    const at = START + 20 * tick;
    store.save(decision(tick, at, QUIET), 1);
    while (rollUp(db, 300, at));
    assert.ok(doneOf(db, 300) <= Math.max(0, at - 600), `${doneOf(db, 300)} at ${at}`);
  }
  assert.equal(all(db, 'SELECT DISTINCT container FROM container_tier').length, 1);
});

/** Records cycles far apart, each with a short-lived container that is removed. */
function months(db: DatabaseSync, count: number, everySeconds: number): number {
  const store = new Store(db, CONFIG);
  let at = START;
  for (let tick = 1; tick <= count; tick += 1) {
    at += everySeconds;
    const own = {
      n: 100 + tick,
      level: 'high',
      cpu: tick,
      rssKb: 1000 + ((tick * 7919) % 5000),
      usedKb: null,
      isForeign: false,
    } as const;
    const action = {
      kind: 'remove',
      id: idOf(own.n),
      name: `vigia-idle-${own.n}`,
      level: 'high',
      pid: 1,
      urgency: 'grace',
      isThrottled: false,
      isReplaced: false,
      because: { code: 'message', text: '3 high where 2 stay; CPU 5 % > 0.09 %' },
    } as const;
    const outcome: Outcome = {
      action,
      result: 'done',
      detail: { code: 'message', text: 'gone' },
      id: action.id,
      tookMs: 5,
    };
    const candidates = [
      { id: action.id, name: action.name, level: 'high', score: [1], share: 0.5, excluded: null },
    ] as const;
    store.save(
      decision(
        tick,
        at,
        { ...QUIET, seen: [...QUIET.seen, own] },
        { plan: { kind: 'act', actions: [action], candidates }, outcomes: [outcome] },
      ),
      1,
    );
    for (let i = 0; i < 6; i += 1) upkeep(db, KEPT, at);
  }
  return at;
}

test('each kind of row is kept as long as configured, and old lives are summed by day', (t) => {
  const db = scratch(t);
  const CYCLES = 840;
  const end = months(db, CYCLES, DAY / 12);
  const kept = (table: string, where = 'true', time = 'at') => {
    const oldest = Number(
      all(db, `SELECT min(${time}) AS oldest FROM ${table} WHERE ${where}`)[0]?.['oldest'],
    );
    return (end - oldest) / DAY;
  };
  // The clock is trusted after 180 cycles, which are fifteen days here; some rows are deleted several days at a time.
  const within = (days: number, limit: number, what: string) =>
    assert.ok(days >= limit && days <= limit + 15 + 4, `${what} reach back ${days} days, not ${limit}`);
  for (const table of ['host_sample', 'container_sample', 'process_count', 'snapshot', 'action'])
    within(kept(table), 1, table);
  within(kept('host_tier', 'step = 300'), 10, '5 min');
  within(kept('lifetime', 'true', 'last_seen'), 12, 'lives');
  within(kept('cycle'), 14, 'cycles');
  within(kept('host_tier', 'step = 3600'), 40, 'hours');
  within(kept('decision_line'), 45, 'lines');
  within(kept('lifetime_day', 'true', 'day'), 45, 'days');
  // On an old day no life is counted twice and none is lost.
  const day = START + 30 * DAY - ((START + 30 * DAY) % DAY);
  const [sums] = all(
    db,
    `SELECT sum(lives) AS lives, sum(removed) AS removed FROM lifetime_day WHERE day = ${day}`,
  );
  assert.deepEqual({ ...sums }, { lives: 12, removed: 12 });
  const rows = all(db, 'SELECT peak_rss_kb FROM life WHERE pid > 1001').length;
  const peaks = Array.from({ length: CYCLES }, (_, i) => 1000 + (((i + 1) * 7919) % 5000));
  assert.ok(rows < 600, `${rows} lives by name`);
  const [greatest] = all(db, 'SELECT max(peak_rss_kb) AS peak, count(*) AS n FROM lifetime_top');
  assert.equal(greatest?.['peak'], Math.max(...peaks.slice(0, 400)));
  assert.ok(Number(greatest?.['n']) <= 200, `${greatest?.['n']} of all time`);
});

test('actions on a container are explained as long as their evidence is kept', (t) => {
  const db = scratch(t);
  months(db, 250, DAY / 12);
  const [oldest] = all(db, 'SELECT id, removed_at FROM lifetime ORDER BY last_seen LIMIT 1') as unknown as {
    id: string;
    removed_at: number;
  }[];
  assert.ok(oldest !== undefined && oldest.removed_at !== null, 'a life without its samples');
  assert.equal(findContainers(db, oldest.id, 1)[0]?.['id'], oldest.id);
  const story = readStory(db, oldest.id);
  assert.ok(story);
  assert.match(
    explain(story, 'en').join('\n'),
    /3 high where 2 stay.*\nIt ranked 1 of 1 selected.*\nOutcome: done, gone/,
  );
  const [event] = readEvents(db, { limit: 5, container: oldest.id, withCandidates: true });
  assert.equal(event?.['at'], oldest.removed_at);
  assert.match(String(event?.['candidates']), /"share":0.5/);
  const everything = readEvents(db, { limit: 10_000 });
  assert.equal(everything.length, 250);
  assert.deepEqual(
    everything.map((row) => row['at']),
    everything.map((row) => row['at']).toSorted((a, b) => Number(b) - Number(a)),
  );
});

test('a clock that runs ahead for an hour deletes nothing', (t) => {
  const db = scratch(t);
  const store = new Store(db, CONFIG);
  const save = (tick: number, at: number) => {
    store.save(decision(tick, at, QUIET), 1);
    upkeep(db, CONFIG.retention, at);
  };
  for (let tick = 1; tick <= 200; tick += 1) save(tick, START + 20 * tick);
  for (let tick = 201; tick <= 370; tick += 1) save(tick, START + 800 * DAY + 20 * tick);
  for (let tick = 371; tick <= 400; tick += 1) save(tick, START + 20 * tick);
  assert.equal(all(db, `SELECT count(*) AS n FROM host_sample WHERE at < ${START + DAY}`)[0]?.['n'], 230);
  assert.equal(all(db, 'SELECT count(*) AS n FROM cycle')[0]?.['n'], 400);
});

test('the check of the clock reads only the newest cycles', (t) => {
  const db = scratch(t);
  const prepare = t.mock.method(db, 'prepare');
  upkeep(db, KEPT, START);
  const queries = prepare.mock.calls
    .map((call) => call.arguments[0])
    .filter((sql) => sql.includes('max(tick)'));
  prepare.mock.restore();
  assert.equal(queries.length, 1);
  const steps = db.prepare(`EXPLAIN QUERY PLAN ${queries[0]}`).all(0);
  assert.equal(steps[0]?.['detail'], 'SEARCH cycle USING INTEGER PRIMARY KEY (rowid>?)');
});

test('an hour of upkeep is enough after a long pause', (t) => {
  const db = scratch(t);
  const store = new Store(db, CONFIG);
  for (let tick = 1; tick <= 300; tick += 1) store.save(decision(tick, START + 20 * tick, QUIET), 1);
  for (let tick = 301; tick <= 480; tick += 1) {
    const at = START + 30 * DAY + 20 * tick;
    store.save(decision(tick, at, QUIET), 1);
    upkeep(db, CONFIG.retention, at);
  }
  for (let i = 0; i < 100; i += 1) upkeep(db, CONFIG.retention, START + 30 * DAY + 20 * 480);
  assert.equal(all(db, 'SELECT count(*) AS n FROM host_sample')[0]?.['n'], 180);
  assert.equal(DEFAULTS.retention.samplesDays, 7);
});

test('after a clock that was set back by a day for an hour the tiers catch up soon', (t) => {
  const db = scratch(t);
  const write = recorder(db, new Store(db, CONFIG), CONFIG, () => 1, assert.fail);
  let tick = 0;
  const writeCycles = (from: number, cycles: number): number => {
    for (let i = 0; i < cycles; i += 1) {
      tick += 1;
      write(decision(tick, from + 20 * i, QUIET));
    }
    return from + 20 * cycles;
  };
  const evening = writeCycles(START, 4320);
  writeCycles(evening - DAY, 180);
  const now = writeCycles(evening + 3600, 600);
  assert.ok(now - rolledUpTo(db) < 2 * 3600, `${now - rolledUpTo(db)} s behind`);
});
