import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { classify } from '../../daemon/src/classify/classify.ts';
import { followDisks, forecast } from '../../daemon/src/classify/disk-trend.ts';
import { decide, decideWithNotices } from '../../daemon/src/decide/decide.ts';
import { diskShortage } from '../../daemon/src/decide/disk-shortage.ts';
import type { Config } from '../../daemon/src/model/config.ts';
import type { DiskSample, LogSize } from '../../daemon/src/model/disk.ts';
import { type History, NO_HISTORY } from '../../daemon/src/model/history.ts';
import type { ContainerSample, Snapshot } from '../../daemon/src/model/snapshot.ts';
import { openForWriting } from '../../daemon/src/record/database.ts';
import { readMetrics } from '../../daemon/src/record/metrics-queries.ts';
import { readStatus } from '../../daemon/src/record/queries.ts';
import { reloadHistory } from '../../daemon/src/record/reload.ts';
import { rollUp } from '../../daemon/src/record/roll-up.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { Disks } from '../../daemon/src/sense/disks.ts';
import { metricsFormat, renderMetrics } from '../../daemon/src/show/metrics.ts';
import { config, container, decisionOn, english, idOf, snapshot } from './builders.ts';

const SECOND = 1e9;
const HOUR = 3600 * SECOND;
const GIB = 2 ** 30;

const disk = (used: number, more: Partial<DiskSample> = {}): DiskSample => ({
  ...{ holds: 'engine', path: '/var/lib/docker', totalBytes: 100 * GIB },
  ...{ availableBytes: (100 - used) * GIB, totalInodes: 1000, freeInodes: 990 },
  ...more,
});
const at = (seconds: number, used: number, more: Partial<Snapshot> = {}): Snapshot =>
  snapshot([], { monotonicNs: seconds * SECOND, disks: [disk(used)], ...more });

/** Readings of these shares, this far apart. */
const follow = (shares: readonly number[], everySeconds = 20): History['disks'] =>
  shares.reduce<History['disks']>(
    (disks, used, i) => followDisks(disks, at(1000 + i * everySeconds, used)),
    new Map(),
  );
const forecastOf = (shares: readonly number[], everySeconds?: number): number | null =>
  follow(shares, everySeconds).get('engine')?.fullInHours ?? null;
const line = (count: number, from: number, step: number): number[] =>
  Array.from({ length: count }, (_, i) => from + i * step);

type Trend = readonly [what: string, shares: readonly number[], everySeconds: number, hours: number | null];
const TRENDS: readonly Trend[] = [
  ['no reading', [], 20, null],
  ['nine readings', line(9, 10, 1), 20, null],
  ['1 % in 20 s from 10 %', line(15, 10, 1), 20, (100 - 24) / 180],
  ['2 % an hour, over six hours', line(1080, 60, 2 / 180), 20, (100 - 60 - 1079 / 90) / 2],
  ['flat', line(100, 95, 0), 20, null],
  ['falling', line(50, 90, -1), 20, null],
  ['rising by less than a percent of the disk', line(15, 10, 0.01), 20, null],
  ['one image was pulled', [...line(8, 10, 0), ...line(8, 30, 0)], 20, null],
  ['saw-tooth, as of log rotation', line(60, 0, 1).map((i) => 40 + (i % 5)), 20, null],
  [
    'a steady rise with one outlier',
    line(20, 10, 1).map((used, i) => (i === 9 ? 80 : used)),
    20,
    (100 - 29) / 180,
  ],
  ['full', line(12, 89, 1), 20, 0],
];
for (const [what, shares, every, hours] of TRENDS)
  test(`forecast: ${what}`, () => {
    const found = forecastOf(shares, every);
    if (hours === null) assert.equal(found, null);
    else
      assert.ok(found !== null && Math.abs(found - hours) <= hours * 0.05 + 1e-9, `${found}, not ${hours}`);
  });

test('a disk that was quiet for hours and fills within minutes is noticed', () => {
  const hours = forecastOf([...line(900, 20, 0), ...line(12, 21, 1)]);
  assert.ok(hours !== null && hours < 1, String(hours));
});

test('noise below a percent of the disk never gives a forecast, whatever its shape', () => {
  const noise = fc.array(fc.double({ min: 0, max: 0.99, noNaN: true }), { maxLength: 60 });
  fc.assert(
    fc.property(
      noise,
      fc.integer({ min: 0, max: 99 }),
      fc.integer({ min: 5, max: 600 }),
      (parts, level, every) => {
        // The forecast is of the slope over the whole time: noise of this size cannot rise by a percent.
        const points = parts.map((part, i): [number, number] => [i * every * SECOND, level + part]);
        const found = forecast(points);
        const [first, last] = [points[0], points.at(-1)];
        // Only a rise from the first to the last decile of pairs can: then it is no noise.
        if (found !== null) assert.ok(first && last && last[1] > first[1] && found > 0);
      },
    ),
  );
});

test('random noise gives no forecast', () => {
  // A fixed sequence (a linear congruence), so that the result is the same in every run.
  let seed = 7;
  const random = (): number => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const found = Array.from({ length: 200 }, () =>
    forecastOf(Array.from({ length: 15 }, () => 50 + 20 * random())),
  ).filter((hours) => hours !== null);
  assert.equal(found.length, 0);
});

test('a rise gives the hours until it is full, at any speed and from any level', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.2, max: 3, noNaN: true }),
      fc.double({ min: 0, max: 40, noNaN: true }),
      (step, from) => {
        const shares = line(15, from, step);
        const expected = (100 - (shares.at(-1) ?? 0)) / (step * 180);
        const found = forecastOf(shares);
        assert.ok(
          found !== null && Math.abs(found - expected) < 0.01 * expected + 1e-9,
          `${found} ${expected}`,
        );
      },
    ),
  );
});

test('what is remembered of a disk stays small, and goes back hours', () => {
  const points = follow(line(4000, 20, 0.001)).get('engine')?.points ?? [];
  assert.ok(points.length < 100, String(points.length));
  const [first, last] = [points[0], points.at(-1)];
  assert.ok(first && last && last.monotonicNs - first.monotonicNs > 5 * HOUR);
});

test('a disk that was not read keeps what is known', () => {
  const known = follow([50, 51]);
  assert.deepEqual(followDisks(known, snapshot([])), known);
});

const CONFIG = config();
const shortageOf = (shares: readonly number[], cfg: Pick<Config, 'disk'> = CONFIG) => {
  const now = at(1000 + (shares.length - 1) * 20, shares.at(-1) ?? 0);
  return diskShortage('engine', { disks: follow(shares) }, now, cfg);
};

test('short: fuller than configured in two readings, or soon full', () => {
  assert.equal(shortageOf([89, 89.9]), null);
  assert.equal(shortageOf([50, 95]), null, 'one reading');
  assert.equal(shortageOf([95]), null, 'the first reading');
  assert.equal(english(shortageOf([90, 91])), '/var/lib/docker: 91.0 % used');
  assert.equal(english(shortageOf(line(15, 10, 1))), '/var/lib/docker: 24.0 % used, full in 25 min');
  const later = { disk: { ...CONFIG.disk, fullWithinHours: 0.1 } };
  assert.equal(shortageOf(line(15, 10, 1), later), null);
  const inodes = [1, 2].reduce<History['disks']>(
    (disks, i) => followDisks(disks, at(i * 20, 10, { disks: [disk(10, { freeInodes: 5 })] })),
    new Map(),
  );
  const now = at(40, 10, { disks: [disk(10, { freeInodes: 5 })] });
  assert.equal(
    english(diskShortage('engine', { disks: inodes }, now, CONFIG)),
    '/var/lib/docker: 99.5 % of inodes used',
  );
});

test('notices: a filling disk is told with its largest log, once for each file system', () => {
  const now = at(1020, 95, {
    containers: [container(1)],
    logs: [{ id: idOf(1), bytes: 300 * 2 ** 20 }],
  });
  const { notices } = decideWithNotices({ ...NO_HISTORY, disks: follow([95, 95]) }, now, [], CONFIG);
  assert.deepEqual(
    notices.filter(({ key }) => key.startsWith('disk')).map(({ key, reason }) => [key, english(reason)]),
    [['disk engine full', '/var/lib/docker: 95.0 % used; largest log: vigia-idle-1, 300 MiB']],
  );
});

test('notices: a disk that is on its way to be full is told, and told again when it is', () => {
  const keysOf = (shares: readonly number[]) => {
    const history = { ...NO_HISTORY, disks: follow(shares) };
    const now = at(60 * shares.length, shares.at(-1) ?? 0, {});
    return decideWithNotices(history, now, [], CONFIG).notices.map(({ key }) => key);
  };
  const rising = Array.from({ length: 40 }, (_, n) => 50 + n);
  assert.deepEqual(keysOf(rising), ['disk engine filling']);
  assert.deepEqual(keysOf([...rising, 90, 91]), ['disk engine full']);
});

const SERVICE = { 'vigia.managed': 'true' };
const log = (n: number, mib: number): LogSize => ({ id: idOf(n), bytes: mib * 2 ** 20 });

/** The removals that a full disk leads to. */
function removalsFor(
  containers: readonly ContainerSample[],
  logs: readonly LogSize[],
  cfg: Partial<Config> = {},
  shares = [95, 95],
): string[] {
  const now = at(1020, shares.at(-1) ?? 0, { containers, logs });
  const settings = config({
    disk: { ...CONFIG.disk, remedy: 'remove-disposables' },
    quotas: {
      low: { ...CONFIG.quotas.low, keep: 0, trim: false },
      high: { ...CONFIG.quotas.high, keep: 0, trim: false },
    },
    ...cfg,
  });
  const history = { ...NO_HISTORY, disks: follow(shares) };
  const plan = decide(history, now, classify(history, now, settings), settings);
  if (plan.kind !== 'act') return [];
  return plan.actions.flatMap((action) =>
    action.kind === 'remove' ? [`${action.name}: ${english(action.because)}`] : [],
  );
}

test('the remedy: the disposable container with the largest log, one at a time', () => {
  const all = [container(1), container(2), container(3, { labels: SERVICE }), container(4, { labels: {} })];
  const logs = [log(3, 900), log(4, 800), log(2, 50), log(1, 20)];
  assert.deepEqual(removalsFor(all, logs), [
    'vigia-idle-2: /var/lib/docker: 95.0 % used; largest log: vigia-idle-2, 50 MiB; replacing it',
  ]);
  assert.deepEqual(removalsFor(all, logs, { disk: CONFIG.disk }), [], 'off by default');
  assert.deepEqual(removalsFor(all, logs, { mode: 'observe' }), []);
  assert.deepEqual(removalsFor(all, logs, {}, [50, 60]), [], 'there is room');
  assert.deepEqual(removalsFor(all, [log(1, 9)]), [], 'its log is not worth it');
});

test('the remedy: whatever runs and whatever logs are largest, only disposables are removed, one at most', () => {
  const kinds = [
    undefined,
    SERVICE,
    {},
    { ...SERVICE, 'vigia.disposable': 'true', 'vigia.protected': 'true' },
  ];
  const anyOf = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 2000 })), { maxLength: 12 });
  fc.assert(
    fc.property(anyOf, (those) => {
      const containers = those.map(([kind], n) => {
        const labels = kinds[kind];
        return container(n + 1, labels === undefined ? {} : { labels });
      });
      const logs = those.map(([, mib], n) => log(n + 1, mib)).toSorted((a, b) => b.bytes - a.bytes);
      const removed = removalsFor(containers, logs);
      assert.ok(removed.length <= 1);
      const allowed = those.flatMap(([kind], n) => (kind === 0 ? [`vigia-idle-${n + 1}`] : []));
      for (const text of removed) assert.ok(allowed.includes(text.split(':')[0] ?? ''), text);
    }),
  );
});

test('record: samples, their tiers, the status and /metrics', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-disk-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const db = openForWriting(join(dir, 'vigia.db'), assert.fail);
  const store = new Store(db, config());
  const START = 1_800_000_000;
  for (const [i, used] of [40, 50, 60].entries()) {
    const now = snapshot([], { tick: i + 1, at: (START + i * 20) * 1000, disks: [disk(used)] });
    const engine = { points: [], fullInHours: i === 2 ? 1.5 : null };
    store.save(decisionOn(now, { history: { ...NO_HISTORY, disks: new Map([['engine', engine]]) } }), 1);
  }
  const kb = (gib: number): number => gib * 1024 * 1024;
  const [row] = readStatus(db).disks;
  assert.deepEqual([row?.['holds'], row?.['available_kb'], row?.['full_in_hours']], ['engine', kb(40), 1.5]);
  const text = renderMetrics(readMetrics(db), config(), metricsFormat(undefined));
  assert.match(text, /^vigia_disk_available_bytes\{holds="engine"\} 42949672960$/m);
  assert.match(text, /^vigia_disk_full_seconds\{holds="engine"\} 5400$/m);
  assert.ok(rollUp(db, 300, START + 3600));
  const tier = db.prepare('SELECT * FROM disk_tier').get();
  assert.deepEqual(
    [tier?.['samples'], tier?.['available_kb_min'], tier?.['available_kb_avg'], tier?.['available_kb_max']],
    [3, kb(40), kb(50), kb(60)],
  );
  db.close();
});

test('a restarted loop forecasts as one that was not restarted', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-disk-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const db = openForWriting(join(dir, 'vigia.db'), assert.fail);
  const store = new Store(db, config());
  const BOOTED = 1_800_000_000;
  const reading = (tick: number): Snapshot => {
    const seconds = 1000 + tick * 20;
    return { ...at(seconds, 50 + tick / 10), tick, at: (BOOTED + seconds) * 1000 };
  };
  let disks: History['disks'] = new Map();
  for (let tick = 1; tick <= 200; tick += 1) {
    disks = followDisks(disks, reading(tick));
    store.save(decisionOn(reading(tick)), 1);
  }
  const next = reading(201);
  const hoursAfter = (known: History['disks']) => followDisks(known, next).get('engine')?.fullInHours ?? null;
  const reloaded = reloadHistory(db, next.monotonicNs, BOOTED).disks;
  const [kept, restarted] = [hoursAfter(disks), hoursAfter(reloaded)];
  assert.ok(kept !== null && restarted !== null);
  assert.ok(Math.abs(restarted / kept - 1) < 0.01, `${restarted} h, not ${kept} h`);
  assert.equal(hoursAfter(reloadHistory(db, next.monotonicNs, BOOTED + 10_000).disks), null, 'another boot');
  db.close();
});

/** A file system of its own of so many MiB, unmounted after the test. */
function mounted(t: TestContext, mib: number): string {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-loop-'));
  const [image, at] = [join(dir, 'image'), join(dir, 'at')];
  writeFileSync(image, '');
  truncateSync(image, mib * 2 ** 20);
  mkdirSync(at);
  execFileSync('mkfs.ext4', ['-q', '-F', '-m', '5', image]);
  execFileSync('mount', ['-o', 'loop', image, at]);
  t.after(() => {
    execFileSync('umount', [at]);
    rmSync(dir, { recursive: true });
  });
  return at;
}

test('a real file system: what is free, the logs as soon as it fills, and a record elsewhere', async (t) => {
  const root = mounted(t, 32);
  mkdirSync(join(root, 'containers', idOf(1)), { recursive: true });
  const disks = new Disks({ about: async () => ({ rootDirectory: root }) }, '/var/lib/vigia/vigia.db');
  const read = async () => {
    const { disks: all, logs } = await disks.read([idOf(1), idOf(2)]);
    return { engine: all.find(({ holds }) => holds === 'engine'), count: all.length, logs };
  };
  const before = await read();
  assert.equal(before.count, 2);
  assert.deepEqual(before.logs, [], 'no log is looked for while there is room');
  // What only root may use does not count as free, nor as size.
  const df = execFileSync('df', ['-B1', '--output=size,avail', root], { encoding: 'utf8' });
  const [, size = 0, free = 0] = (/(\d+)\s+(\d+)\s*$/.exec(df) ?? []).map(Number);
  assert.equal(before.engine?.availableBytes, free);
  assert.ok((before.engine?.totalBytes ?? 0) < size);
  const bytes = Math.floor(free * 0.9);
  writeFileSync(join(root, 'containers', idOf(1), `${idOf(1)}-json.log`), Buffer.alloc(bytes, 'x'));
  execFileSync('sync', ['-f', root]);
  const after = await read();
  assert.ok((after.engine?.availableBytes ?? free) < free - bytes + 2 ** 20);
  assert.deepEqual(after.logs, [{ id: idOf(1), bytes }]);
});

test('an engine that does not say where its files are is asked again, and the record is read meanwhile', async () => {
  let isUp = false;
  const disks = new Disks(
    {
      about: async () => {
        if (!isUp) throw new Error('silent');
        return { rootDirectory: '/' };
      },
    },
    '/tmp/vigia.db',
  );
  const holds = async () => (await disks.read([])).disks.map((one) => one.holds);
  assert.deepEqual(await holds(), ['record']);
  isUp = true;
  assert.deepEqual(await holds(), ['engine', 'record']);
});

test('a file system that hangs delays one cycle by a second, and is left alone until it answers', async () => {
  const { promise, resolve } = Promise.withResolvers<{ rootDirectory: string }>();
  let asked = 0;
  const about = () => {
    asked += 1;
    return promise;
  };
  const disks = new Disks({ about }, '/tmp/vigia.db');
  assert.deepEqual(await disks.read([]), { disks: [], logs: [] });
  assert.deepEqual(await disks.read([]), { disks: [], logs: [] });
  assert.equal(asked, 1);
  resolve({ rootDirectory: '/' });
  await promise;
  const answered = async (): Promise<number> => {
    await new Promise(setImmediate);
    return (await disks.read([])).disks.length || answered();
  };
  assert.equal(await answered(), 2);
});
