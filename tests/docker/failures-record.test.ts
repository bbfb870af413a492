import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, before, test } from 'node:test';
import { type DaemonRun, DaemonRuns, reportRow } from './daemon-runs.ts';
import { ROOT, removeAll, start, until } from './real-engine.ts';

/** The failure table: faults of the database while the real daemon writes it and manages real containers. */

const BATCH = `failures-record-${process.pid}`;
const DISPOSABLE = { 'vigia.managed': 'true', 'vigia.disposable': 'true' };

before(() => {
  execFileSync(join(ROOT, 'workload/build-images.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
  removeAll('vigia.managed=true');
});
afterEach(() => removeAll(`vigia.test=${BATCH}`, 'vigia.managed=true'));

/** The cycles that the daemon reported as lost: they had waited too long to be written. */
const givenUp = (run: DaemonRun): number[] =>
  [...run.output().matchAll(/cycle (\d+) is lost/g)].map((match) => Number(match[1]));

/** Removals that the daemon reported, whether or not it could record them. */
const removals = (run: DaemonRun): number => [...run.output().matchAll(/^ {2}remove .* → done/gm)].length;

/** Starts one container too many and waits until the daemon has removed it, or another one instead. */
async function assertTrims(run: DaemonRun): Promise<void> {
  const before = removals(run);
  start(BATCH, 'vigia/idle', DISPOSABLE);
  await until('the surplus is removed', () => removals(run) > before);
}

/** Asserts that every cycle is in the database by now, except those that the daemon reported as lost. */
function assertNothingMissing(row: string, runs: DaemonRuns, run: DaemonRun): void {
  runs.assertIntact();
  const lost = runs.unrecorded(run);
  const [recorded] = runs.query("SELECT count(*) AS n FROM action WHERE kind = 'remove' AND result = 'done'");
  const removed = removals(run);
  reportRow(
    row,
    run.cycleSummary(),
    `records lost: ${lost.length} cycles, ${removed - Number(recorded?.['n'])} of ${removed} removals`,
    'integrity ok',
  );
  assert.deepEqual(lost, givenUp(run));
}

test('while the disk is full the daemon continues to act, and records once there is room', async (t) => {
  const mount = mkdtempSync(join(tmpdir(), 'vigia-small-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'vigia-test', mount]);
  const runs = new DaemonRuns({ database: join(mount, 'vigia.db') });
  t.after(() => {
    runs.end();
    execFileSync('umount', ['--lazy', mount]);
    rmSync(mount, { recursive: true });
  });
  const run = runs.begin();
  await runs.settled(0);

  const filler = openSync(join(mount, 'filler'), 'w');
  assert.throws(() => {
    for (;;) writeSync(filler, Buffer.alloc(65_536));
  }, /ENOSPC/);
  closeSync(filler);
  await run.untilOutput(/was not recorded in .*(full|I\/O)/);
  await assertTrims(run);
  const full = run.cycles().at(-1) ?? 0;
  rmSync(join(mount, 'filler'));
  await until('a record again', () => runs.lastTick() > full);
  await runs.settled();
  assert.equal(await run.end(), 0, run.output());

  assertNothingMissing('disk full', runs, run);
});

test('while another program locks the database cycles continue, and are recorded afterwards', async (t) => {
  // Each cycle waits five seconds for the other program, and a rate may be three times this old.
  const runs = new DaemonRuns({ classify: { minSeconds: 3 } });
  t.after(() => runs.end());
  const run = runs.begin();
  await runs.settled(0);

  const other = new DatabaseSync(runs.database);
  other.exec('BEGIN EXCLUSIVE');
  await run.untilOutput(/was not recorded in .*locked/);
  await assertTrims(run);
  const locked = run.cycles().at(-1) ?? 0;
  other.exec('COMMIT');
  other.close();
  await until('a record again', () => runs.lastTick() > locked);
  await runs.settled();
  assert.equal(await run.end(), 0, run.output());

  assertNothingMissing('record locked', runs, run);
});

/** Overwrites the file between these shares of its length, as a failing disk might. */
function damage(database: string, from: number, to: number): void {
  const { size } = statSync(database);
  const length = Math.floor(size * (to - from));
  const file = openSync(database, 'r+');
  writeSync(file, Buffer.alloc(length, 0xa5), 0, length, Math.floor(size * from));
  closeSync(file);
}

test('a database that is damaged before a start or during a run is set aside, and a new one is begun', async (t) => {
  const runs = new DaemonRuns();
  t.after(() => runs.end());
  const aside = () =>
    readdirSync(dirname(runs.database)).filter((name) => /\.damaged-[^.]*\.?\d*Z$/.test(name));
  const first = runs.begin();
  await runs.settled(0);
  assert.equal(await first.end(), 0, first.output());
  const before = runs.lastTick();

  damage(runs.database, 1 / 3, 2 / 3);
  const second = runs.begin();
  await second.untilOutput(/the database was damaged [\s\S]* a new one was begun/);
  await runs.settled(0);
  assert.equal(aside().length, 1);
  runs.assertIntact();

  // Without this checkpoint the daemon would read its newest pages from the WAL and its own cache, not from the file.
  const other = new DatabaseSync(runs.database, { timeout: 5000 });
  other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  damage(runs.database, 1 / 10, 1);
  other.close();
  await second.untilOutput(/a new one was begun[\s\S]* a new one was begun/);
  await assertTrims(second);
  await runs.settled(0);
  assert.equal(await second.end(), 0, second.output());
  assert.equal(aside().length, 2);
  runs.assertIntact();
  reportRow(
    'record damaged',
    `before it: ${first.cycleSummary()}; after it and during a run: ${second.cycleSummary()}`,
    `before a start: ${before} cycles set aside, a new record from the first cycle on`,
    `during a run: records lost: ${runs.unrecorded(second).length} cycles with the file that was set aside`,
  );
});
