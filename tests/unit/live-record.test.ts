import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { LiveRecord } from '../../daemon/src/app/live-record.ts';
import { backUp, restore } from '../../daemon/src/record/backup.ts';
import { config, container, decisionOn, snapshot } from './builders.ts';

/** A running record with cycles 1 to 3, and what it says. */
function running(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-record-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'vigia.db');
  const said: string[] = [];
  const record = new LiveRecord(
    config({ database: path }),
    () => 1,
    (message) => said.push(message),
  );
  t.after(() => record[Symbol.dispose]());
  const write = (tick: number) =>
    record.write(
      decisionOn(snapshot([container(1), container(2)], { tick, at: 1_800_000_000_000 + tick * 20_000 })),
    );
  for (const tick of [1, 2, 3]) write(tick);
  return { directory, path, said, record, write };
}

function ticksIn(path: string): number[] {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db.prepare('SELECT tick FROM cycle ORDER BY tick').all();
  assert.equal(db.prepare('PRAGMA quick_check').get()?.['quick_check'], 'ok');
  db.close();
  return rows.map(({ tick }) => Number(tick));
}

const ALL = ['', '-wal', '-shm'];

/** What happens to the file between two cycles, and the cycles that it has after the next one. */
const CHANGES: readonly [string, (path: string, record: LiveRecord) => void, number[], RegExp][] = [
  ['is moved', (path) => renameSync(path, `${path}.old`), [5], /moved or deleted/],
  ['is deleted', (path) => rmSync(path), [5], /moved or deleted/],
  [
    'is deleted with its journal',
    (path) => {
      for (const suffix of ALL) rmSync(path + suffix, { force: true });
    },
    [5],
    /moved or deleted/,
  ],
  [
    'is deleted with its directory',
    (path) => rmSync(join(path, '..'), { recursive: true }),
    [5],
    /moved or deleted/,
  ],
  ['is emptied', (path) => truncateSync(path), [5], /cut off/],
  ['is cut in the middle', (path) => truncateSync(path, 8192), [5], /cut off/],
  ['loses its journal', (path) => rmSync(`${path}-wal`), [1, 2, 3, 4, 5], /journal/],
];

for (const [what, change, ticks, says] of CHANGES)
  test(`a database that ${what} is noticed at the next cycle, which is recorded`, (t) => {
    const { path, said, record, write } = running(t);
    record.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    write(4);
    change(path, record);
    write(5);
    assert.match(said.join('\n'), says);
    assert.deepEqual(ticksIn(path), ticks);
    write(6);
    assert.deepEqual(ticksIn(path), [...ticks, 6]);
  });

test('what was moved away is complete', (t) => {
  const { path, write } = running(t);
  renameSync(path, `${path}.old`);
  write(4);
  assert.deepEqual([ticksIn(`${path}.old`), ticksIn(path)], [[1, 2, 3], [4]]);
});

test('in an older copy that takes its place the record goes on; one with later cycles is kept aside', (t) => {
  const { directory, path, said, record, write } = running(t);
  record.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  copyFileSync(path, `${path}.copy`);
  write(4);
  renameSync(`${path}.copy`, path);
  write(5);
  assert.deepEqual(ticksIn(path), [1, 2, 3, 5]);
  assert.match(said.join('\n'), /replaced/);
  // A reading keeps what is in the journal from its file: it must not get into the copy.
  copyFileSync(path, `${path}.copy`);
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM cycle').get();
  write(6);
  renameSync(`${path}.copy`, path);
  write(7);
  assert.ok(!ticksIn(path).includes(6));
  reader.close();
  const other = running(t);
  other.write(9);
  other.record.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  renameSync(other.path, path);
  write(8);
  assert.deepEqual(ticksIn(path), [8]);
  const kept = readdirSync(directory).filter((name) => /\.other-.*Z$/.test(name));
  assert.deepEqual(
    kept.map((name) => ticksIn(join(directory, name))),
    [[1, 2, 3, 9]],
  );
});

test('while no database can be written, cycles wait, and are recorded once one can', (t) => {
  const { directory, path, said, write } = running(t);
  rmSync(directory, { recursive: true });
  // A file in the place of the directory refuses root, too.
  copyFileSync(import.meta.filename, directory);
  for (const tick of [4, 5]) write(tick);
  assert.match(said.at(-1) ?? '', /cycle 5 was not recorded.*2 wait/);
  rmSync(directory);
  mkdirSync(directory);
  write(6);
  assert.deepEqual(ticksIn(path), [4, 5, 6]);
});

test('another program that holds the database does not hold up the loop: cycles wait in memory', (t) => {
  const { path, said, record, write } = running(t);
  assert.ok(Number(record.db.prepare('PRAGMA busy_timeout').get()?.['timeout']) <= 100);
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  for (const tick of [4, 5]) write(tick);
  assert.match(said.at(-1) ?? '', /locked; 2 wait/);
  other.exec('ROLLBACK');
  other.close();
  write(6);
  assert.deepEqual(ticksIn(path), [1, 2, 3, 4, 5, 6]);
});

test('the journal becomes short again after a reading that held it, and says so while it is long', (t) => {
  const { path, said, record, write } = running(t);
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM cycle').get();
  record.db.exec('CREATE TABLE bulk (body)');
  const fill = record.db.prepare('INSERT INTO bulk VALUES (zeroblob(8388608))');
  for (let i = 0; i < 17; i += 1) fill.run();
  write(4);
  write(5);
  const long = said.filter((message) => /the journal of .* grows.*fuser/.test(message));
  assert.equal(long.length, 1, said.join('\n'));
  reader.exec('COMMIT');
  reader.close();
  for (const tick of [6, 7, 8]) write(tick);
  assert.ok(statSync(`${path}-wal`).size <= 64 * 1024 * 1024);
});

test('a backup that is restored while Vigía runs is where the record goes on', (t) => {
  const { path, said, write } = running(t);
  assert.equal(backUp(path, `${path}.copy`), 3);
  for (const tick of [4, 5]) write(tick);
  const { kept } = restore(`${path}.copy`, path);
  write(6);
  assert.deepEqual(
    [ticksIn(path), ticksIn(kept ?? '')],
    [
      [1, 2, 3, 6],
      [1, 2, 3, 4, 5],
    ],
  );
  assert.match(said.join('\n'), /replaced/);
});
