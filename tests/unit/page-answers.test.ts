/** What the page asks for: the state of the host, the list of containers, marks on time axes, and unknown addresses. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Outcome } from '../../daemon/src/model/decision.ts';
import type { ContainerSample } from '../../daemon/src/model/snapshot.ts';
import { migrate } from '../../daemon/src/record/database.ts';
import { markSimulated } from '../../daemon/src/record/simulated.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { createHttpApp } from '../../daemon/src/show/http.ts';
import { config, container, decisionOn, SECOND_NS, snapshot, usage } from './builders.ts';

const CONFIG = config();
const START = 1_800_000_000;
const because = { code: 'message', text: 'surplus' } as const;

const removalOf = ({ id, name }: ContainerSample): Outcome => ({
  action: {
    ...({ kind: 'remove', id, name, level: 'low', pid: null, because } as const),
    ...({ urgency: 'now', isThrottled: false, isReplaced: false } as const),
  },
  result: 'done',
  detail: because,
  id,
  tookMs: 1,
});

interface Cycle {
  readonly containers: readonly ContainerSample[];
  readonly removed?: readonly ContainerSample[];
}

/** A record of cycles, 20 seconds apart from START on. */
function recordOf(cycles: readonly Cycle[]): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  const store = new Store(db, CONFIG);
  cycles.forEach(({ containers, removed = [] }, i) => {
    const at = (START + 20 * i) * 1000;
    const now = snapshot(containers, { tick: i + 1, at, monotonicNs: (1000 + 20 * i) * SECOND_NS });
    store.save(decisionOn(now, { outcomes: removed.map(removalOf) }), 1);
  });
  return db;
}

function appOn(db: DatabaseSync, nowSeconds = START + 100, assets: string | null = null) {
  const handle = new Proxy(db, {
    get: (target, key) => (key === 'close' ? () => {} : Reflect.get(target, key).bind(target)),
  });
  const app = createHttpApp({
    open: () => handle,
    config: CONFIG,
    nowSeconds: () => nowSeconds,
    assets,
    token: null,
  });
  return (path: string, headers: Record<string, string> = {}) =>
    app.request(`http://127.0.0.1${path}`, { headers: { host: '127.0.0.1', ...headers } });
}

// biome-ignore lint/suspicious/noExplicitAny: a response body has no type until it is checked
const jsonOf = async (answer: Promise<Response> | Response): Promise<any> => (await answer).json();

test('every removal of a range is in exactly one mark, there are few marks, and a mark names its newest one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 60, max: 20_000 }),
      async (counts, length) => {
        let n = 0;
        const cycles = counts.map((count) => {
          const containers = Array.from({ length: count }, () => container(++n));
          return { containers, removed: containers };
        });
        using db = recordOf(cycles);
        const end = START + 20 * counts.length;
        const from = end - length;
        const { columns, rows } = await jsonOf(
          appOn(db)(`/api/marks?from=${from * 1000}&to=${end * 1000}&language=en`),
        );
        assert.deepEqual(columns, ['time', 'until', 'removed', 'name', 'container', 'text']);
        assert.ok(rows.length <= 62, `${rows.length} marks`);
        const inRange = counts.filter((_, i) => START + 20 * i >= from);
        const marked = rows.reduce((sum: number, row: number[]) => sum + Number(row[2]), 0);
        assert.equal(
          marked,
          inRange.reduce((a, b) => a + b, 0),
        );
        for (const [time, until, removed, name, , text] of rows) {
          const newest = Number(/\d+$/.exec(name)?.[0]);
          const upTo = counts.slice(0, Math.ceil((until - START) / 20)).reduce((a, b) => a + b, 0);
          assert.ok(until > time && removed > 0 && newest === upTo, `${time} ${until} ${name} ${upTo}`);
          assert.equal(text, 'surplus');
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('marks reach over a whole day of removals', async () => {
  const one = container(1);
  using db = recordOf([{ containers: [one] }]);
  db.exec(`
    WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 1440)
    INSERT INTO action (tick, at, kind, container_id, name, level, because, result, detail, took_ms)
    SELECT 1, ${START} + 60 * i, 'remove', 'x', 'c' || i, 'low', 'r', 'done', 'd', 1 FROM n;
    INSERT INTO cycle (tick, at, sensor, plan, candidates, low_before, high_before, unknown_before, low_after, high_after,
      unknown_after, removed, started, sense_ms, decide_ms, act_ms, rss_kb)
    SELECT 1000 + i, ${START} + 60 * i, 'kernel', 'act', '[]', 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1 FROM (SELECT id AS i FROM action)`);
  const { rows } = await jsonOf(appOn(db)(`/api/marks?from=${START * 1000}&to=${(START + 86_400) * 1000}`));
  assert.ok(rows.length > 45, `${rows.length} marks`);
  assert.ok(rows[0][0] < START + 3600 && rows.at(-1)[0] > START + 82_000);
});

test('the list of containers has running ones first, with age, rates and trend, then those that ended', async () => {
  const run = (cycle: number, cpu: number) => ({
    usage: usage({
      pid: 1001,
      startNs: 400 * SECOND_NS,
      cpuTimeNs: cycle * cpu * 2e8,
      netRxBytes: 1000 * cycle,
      netTxBytes: 500 * cycle,
    }),
  });
  const web = (cycle: number) =>
    container(1, {
      name: 'web',
      image: 'nginx:1',
      labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' },
      ...run(cycle, 40),
    });
  const [gone, surplus] = [container(2, { name: 'gone' }), container(3, { name: 'surplus' })];
  using db = recordOf([
    { containers: [web(0), gone, surplus] },
    { containers: [web(1), surplus] },
    { containers: [web(2), surplus], removed: [surplus] },
  ]);
  const { at, containers } = await jsonOf(appOn(db)('/api/containers'));
  assert.equal(at, START + 40);
  assert.deepEqual(
    containers.map(({ name, state }: Record<string, unknown>) => [name, state]),
    [
      ['web', 'running'],
      ['surplus', 'removed'],
      ['gone', 'ended'],
    ],
  );
  const [first, second] = containers;
  assert.equal(first.kind, 'foreign');
  assert.equal(first.project, 'shop');
  assert.equal(first.seconds, 640, 'the first process has run since second 400 of 1040');
  assert.deepEqual([first.received, first.sent], [50, 25]);
  assert.equal(first.trend.length, 3);
  assert.equal(first.last, null);
  assert.deepEqual(second.last, { kind: 'remove', result: 'done', at: START + 40, because });
  assert.equal('policy' in first, false);
});

test('the answer about the host carries its name, the age of the data and what is wrong', async () => {
  using db = recordOf([{ containers: [container(1)] }]);
  const health = await jsonOf(appOn(db, START + 300)('/api/health'));
  assert.ok(health.host_name.length > 0);
  assert.deepEqual(health.cycle, { tick: 1, at: START });
  assert.equal(health.now, START + 300);
  assert.ok(health.findings.some(({ code }: { code: string }) => code === 'stopped'));
});

test('a simulated record is shown at its own time: nothing is stopped, no clock was set back', async () => {
  using db = recordOf([{ containers: [container(1)] }]);
  markSimulated(db);
  for (const now of [START - 5_000_000, START + 5_000_000]) {
    const health = await jsonOf(appOn(db, now)('/api/health'));
    assert.deepEqual([health.now, health.simulated, health.host_name], [START, true, null]);
    const codes = health.findings.map(({ code }: { code: string }) => code);
    assert.deepEqual(
      codes.filter((code: string) => code === 'stopped' || code === 'clock-back'),
      [],
    );
    assert.equal((await jsonOf(appOn(db, now)('/api/status'))).system, null);
  }
});

test('the status has every action of a cycle that removed more than ten', async () => {
  const containers = Array.from({ length: 14 }, (_, n) => container(n));
  using db = recordOf([{ containers, removed: containers }]);
  assert.equal((await jsonOf(appOn(db)('/api/status'))).actions.length, 14);
  const ofCycle = await jsonOf(appOn(db)('/api/events?tick=1'));
  assert.equal(ofCycle.length, 14);
  assert.deepEqual(await jsonOf(appOn(db)('/api/events?tick=2')), []);
});

test('an unknown address is a page for browsers and JSON for programs, and pages carry the server time', async (t) => {
  const assets = mkdtempSync(join(tmpdir(), 'vigia-assets-'));
  t.after(() => rmSync(assets, { recursive: true, force: true }));
  mkdirSync(join(assets, 'assets'));
  writeFileSync(join(assets, 'index.html'), '<html><head></head><body><div id="app"></div></body></html>');
  using db = recordOf([{ containers: [container(1)] }]);
  const ask = appOn(db, START + 77, assets);
  const browser = { accept: 'text/html,application/xhtml+xml' };
  const unknown = await ask('/no/such/view', browser);
  assert.equal(unknown.status, 404);
  assert.match(await unknown.text(), /<div id="app">/);
  for (const [path, headers] of [
    ['/no/such/view', {}],
    ['/api/nothing', browser],
  ] as const) {
    const answer = await ask(path, headers);
    assert.equal(answer.status, 404);
    assert.match((await jsonOf(answer)).error, /there is no such page/);
  }
  for (const path of ['/', '/containers', '/decisions', '/panels/contenedores'])
    assert.match(
      await (await ask(path, browser)).text(),
      new RegExp(`<meta name="vigia-now" content="${START + 77}">`),
    );
});

test('the panel of holds leaves out cycles that had nothing to do', async () => {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  const store = new Store(db, CONFIG);
  const reasons = [
    { code: 'quotas-met' },
    { code: 'mode-observe' },
    { code: 'set-aside', names: ['web'] },
  ] as const;
  reasons.forEach((reason, i) => {
    const now = snapshot([], { tick: i + 1, at: (START + 20 * i) * 1000 });
    store.save(decisionOn(now, { plan: { kind: 'hold', because: reason, candidates: [] } }), 1);
  });
  const { rows } = await jsonOf(
    appOn(db)(`/api/panel/holds?from=${START * 1000}&to=${(START + 100) * 1000}&language=en`),
  );
  assert.deepEqual(
    rows.map((row: unknown[]) => row[1]),
    [3],
  );
  db.close();
});
