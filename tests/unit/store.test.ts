import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { classify } from '../../daemon/src/classify/classify.ts';
import { remember } from '../../daemon/src/classify/remember.ts';
import type { Action, Decision } from '../../daemon/src/model/decision.ts';
import { heldKeyOf, NO_HISTORY } from '../../daemon/src/model/history.ts';
import type { Limit } from '../../daemon/src/model/limit.ts';
import type { Reason } from '../../daemon/src/model/reason.ts';
import type { ContainerSample, ProcessSample } from '../../daemon/src/model/snapshot.ts';
import {
  closeCleanly,
  DatabaseError,
  openForReading,
  openForWriting,
} from '../../daemon/src/record/database.ts';
import { pack, unpack } from '../../daemon/src/record/packed.ts';
import { type Row, readEvents, readStatus } from '../../daemon/src/record/queries.ts';
import { reloadHistory } from '../../daemon/src/record/reload.ts';
import { readSnapshots } from '../../daemon/src/record/snapshots.ts';
import { Store } from '../../daemon/src/record/store.ts';
import {
  config,
  container,
  decisionOn,
  english,
  HOST,
  idOf,
  SECOND_NS,
  snapshot,
  TOTAL_KB,
  usage,
} from './builders.ts';

const CONFIG = config();
const HOSTILE = `"><script>alert(1)</script>\u0000\n'; DROP TABLE cycle; --`;

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-store-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, 'vigia.db');
}

const open = (path: string) => openForWriting(path, (message) => assert.fail(message));

function decision(
  tick: number,
  containers: readonly ContainerSample[],
  partial: Partial<Decision> = {},
): Decision {
  const at = (1_800_000_000 + tick * 20) * 1000;
  return decisionOn(snapshot(containers, { tick, at, monotonicNs: tick * 20 * SECOND_NS }), partial);
}

function removal(n: number): Decision['outcomes'][number] {
  return {
    action: {
      kind: 'remove',
      id: idOf(n),
      name: `c${n}`,
      level: 'low',
      pid: 1,
      urgency: 'grace',
      isThrottled: false,
      isReplaced: false,
      because: { code: 'message', text: '4 low where 3 stay' },
    },
    result: 'done',
    detail: { code: 'message', text: 'gone' },
    id: idOf(n),
    tookMs: 12.5,
  };
}

test('a container row has its peaks, when it was first and last seen, and why it was removed', (t) => {
  const db = open(scratch(t));
  const store = new Store(db, CONFIG);
  for (const [i, rssKb] of [500, 9000, 700].entries()) {
    store.save(decision(i + 1, [container(1, { usage: usage({ rssKb }) })]), 1);
  }
  store.save(decision(4, [container(1)], { outcomes: [removal(1)] }), 1);
  const row = db.prepare('SELECT * FROM container').get();
  assert.equal(row?.['peak_rss_kb'], 9000);
  assert.equal(row?.['first_seen'], 1_800_000_020);
  assert.equal(row?.['last_seen'], 1_800_000_080);
  assert.equal(row?.['removed_at'], 1_800_000_080);
  assert.deepEqual(JSON.parse(String(row?.['removed_because_code'])), {
    code: 'message',
    text: '4 low where 3 stay',
  });
  assert.equal(english(readEvents(db, { limit: 5 })[0]?.detail), 'gone');
});

test('cgroup counters are stored unchanged, and missing ones are null', (t) => {
  const db = open(scratch(t));
  const pressure = { someAvg10: 1.5, someTotalUs: 15, fullAvg10: 0.5, fullTotalUs: 5 };
  const counted = usage({
    memoryUsedKb: 512,
    cpuThrottledNs: 2 ** 54,
    cpuThrottledPeriods: 238,
    blockWriteBytes: 4096,
    memoryPsi: pressure,
    ioPsi: { ...pressure, fullAvg10: null, fullTotalUs: null },
  });
  new Store(db, CONFIG).save(decision(1, [container(1, { usage: counted })]), 1);
  const row: Row = readStatus(db).containers[0] ?? {};
  const shown = (...columns: string[]) => columns.map((column) => row[column]);
  assert.deepEqual(shown('memory_used_kb', 'cpu_throttled_ns', 'cpu_throttled_periods'), [512, 2 ** 54, 238]);
  assert.deepEqual(shown('block_read_bytes', 'block_write_bytes'), [null, 4096]);
  const psi = (r: string) => [
    `${r}_some_avg10`,
    `${r}_some_total_us`,
    `${r}_full_avg10`,
    `${r}_full_total_us`,
  ];
  assert.deepEqual(shown(...psi('memory')), [1.5, 15, 0.5, 5]);
  assert.deepEqual(shown(...psi('cpu')), [null, null, null, null]);
  assert.deepEqual(shown(...psi('io')), [1.5, 15, null, null]);
});

test('a cycle is recorded completely or not at all', (t) => {
  const db = open(scratch(t));
  const store = new Store(db, CONFIG);
  const broken = decision(1, [container(1), container(2, { usage: usage({ rssKb: Number.NaN }) })]);
  assert.throws(() => store.save(broken, 1));
  for (const table of ['cycle', 'host_sample', 'container', 'container_sample']) {
    assert.equal(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'], 0, table);
  }
  store.save(decision(2, [container(1)]), 1);
  assert.equal(db.prepare('SELECT count(*) AS n FROM cycle').get()?.['n'], 1);
});

test('a row is written again after a rename, a restart, a deletion or a failed transaction', (t) => {
  const db = open(scratch(t));
  const store = new Store(db, CONFIG);
  const row = (n: number) => db.prepare('SELECT * FROM container WHERE id = ?').get(idOf(n)) ?? {};
  store.save(decision(1, [container(1), container(2), container(3)]), 1);
  db.prepare('DELETE FROM container WHERE id = ?').run(idOf(3));
  const cut = decision(2, [container(1, { usage: usage({ rssKb: 9000 }) }), container(4)]);
  assert.throws(() =>
    store.save({ ...cut, outcomes: [{ ...removal(1), tookMs: 'none' as unknown as number }] }, 1),
  );
  store.save(
    decision(3, [
      container(1, { name: 'renamed', usage: usage({ rssKb: 8000 }) }),
      container(2, { usage: usage({ pid: 4321 }) }),
      container(3),
      container(4),
    ]),
    1,
  );
  assert.deepEqual([row(1)['name'], row(1)['peak_rss_kb']], ['renamed', 8000]);
  assert.equal(row(2)['pid'], 4321);
  assert.deepEqual([row(3)['first_seen'], row(4)['first_seen']], [1_800_000_060, 1_800_000_060]);
});

test('a restarted daemon classifies as it would have without the restart', (t) => {
  const path = scratch(t);
  const first = open(path);
  const store = new Store(first, CONFIG);
  const before = decision(1, [container(1), container(2)]);
  store.save(before, 1);
  closeCleanly(first);

  const second = open(path);
  const now = snapshot([container(1), container(2)], { tick: 2, monotonicNs: 40 * SECOND_NS });
  const kept = remember(NO_HISTORY, before.snapshot, before.classifications, [], CONFIG);
  const reloaded = reloadHistory(second, now.monotonicNs);
  assert.equal(reloaded.tick, 1);
  assert.deepEqual(classify(reloaded, now, CONFIG), classify(kept, now, CONFIG));
});

test('a loop that crashed while memory was short knows what each container held before', (t) => {
  const path = scratch(t);
  const db = open(path);
  const store = new Store(db, CONFIG);
  const save = (tick: number, memoryUsedKb: number, availableKb: number) => {
    const made = decision(tick, [container(1, { usage: usage({ memoryUsedKb }) })]);
    store.save({ ...made, snapshot: { ...made.snapshot, host: { ...HOST, availableKb } } }, 1);
  };
  for (let tick = 1; tick <= 40; tick += 1) save(tick, 1000 * tick, TOTAL_KB / 2);
  for (let tick = 41; tick <= 60; tick += 1) save(tick, 2_000_000, TOTAL_KB / 100);
  const heldAt = (cycles: number) =>
    reloadHistory(db, cycles * 20 * SECOND_NS)
      .held.get(heldKeyOf({ id: idOf(1) }))
      ?.map(({ heldKb }) => heldKb);
  assert.deepEqual(
    heldAt(61),
    Array.from({ length: 31 }, (_, i) => 1000 * (i + 10)),
    'ten minutes before',
  );
  assert.deepEqual(heldAt(35.5)?.at(-1), 35_000, 'nothing of a later clock');
  assert.equal(heldAt(95), undefined, 'it was away for longer');
  closeCleanly(db);
});

test('a clean stop waits for readers and ends even when one stays', (t) => {
  const path = scratch(t);
  const db = open(path);
  new Store(db, CONFIG).save(decision(1, [container(1)]), 1);
  const reader = openForReading(path);
  const rows = reader.prepare('SELECT * FROM cycle').iterate();
  rows.next();
  closeCleanly(db);
  rows.return?.();
  reader.close();
  const again = open(path);
  assert.equal(again.prepare('SELECT count(*) AS n FROM cycle').get()?.['n'], 1);
  closeCleanly(again);
  assert.equal(existsSync(`${path}-wal`), false);
});

test('baselines, restarts, throttles and trails are known again after a restart of the daemon', (t) => {
  const path = scratch(t);
  const first = open(path);
  const store = new Store(first, CONFIG);
  const containers = (n: number) => [
    container(1, { usage: usage({ memoryUsedKb: 1000 * n, processCount: n }) }),
  ];
  for (let tick = 1; tick <= 40; tick += 1) {
    const observations = [{ image: 'vigia/ram', taken: tick, cpuPercent: tick, memPercent: 1 }];
    store.save(decision(tick, containers(tick), { observations }), 1);
  }
  const because = { code: 'message', text: 'leak' } as const;
  const target = { id: idOf(1), name: 'c1', pid: 1, because };
  const restart: Action = { kind: 'restart', ...target, level: 'high', urgency: 'grace', isThrottled: true };
  const done = { result: 'done', detail: { code: 'message', text: '' }, id: idOf(1), tookMs: 1 } as const;
  const throttle: Action = { kind: 'throttle', ...target, level: 'high', to: 25 };
  store.save(decision(41, containers(41), { outcomes: [{ action: throttle, ...done }] }), 1);
  const reloaded = () => {
    const history = reloadHistory(first, 1e15);
    return { ...history.containers.get(idOf(1)), baseline: history.baselines.get('vigia/ram') };
  };
  const sinceNs = 41 * 20 * SECOND_NS;
  assert.deepEqual(reloaded().limits, { cpu: { sinceNs, usedBefore: 0, easedSinceNs: null } });
  store.save(decision(42, containers(42), { outcomes: [{ action: restart, ...done }] }), 1);

  const { limits, restartedNs, restartedAs, trail, baseline } = reloaded();
  assert.deepEqual([limits, restartedNs, restartedAs], [{}, 42 * 20 * SECOND_NS, 'high']);
  assert.deepEqual(
    trail?.map(({ memoryKb, processCount }) => [memoryKb, processCount]),
    Array.from({ length: 42 }, (_, i) => [1000 * (i + 1), i + 1]),
  );
  assert.equal(baseline?.taken, 40);
  assert.deepEqual(baseline?.usual, { cpuPercent: 20.5 + 3 * 10, memPercent: 1 });
});

test('a restarted daemon knows how often each limit was set lately: the next one is not held for the least time', (t) => {
  const db = open(scratch(t));
  const store = new Store(db, CONFIG);
  const target = { id: idOf(1), name: 'c1', pid: 1, level: 'high' } as const;
  const outcome = (action: Action, detail: Reason, result: 'done' | 'failed' = 'done') => ({
    ...{ action, detail, result, id: idOf(1), tookMs: 1 },
  });
  const because = { code: 'message', text: 'spin' } as const;
  const throttle = outcome(
    { ...target, because, kind: 'throttle', to: 90 },
    { code: 'cpu-limited', percent: 90 },
  );
  const squeeze = outcome(
    { ...target, because, kind: 'squeeze', to: 9e6 },
    { code: 'memory-squeezed', toMib: 9 },
  );
  const lift = (limit: Limit) =>
    outcome(
      { ...target, because, kind: 'release', limit },
      limit === 'cpu' ? { code: 'cpu-limit-lifted' } : { code: 'limit-lifted', limit },
    );
  const failed = { ...throttle, result: 'failed' as const };
  const hour = CONFIG.ladder.rememberSeconds / 20;
  const cycles: readonly [number, Decision['outcomes'], Record<string, number>][] = [
    [1, [throttle], { cpu: 1 }],
    [5, [lift('cpu')], { cpu: 1 }],
    [8, [failed], { cpu: 1 }],
    [9, [throttle, squeeze], { cpu: 2, memory: 1 }],
    [20, [lift('cpu')], { cpu: 2, memory: 1 }],
    [9 + hour, [], { cpu: 2, memory: 1 }],
    [10 + hour, [], { cpu: 2 }],
    [20 + hour, [throttle], { cpu: 3 }],
    [21 + hour, [lift('cpu')], { cpu: 3 }],
    [22 + 2 * hour, [throttle], { cpu: 1 }],
  ];
  let history = NO_HISTORY;
  for (const [tick, outcomes, expected] of cycles) {
    const now = decision(tick, [container(1)], { outcomes });
    store.save(now, 1);
    history = remember(history, now.snapshot, now.classifications, outcomes, CONFIG);
    const known = history.containers.get(idOf(1))?.timesLimited ?? {};
    const counts = Object.fromEntries(Object.entries(known).map(([limit, { count }]) => [limit, count]));
    assert.deepEqual(counts, expected, `cycle ${tick}`);
    const reloaded = reloadHistory(db, now.snapshot.monotonicNs + 1, 0, CONFIG);
    // What is forgotten by now is dropped with the next reading.
    const inTime = Object.entries(reloaded.containers.get(idOf(1))?.timesLimited ?? {}).filter(
      ([, { lastNs }]) => now.snapshot.monotonicNs - lastNs <= CONFIG.ladder.rememberSeconds * SECOND_NS,
    );
    assert.deepEqual(Object.fromEntries(inTime), known, `cycle ${tick}`);
  }
});

test('a restarted daemon knows the pending removals, each until its container has another run', (t) => {
  const db = open(scratch(t));
  const store = new Store(db, CONFIG);
  const restarted = container(2, { usage: usage({ pid: 3002, startNs: 50 * SECOND_NS }) });
  const cycles: readonly [ContainerSample[], Decision['outcomes']][] = [
    [[container(1), container(2), container(3)], []],
    [
      [container(1), container(2), container(3)],
      [
        { ...removal(1), result: 'failed' },
        { ...removal(2), result: 'skipped', detail: { code: 'preempted' } },
        { ...removal(3), result: 'skipped', detail: { code: 'message', text: 'it restarted meanwhile' } },
      ],
    ],
    [[container(1), container(2), container(3)], []],
    [[container(1), restarted, container(3)], []],
  ];
  const expected = [[], [1, 2], [1, 2], [1]];
  let history = NO_HISTORY;
  for (const [i, [containers, outcomes]] of cycles.entries()) {
    const now = decision(i + 1, containers, { outcomes });
    store.save(now, 1);
    history = remember(history, now.snapshot, now.classifications, outcomes, CONFIG);
    const ids = expected[i]?.map(idOf);
    assert.deepEqual([...history.pendingRemovals].sort(), ids?.toSorted());
    assert.deepEqual([...reloadHistory(db, 1e15).pendingRemovals].sort(), ids?.toSorted());
  }
});

test('readings of an earlier boot are not used: their clock began at another time', (t) => {
  const db = open(scratch(t));
  new Store(db, CONFIG).save(decision(50, [container(1)]), 1);
  assert.equal(reloadHistory(db, 10 * SECOND_NS).containers.size, 0);
  assert.equal(reloadHistory(db, 10 * SECOND_NS).tick, 50);
});

test('counters above 2^53 are stored and reloaded', (t) => {
  const db = open(scratch(t));
  const now = { ...decision(1, [container(1, { usage: usage({ cpuTimeNs: 2 ** 54 }) })]) };
  new Store(db, CONFIG).save({ ...now, snapshot: { ...now.snapshot, monotonicNs: 2 ** 55 } }, 1);
  assert.equal(reloadHistory(db, 2 ** 56).containers.get(idOf(1))?.cpuTimeNs, 2 ** 54);
});

test('hostile names and command lines are stored as data', (t) => {
  const db = open(scratch(t));
  const process: ProcessSample = {
    pid: 7,
    ppid: 1,
    uid: 0,
    name: HOSTILE,
    cmdline: HOSTILE,
    state: 'S',
    threads: 1,
    vszKb: 1,
    rssKb: 1,
    memPercent: 0,
    cpuPercent: 0,
    cpuTimeNs: 0,
    startNs: 0,
    ioReadBytes: null,
    ioWriteBytes: null,
    containerId: null,
  };
  const hostile = decision(1, [container(1, { name: HOSTILE })]);
  new Store(db, CONFIG).save({ ...hostile, snapshot: { ...hostile.snapshot, processes: [process] } }, 1);
  assert.equal(readStatus(db).containers[0]?.['name'], HOSTILE);
  assert.equal(db.prepare('SELECT cmdline FROM process_sample').get()?.['cmdline'], HOSTILE);
});

test('texts that processes and owners choose are cut before they are stored', (t) => {
  const db = open(scratch(t));
  const long = 'é'.repeat(100_000);
  const process = { ...busy(1), name: long, cmdline: long };
  const owned = container(1, { name: long, image: long, labels: { 'vigia.class': long } });
  const now = decision(1, [owned]);
  new Store(db, CONFIG).save({ ...now, snapshot: { ...now.snapshot, processes: [process] } }, 1);
  const [recorded] = [...readSnapshots(db, 0, 2 ** 40)];
  assert.equal(recorded?.snapshot.containers[0]?.labels['vigia.class']?.length, 512);
  const longest = (sql: string) => Math.max(...Object.values(db.prepare(sql).get() ?? {}).map(Number));
  assert.equal(longest('SELECT length(name) FROM process_sample'), 512);
  assert.equal(longest('SELECT length(cmdline) FROM process_sample'), 4097);
  assert.equal(longest('SELECT length(name), length(image), length(declared_class) FROM container'), 512);
});

test('only the processes with the highest CPU use since the last cycle and the highest RSS are kept', (t) => {
  const db = open(scratch(t));
  const store = new Store(db, config({ topProcesses: 2 }));
  const processes = (seconds: number): ProcessSample[] =>
    Array.from({ length: 50 }, (_, i) => ({
      pid: i + 1,
      ppid: 1,
      uid: 0,
      name: `p${i}`,
      cmdline: '',
      state: 'S',
      threads: 1,
      vszKb: 1,
      rssKb: i,
      memPercent: 0,
      cpuPercent: 100 - i,
      cpuTimeNs: i === 20 ? seconds * SECOND_NS : 0,
      // The modules give exact times, /proc gives 10 ms; the sensor may change between cycles.
      startNs: 1 + seconds,
      ioReadBytes: null,
      ioWriteBytes: null,
      containerId: null,
    }));
  for (const tick of [1, 2]) {
    const now = decision(tick, []);
    store.save({ ...now, snapshot: { ...now.snapshot, processes: processes(tick * 20) } }, 1);
  }
  const rows = db
    .prepare('SELECT pid, cpu_percent FROM process_sample WHERE at = 1800000040 ORDER BY pid')
    .all();
  assert.equal(rows.find((row) => row['pid'] === 21)?.['cpu_percent'], 100);
  assert.ok(
    rows.some((row) => row['pid'] === 50),
    'the largest RSS',
  );
  assert.ok(rows.length <= 4);
});

test('a cycle that is written at the second attempt has the same rates', (t) => {
  const db = open(scratch(t));
  const store = new Store(db, CONFIG);
  const at = (tick: number): Decision => {
    const now = decision(tick, []);
    const host = { ...HOST, cpuBusyNs: tick * 10 * SECOND_NS };
    return { ...now, snapshot: { ...now.snapshot, host, processes: [busy(tick * 5 * SECOND_NS)] } };
  };
  store.save(at(1), 1);
  db.exec(
    `CREATE TEMP TRIGGER full BEFORE INSERT ON action BEGIN SELECT raise(ABORT, 'the disk is full'); END`,
  );
  const second = { ...at(2), outcomes: [removal(1)] };
  assert.throws(() => store.save(second, 1), /the disk is full/);
  db.exec('DROP TRIGGER full');
  store.save(second, 1);
  const newest = (table: string) =>
    db.prepare(`SELECT cpu_percent FROM ${table} ORDER BY at DESC`).get()?.['cpu_percent'];
  assert.deepEqual([newest('host_sample'), newest('process_sample')], [50, 25]);
});

const busy = (cpuTimeNs: number): ProcessSample => ({
  ...{ pid: 1, ppid: 0, uid: 0, name: 'busy', cmdline: '', state: 'R', threads: 1, startNs: 1 },
  ...{ vszKb: 1, rssKb: 1, memPercent: 0, cpuPercent: 1, cpuTimeNs },
  ...{ ioReadBytes: null, ioWriteBytes: null, containerId: null },
});

test('a damaged file is set aside and not deleted, and a new one is begun', (t) => {
  const path = scratch(t);
  writeFileSync(path, 'this is not a database, but it must not be deleted'.repeat(100));
  const messages: string[] = [];
  const db = openForWriting(path, (message) => messages.push(message));
  new Store(db, CONFIG).save(decision(1, []), 1);
  assert.equal(messages.length, 1);
  assert.equal(readdirSync(join(path, '..')).filter((name) => name.includes('damaged')).length, 1);
});

test('the schema of a hostile file cannot load code, and a packed value cannot expand without limit', (t) => {
  const path = scratch(t);
  open(path).close();
  const hostile = new DatabaseSync(path);
  hostile.exec(
    "ALTER TABLE cycle RENAME TO was; CREATE VIEW cycle AS SELECT load_extension('/tmp/x.so') AS tick",
  );
  hostile.close();
  assert.throws(() => openForReading(path), /unsafe use of load_extension/);
  assert.throws(() => unpack(pack(Buffer.alloc(65 * 1024 * 1024))), RangeError);
});

test('a file of a newer version is refused and not changed', (t) => {
  const path = scratch(t);
  const db = new DatabaseSync(path);
  db.exec('PRAGMA user_version = 999; CREATE TABLE precious (x)');
  db.close();
  assert.throws(
    () => open(path),
    (error) => error instanceof DatabaseError && /version 999/.test(error.message),
  );
  assert.deepEqual(
    readdirSync(join(path, '..')).filter((name) => name.includes('damaged')),
    [],
  );
});

test('a clean stop leaves one file that opens read-only; a missing file is reported', (t) => {
  const path = scratch(t);
  const db = open(path);
  new Store(db, CONFIG).save(decision(1, []), 1);
  closeCleanly(db);
  assert.deepEqual(readdirSync(join(path, '..')), ['vigia.db']);
  assert.equal(readStatus(openForReading(path)).cycle?.['tick'], 1);
  assert.throws(() => openForReading(`${path}.not`), /Has the daemon run here/);
});
