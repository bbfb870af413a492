import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { InterruptedCycles } from '../../daemon/src/app/interrupted-cycles.ts';
import { recorder } from '../../daemon/src/app/recorder.ts';
import { resolveInterruptedActions } from '../../daemon/src/decide/resolve-interrupted-actions.ts';
import { DEMO_DEFAULTS } from '../../daemon/src/model/config.ts';
import type { Action, Classification, Decision } from '../../daemon/src/model/decision.ts';
import { openForWriting } from '../../daemon/src/record/database.ts';
import { reloadHistory } from '../../daemon/src/record/reload.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { container, decisionOn, idOf, snapshot, usage } from './builders.ts';

/** Actions that a daemon had begun when it was killed before it could record them. */

const target = (n: number) =>
  ({
    id: idOf(n),
    name: `vigia-idle-${n}`,
    level: 'low',
    pid: 1000 + n,
    because: { code: 'message', text: 'a test' },
  }) as const;
const remove = (n: number): Action => ({
  ...target(n),
  ...{ kind: 'remove', urgency: 'grace', isThrottled: false, isReplaced: false },
});
const start: Action = {
  kind: 'start',
  level: 'low',
  image: 'vigia/idle:latest',
  because: { code: 'message', text: 'a test' },
};
const floor = (n: number, level = 'low', partial = {}) =>
  container(n, {
    labels: { 'vigia.managed': 'true', 'vigia.spawn': 'floor', 'vigia.class': level },
    ...partial,
  });

const resultOf = (action: Action, seen: Parameters<typeof snapshot>[0], known: readonly number[] = []) => {
  const [outcome] = resolveInterruptedActions([action], snapshot(seen), (id) => known.map(idOf).includes(id));
  return [outcome?.result, outcome?.id];
};

test('the result of each kind of interrupted action is derived from the next snapshot', () => {
  assert.deepEqual(resultOf(remove(1), [container(2)]), ['done', idOf(1)]);
  assert.deepEqual(resultOf(remove(1), [container(1)]), ['skipped', idOf(1)]);
  const exited = container(1, { state: 'exited', usage: null });
  assert.deepEqual(resultOf(remove(1), [exited]), ['failed', idOf(1)]);
  assert.deepEqual(resultOf({ ...remove(1), pid: null } as Action, [exited]), ['skipped', idOf(1)]);
  assert.deepEqual(resultOf(start, [floor(1), floor(2)], [1]), ['done', idOf(2)]);
  assert.deepEqual(resultOf(start, [floor(2, 'low', { state: 'created', usage: null })]), ['done', idOf(2)]);
  for (const other of [
    floor(2, 'high'),
    floor(2, 'low', { image: 'vigia/ram' }),
    floor(2, 'low', { state: 'exited' }),
    container(2),
  ])
    assert.deepEqual(resultOf(start, [other]), ['skipped', null]);

  const restart: Action = { ...target(1), kind: 'restart', urgency: 'grace', isThrottled: false };
  assert.deepEqual(resultOf(restart, [container(1)]), ['skipped', idOf(1)]);
  assert.deepEqual(resultOf(restart, [container(1, { usage: usage({ pid: 7 }) })]), ['done', idOf(1)]);
  assert.deepEqual(resultOf(restart, [container(1, { state: 'exited', usage: null })]), ['failed', idOf(1)]);
  // A stop or a kill of a container that does not run any more has been done, even if it is gone.
  const stop: Action = { ...target(1), kind: 'stop' };
  const run = { pid: 1001, startNs: 1e9, cgroup: '/docker/1' };
  const kill: Action = { ...target(1), ...run, kind: 'kill', isEngineSilent: false };
  for (const action of [stop, kill]) {
    assert.deepEqual(resultOf(action, [container(1)]), ['skipped', idOf(1)]);
    assert.deepEqual(resultOf(action, [exited]), ['done', idOf(1)]);
    assert.deepEqual(resultOf(action, [container(2)]), ['done', idOf(1)]);
  }
  // Its restart policy has started it again.
  assert.deepEqual(resultOf(kill, [container(1, { usage: usage({ pid: 7 }) })]), ['done', idOf(1)]);
});

test('the result of an interrupted limit, and of lifting one, is read from the container', () => {
  for (const [kind, limit, seen, detail] of [
    ['throttle', 'cpu', { cpuLimitPercent: 25 }, { code: 'cpu-limited', percent: 25 }],
    ['squeeze', 'memory', { squeezedToKb: 2048 }, { code: 'memory-squeezed', toMib: 2 }],
    ['limit-pids', 'pids', { pidsLimitedTo: 20 }, { code: 'pids-limited', processes: 20 }],
    ['limit-io', 'io', { ioLimitedTo: 50 }, { code: 'io-limited', mibPerSecond: 50 }],
  ] as const) {
    const limited = container(1, { usage: usage({ pid: 1001, ...seen }) });
    const set: Action = { ...target(1), kind, to: 1 };
    const release: Action = { ...target(1), kind: 'release', limit };
    assert.deepEqual(resultOf(set, [limited]), ['done', idOf(1)]);
    const [outcome] = resolveInterruptedActions([set], snapshot([limited]), () => true);
    assert.deepEqual(outcome?.detail, { code: 'seen-at-next-start', result: detail });
    assert.deepEqual(resultOf(set, [container(1)]), ['skipped', idOf(1)]);
    assert.deepEqual(resultOf(release, [limited]), ['skipped', idOf(1)]);
    assert.deepEqual(resultOf(release, [container(1)]), ['done', idOf(1)]);
    for (const action of [set, release])
      assert.deepEqual(resultOf(action, [container(1, { state: 'exited', usage: null })]), [
        'failed',
        idOf(1),
      ]);
  }
});

test('a container counts for one start only, and with a blind snapshot every action counts as failed', () => {
  const results = (now: Parameters<typeof resolveInterruptedActions>[1]) =>
    resolveInterruptedActions([start, start, remove(9)], now, () => false).map(({ result }) => result);
  assert.deepEqual(results(snapshot([floor(1)])), ['done', 'skipped', 'done']);
  const fault = {
    sensor: 'engine',
    reason: { code: 'message', text: 'Docker is not reachable' },
    blind: true,
  } as const;
  assert.deepEqual(results(snapshot([floor(1)], { faults: [fault] })), ['failed', 'failed', 'failed']);
});

function open(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-interrupted-'));
  const db = openForWriting(join(dir, 'vigia.db'), assert.fail);
  t.after(() => {
    db.close();
    rmSync(dir, { recursive: true });
  });
  return db;
}

test('an interrupted cycle is recorded once after the restart, and the next cycle has the next number', async (t) => {
  const db = open(t);
  const messages: string[] = [];
  const interrupted = new InterruptedCycles({ db }, DEMO_DEFAULTS, (message) => messages.push(message));
  const now = snapshot([container(1), container(2)], { tick: 7 });
  interrupted.note({ kind: 'act', actions: [remove(1), start], candidates: [] }, now, []);

  await new InterruptedCycles({ db }, DEMO_DEFAULTS, (message) => messages.push(message)).settle(async () =>
    snapshot([container(2), floor(3)]),
  );
  const actions = db.prepare('SELECT tick, kind, container_id, result FROM action ORDER BY id').all();
  assert.deepEqual(
    actions.map((row) => Object.values(row)),
    [
      [7, 'remove', idOf(1), 'done'],
      [7, 'start', idOf(3), 'done'],
    ],
  );
  assert.match(messages.join(), /^Vigía ended during cycle 7; /);
  assert.equal(db.prepare('SELECT message FROM fault').get()?.['message'], messages[0]);
  assert.equal(reloadHistory(db, 1e15).tick, 7);
  await interrupted.settle(() => assert.fail('nothing is left to resolve'));
});

test('a restart in an interrupted cycle counts as tried, so the next breach takes the next step', async (t) => {
  const db = open(t);
  const because = { code: 'message', text: 'a test' } as const;
  const classification: Classification = {
    id: idOf(1),
    level: 'high',
    nextLevel: 'high',
    because,
    cpuPercent: 50,
    memPercent: 1,
    breaches: [],
  };
  const seen = [container(1, { usage: usage({ pid: 1001 }) })];
  const [before, now] = [6, 7].map((tick) =>
    snapshot(seen, { tick, at: (1_800_000_000 + 20 * tick) * 1000, monotonicNs: tick * 20e9 }),
  );
  assert.ok(before && now);
  new Store(db, DEMO_DEFAULTS).save(
    { ...decision(6), snapshot: before, classifications: [classification] },
    0,
  );
  const restart: Action = { ...target(1), kind: 'restart', urgency: 'grace', isThrottled: false };
  const interrupted = new InterruptedCycles({ db }, DEMO_DEFAULTS, () => {});
  interrupted.note({ kind: 'act', actions: [restart], candidates: [] }, now, [classification]);
  await interrupted.settle(async () => snapshot([container(1, { usage: usage({ pid: 7 }) })]));

  assert.equal(reloadHistory(db, 1e15).containers.get(idOf(1))?.restartedNs, before.monotonicNs);
});

test('only a cycle that acts is noted, and a recorded cycle no longer counts as interrupted', async (t) => {
  const db = open(t);
  const noted = () => Number(db.prepare('SELECT count(*) AS n FROM pending_cycle').get()?.['n']);
  const plan = { kind: 'act', actions: [start], candidates: [] } as const;
  const now = snapshot([], { tick: 7 });
  new InterruptedCycles({ db }, { ...DEMO_DEFAULTS, mode: 'dry-run' }, assert.fail).note(plan, now, []);
  const interrupted = new InterruptedCycles({ db }, DEMO_DEFAULTS, assert.fail);
  interrupted.note({ kind: 'hold', because: { code: 'message', text: 'a test' }, candidates: [] }, now, []);
  assert.equal(noted(), 0);
  interrupted.note(plan, now, []);
  assert.equal(noted(), 1);
  new Store(db, DEMO_DEFAULTS).save(decision(7), 0);
  assert.equal(noted(), 0);
});

const decision = (tick: number): Decision =>
  decisionOn(snapshot([], { tick, at: (1_800_000_000 + 20 * tick) * 1000 }));

test('cycles that could not be written wait in order, at most thirty; the oldest is given up', (t) => {
  const db = open(t);
  const messages: string[] = [];
  const write = recorder(
    db,
    new Store(db, DEMO_DEFAULTS),
    DEMO_DEFAULTS,
    () => 0,
    (message) => messages.push(message),
  );
  const ticks = () =>
    db
      .prepare('SELECT tick FROM cycle ORDER BY rowid')
      .all()
      .map(({ tick }) => tick);
  // Writes fail as on a full disk.
  db.exec('PRAGMA query_only = ON');
  for (let tick = 1; tick <= 32; tick += 1) write(decision(tick));
  assert.match(messages[0] ?? '', /^cycle 1 was not recorded in .*; 1 wait$/);
  assert.match(messages.at(-1) ?? '', /^cycle 32 was not recorded in .*; cycle 2 is lost$/);
  db.exec('PRAGMA query_only = OFF');
  write(decision(33));
  assert.deepEqual(
    ticks(),
    Array.from({ length: 31 }, (_, i) => i + 3),
  );
});
