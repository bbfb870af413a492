import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, before, test } from 'node:test';
import { figures, type Life, Lives } from './life.ts';
import { ROOT, removeAll, start, until } from './real-engine.ts';

/** The failure table: what befalls the record, while the real daemon writes it and rules over real containers. */

const BATCH = `failures-record-${process.pid}`;
const MANAGED = { 'vigia.managed': 'true' };

before(() => {
  execFileSync(join(ROOT, 'workload/build-images.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
  removeAll('vigia.managed=true');
});
afterEach(() => removeAll(`vigia.test=${BATCH}`, 'vigia.managed=true'));

/** The cycles that it said it had given up: they had waited for longer than it lets any wait. */
const givenUp = (life: Life): number[] =>
  [...life.output().matchAll(/cycle (\d+) is lost/g)].map((match) => Number(match[1]));

/** Removals that the daemon told of; told whether or not they could be recorded. */
const removals = (life: Life): number => [...life.output().matchAll(/^ {2}remove .* → done/gm)].length;

/** One too many, until the daemon has removed it, or another one in its place. */
async function trims(life: Life): Promise<void> {
  const before = removals(life);
  start(BATCH, 'vigia/idle', MANAGED);
  await until('the surplus is removed', () => removals(life) > before);
}

/** Every cycle is in the record once it can be written again, but those that the daemon itself gave up. */
function assertNothingMissing(row: string, lives: Lives, life: Life): void {
  lives.assertWhole();
  const lost = lives.unrecorded(life);
  const [recorded] = lives.query(
    "SELECT count(*) AS n FROM action WHERE kind = 'remove' AND result = 'done'",
  );
  const removed = removals(life);
  figures(
    row,
    life.decided(),
    `records lost: ${lost.length} cycles, ${removed - Number(recorded?.['n'])} of ${removed} removals`,
    'integrity ok',
  );
  assert.deepEqual(lost, givenUp(life));
}

test('the disk is full: the daemon goes on deciding, and recording once there is room', async (t) => {
  const mount = mkdtempSync(join(tmpdir(), 'vigia-small-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'vigia-test', mount]);
  const lives = new Lives({ database: join(mount, 'vigia.db') });
  t.after(() => {
    lives.end();
    execFileSync('umount', ['--lazy', mount]);
    rmSync(mount, { recursive: true });
  });
  const life = lives.begin();
  await lives.settled(0);

  const filler = openSync(join(mount, 'filler'), 'w');
  assert.throws(() => {
    for (;;) writeSync(filler, Buffer.alloc(65_536));
  }, /ENOSPC/);
  closeSync(filler);
  await life.says(/was not recorded in .*(full|I\/O)/);
  await trims(life);
  const full = life.cycles().at(-1) ?? 0;
  rmSync(join(mount, 'filler'));
  await until('a record again', () => lives.lastTick() > full);
  await lives.settled();
  assert.equal(await life.end(), 0, life.output());

  assertNothingMissing('disk full', lives, life);
});

test('another program locks the record: cycles go on, only slower, and are recorded afterwards', async (t) => {
  const lives = new Lives();
  t.after(() => lives.end());
  const life = lives.begin();
  await lives.settled(0);

  const other = new DatabaseSync(lives.database);
  other.exec('BEGIN EXCLUSIVE');
  await life.says(/was not recorded in .*locked/);
  await trims(life);
  const locked = life.cycles().at(-1) ?? 0;
  other.exec('COMMIT');
  other.close();
  await until('a record again', () => lives.lastTick() > locked);
  await lives.settled();
  assert.equal(await life.end(), 0, life.output());

  assertNothingMissing('record locked', lives, life);
});

/** Overwrites what lies between these parts of the file, as a failing disk might. */
function ruin(database: string, from: number, to: number): void {
  const { size } = statSync(database);
  const length = Math.floor(size * (to - from));
  const file = openSync(database, 'r+');
  writeSync(file, Buffer.alloc(length, 0xa5), 0, length, Math.floor(size * from));
  closeSync(file);
}

test('the record is damaged, before a start and during a run: it is set aside and a new one begun', async (t) => {
  const lives = new Lives();
  t.after(() => lives.end());
  const aside = () =>
    readdirSync(dirname(lives.database)).filter((name) => /\.damaged-[^.]*\.?\d*Z$/.test(name));
  const first = lives.begin();
  await lives.settled(0);
  assert.equal(await first.end(), 0, first.output());
  const before = lives.lastTick();

  ruin(lives.database, 1 / 3, 2 / 3);
  const second = lives.begin();
  await second.says(/the database was damaged [\s\S]* a new one was begun/);
  await lives.settled(0);
  assert.equal(aside().length, 1);
  lives.assertWhole();

  // What the daemon wrote lately lies in the log beside the file, and in its own cache: only after this does it read the file.
  const other = new DatabaseSync(lives.database, { timeout: 5000 });
  other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  ruin(lives.database, 1 / 10, 1);
  other.close();
  await second.says(/a new one was begun[\s\S]* a new one was begun/);
  await trims(second);
  await lives.settled(0);
  assert.equal(await second.end(), 0, second.output());
  assert.equal(aside().length, 2);
  lives.assertWhole();
  figures(
    'record damaged',
    `before it: ${first.decided()}; after it and during a run: ${second.decided()}`,
    `before a start: ${before} cycles set aside, a new record from the first cycle on`,
    `during a run: records lost: ${lives.unrecorded(second).length} cycles with what was set aside`,
  );
});
