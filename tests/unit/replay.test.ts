import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { replayCycles } from '../../daemon/src/app/replay-cycles.ts';
import { configFor, runSimulation } from '../../daemon/src/app/run-simulation.ts';
import { loadScenario, scenarioNames } from '../../daemon/src/app/scenarios.ts';
import { decide } from '../../daemon/src/decide/decide.ts';
import type { Config } from '../../daemon/src/model/config.ts';
import { type History, NO_HISTORY } from '../../daemon/src/model/history.ts';
import { openForWriting } from '../../daemon/src/record/database.ts';
import { type Recorded, readSnapshots } from '../../daemon/src/record/snapshots.ts';
import { ALL_FAULTS, type Faults, NO_FAULTS } from '../../daemon/src/simulate/faults.ts';
import { config, english, snapshot } from './builders.ts';

const CONFIG = config();
const COMMAND = ['daemon/src/cli/vigia.ts', '--config'];

/** A configuration file of the assignment's set-up, beside the database. */
function demo(database: string): string {
  writeFileSync(`${database}.demo.yaml`, 'demo: true\n');
  return `${database}.demo.yaml`;
}

/** Records some hours of a simulated host as the daemon does. */
async function recorded(t: TestContext, scenario: string, hours: number, faults: Faults): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-replay-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const database = join(dir, 'vigia.db');
  await runSimulation({
    scenario: loadScenario(scenario),
    faults,
    days: hours / 24,
    seed: 11,
    config: CONFIG,
    database,
    progress: () => {},
  });
  return database;
}

function open(t: TestContext, database: string): DatabaseSync {
  const db = openForWriting(database, (message) => assert.fail(message));
  t.after(() => db.close());
  return db;
}

const replay = (db: DatabaseSync, changed: Config, present = CONFIG, since = 0) =>
  replayCycles(readSnapshots(db, since, Number.MAX_SAFE_INTEGER), present, changed, since * 1000);

for (const scenario of scenarioNames()) {
  test(`${scenario}: the same policy decides exactly what was recorded, in spite of faults; dry-run would only lift limits besides`, async (t) => {
    const faults = { ...ALL_FAULTS, crashEverySeconds: 1500 };
    const db = open(t, await recorded(t, scenario, 3, faults));
    const present = configFor(loadScenario(scenario), CONFIG);
    const { cycles, acted, asRecorded, differences } = replay(db, { ...present, mode: 'dry-run' }, present);
    assert.ok(cycles > 450 && acted > 3, `${cycles} cycles, ${acted} acted`);
    assert.equal(asRecorded, cycles);
    // Outside `enforce` no limit of ours may stay, and what is released gets no other remedy in that cycle.
    for (const { tick, onlyPresent, onlyChanged } of differences) {
      const kinds = onlyChanged.map((action) => `${action.kind} ${action.because.code}`);
      assert.deepEqual([...new Set(kinds)], ['release limit-lifted-mode'], `cycle ${tick}`);
      const released = onlyChanged.map((action) => action.kind === 'release' && action.id);
      const others = onlyPresent.filter((action) => action.kind === 'start' || !released.includes(action.id));
      assert.deepEqual(others, [], `cycle ${tick}`);
    }
  });
}

test('a cycle under a pause is decided under that pause, and the one after it without', () => {
  const pause = { targets: [], until: '2026-12-01 06:00', why: 'deployment', all: false };
  const paused: Config = { ...CONFIG, orders: { pauses: [pause], bars: [], starts: [] } };
  const cycle = (tick: number, policy: Config): Recorded => {
    const now = snapshot([], { tick });
    return {
      ...{
        snapshot: now,
        memoryPressure: NO_HISTORY.memoryPressure,
        outcomes: [],
        history: NO_HISTORY,
        policy,
      },
      plan: decide(NO_HISTORY, now, [], policy),
      isFirst: true,
    };
  };
  const cycles = [cycle(1, CONFIG), cycle(2, paused), cycle(3, CONFIG)];
  assert.deepEqual(
    cycles.map(({ plan }) => plan.kind),
    ['act', 'hold', 'act'],
  );
  const { asRecorded, differences } = replayCycles(cycles, CONFIG, CONFIG, 0);
  assert.deepEqual([asRecorded, differences], [3, []]);
});

test('another quota gives other decisions, which are listed; so does mode observe', async (t) => {
  const db = open(t, await recorded(t, 'workload', 1, NO_FAULTS));
  const { quotas } = CONFIG;
  const { differences, asRecorded, cycles } = replay(
    db,
    config({ quotas: { ...quotas, high: { ...quotas.high, keep: 1 } } }),
  );
  assert.equal(asRecorded, cycles);
  const more = differences.flatMap(({ onlyChanged }) => onlyChanged);

  assert.ok(more.length > 50 && more.every(({ kind, level }) => kind === 'remove' && level === 'high'));
  assert.ok(
    more.some(({ because }) => english(because).startsWith('2 high-consumption containers, quota 1')),
  );
  const observed = replay(db, config({ mode: 'observe' }));
  assert.equal(observed.differences.length, observed.acted);
  // The present configuration may differ from the one that was in force.
  assert.ok(replay(db, CONFIG, config({ mode: 'observe' })).asRecorded < cycles);
});

test('cycles after a missing one are skipped until the next full snapshot; a time range can be replayed', async (t) => {
  const db = open(t, await recorded(t, 'workload', 3, NO_FAULTS));
  const { cycles, from, to } = replay(db, CONFIG);
  assert.equal(cycles, 540);
  db.exec('DELETE FROM snapshot WHERE tick = 200');
  const broken = replay(db, CONFIG);
  assert.equal(broken.cycles, 199 + 180);
  assert.equal(broken.asRecorded, broken.cycles);
  const since = Math.floor(Number(to) / 1000) - 1000;
  assert.equal(replay(db, CONFIG, CONFIG, since).cycles, 51);
  assert.ok(Number(from) < Number(to));
});

test('a record of an earlier version, which lacks a field, can be replayed', async (t) => {
  const db = open(t, await recorded(t, 'workload', 0.5, NO_FAULTS));
  let shortened = 0;
  const older = [...readSnapshots(db, 0, Number.MAX_SAFE_INTEGER)].map(({ history, ...cycle }) => {
    if (history === null) return { ...cycle, history };
    const { pendingRemovals, ...known } = history;
    shortened += pendingRemovals === undefined ? 0 : 1;
    return { ...cycle, history: known as History };
  });
  const { cycles, asRecorded } = replayCycles(older, CONFIG, CONFIG, 0);
  assert.ok(cycles > 80, `${cycles} cycles`);
  assert.ok(shortened > 0, 'the record had the field');
  assert.equal(asRecorded, cycles);
});

test('the summary counts every kind of action, including restarts', async (t) => {
  const database = await recorded(t, 'runaways', 3, NO_FAULTS);
  const file = `${database}.yaml`;
  writeFileSync(file, 'mode: observe');
  writeFileSync(`${database}.enforce.yaml`, 'mode: enforce');
  const args = [...COMMAND, `${database}.enforce.yaml`, 'replay', '--policy', file, '--database', database];
  const run = (...options: string[]) =>
    spawnSync(process.execPath, [...args, ...options], { encoding: 'utf8', maxBuffer: 64_000_000 }).stdout;
  const { differences } = JSON.parse(run('--json'));
  const kinds = differences.flatMap(({ onlyPresent }: { onlyPresent: { kind: string }[] }) =>
    onlyPresent.map(({ kind }) => kind),
  );
  for (const kind of ['restart', 'squeeze', 'limit-pids'])
    assert.ok(kinds.includes(kind), `${new Set(kinds)}`);
  const summary = run('--limit', '1').trim().split('\n').at(-1) ?? '';
  for (const kind of new Set<string>(kinds)) {
    const count = kinds.filter((one: string) => one === kind).length;
    const verb = kind === 'limit-pids' ? 'limit processes' : kind;
    // Observing, Vigía plans nothing but to lift limits of its own.
    assert.match(
      summary,
      new RegExp(`: .*\\b${count} × ${verb}\\b.*; only by the changed one: \\d+ × release$`),
    );
  }
});

test('the command prints both decisions, and its exit code says whether they differ', async (t) => {
  const database = await recorded(t, 'workload', 0.5, NO_FAULTS);
  const run = (policy: string, ...options: string[]) => {
    const file = `${database}.yaml`;
    writeFileSync(file, `demo: true\n${policy}`);
    const args = [...COMMAND, demo(database), 'replay', '--policy', file, '--database', database, ...options];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      maxBuffer: 64_000_000,
    });
    return { status, output: stdout + stderr };
  };
  const same = run('mode: dry-run');
  assert.equal(same.status, 0, same.output);
  assert.match(same.output, /mode: "enforce" → "dry-run"[\s\S]*both decide the same in all 90 cycles/);
  const other = run('quotas: { low: { keep: 4, images: [vigia/idle] } }', '--limit', '1');
  assert.equal(other.status, 3, other.output);
  assert.match(
    other.output,
    /PRESENT +CHANGED\n.*start vigia\/idle: 0 low-consumption containers running, quota 4/,
  );
  assert.equal(
    JSON.parse(run('quotas: { low: { keep: 4 } }', '--json').output).settings[0].name,
    'quotas.low.keep',
  );
  assert.equal(run('quotas: { low: { keep: none } }').status, 2);
});
