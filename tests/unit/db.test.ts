import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { DEMO_DEFAULTS } from '../../daemon/src/model/config.ts';
import { backUp, restore } from '../../daemon/src/record/backup.ts';
import { closeCleanly, openForWriting } from '../../daemon/src/record/database.ts';
import { findDamage, readStats } from '../../daemon/src/record/database-health.ts';
import { exportRows, type Format } from '../../daemon/src/record/export.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { container, decisionOn, snapshot } from './builders.ts';

const BEGAN = 1_800_000_000;

function filled(t: TestContext, names: readonly string[]) {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-db-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'vigia.db');
  const db = openForWriting(path, (message) => assert.fail(message));
  const insert = db.prepare(
    `INSERT INTO script_run (tick, at, event, script, result, exit_code, output, took_ms) VALUES (?, ?, 'removed', ?, 'done', NULL, '', 1.5)`,
  );
  for (const [i, name] of names.entries()) insert.run(2n ** 60n + BigInt(i), BEGAN + i, name);
  return { dir, path, db };
}

const text = (
  db: Parameters<typeof exportRows>[0],
  what: string,
  format: Format,
  since: number | null = null,
  until: number | null = null,
) => [...exportRows(db, { what, since, until }, format)].join('');

/** Parses CSV strictly by RFC 4180. */
function readCsv(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, bare, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

test('any name is exported to CSV and JSON without a change', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 8 }),
      (unusual) => {
        const names = [...unusual, 'a,"b"\r\nc', '=1+1', '"', '\n'];
        const { db } = filled(t, names);
        const [head = [], ...rows] = readCsv(text(db, 'script_run', 'csv'));
        const script = head.indexOf('script');
        assert.deepEqual(
          rows.map((row) => row[script]),
          names,
        );
        const objects = JSON.parse(text(db, 'script_run', 'json'));
        assert.deepEqual(
          objects.map((row: { script: string }) => row.script),
          names,
        );
        // An integer that a JavaScript number cannot hold keeps its digits.
        assert.equal(objects[0].tick, String(2n ** 60n));
        assert.deepEqual([objects[0].at, objects[0].exit_code, objects[0].took_ms], [BEGAN, null, 1.5]);
        db.close();
      },
    ),
    { numRuns: 15 },
  );
});

test('a range selects by the time of the table, a query is run unchanged, an unknown table is named', (t) => {
  const { db } = filled(t, ['a', 'b', 'c', 'd']);
  const names = (csv: string) => {
    const [head = [], ...rows] = readCsv(csv);
    return rows.map((row) => row[head.indexOf('script')]);
  };
  assert.deepEqual(names(text(db, 'script_run', 'csv', BEGAN + 1, BEGAN + 2)), ['b', 'c']);
  assert.deepEqual(readCsv(text(db, 'SELECT max(at) AS newest FROM script_run', 'csv')), [
    ['newest'],
    [String(BEGAN + 3)],
  ]);
  assert.equal(text(db, 'SELECT 1 WHERE 0', 'json'), '[\n]\n');
  assert.throws(() => text(db, 'no_such', 'csv'), /there is no table no_such: there are action, .*life/);
  assert.throws(() => text(db, 'evidence', 'csv', 0), /evidence has no time of its own/);
  db.close();
});

test('statistics cover every table, exports replace only complete files, and damage is found', (t) => {
  const { dir, path, db } = filled(
    t,
    Array.from({ length: 3000 }, (_, i) => `script ${i}`),
  );
  const { tables, bytes } = readStats(db);
  const own = tables.find(({ table }) => table === 'script_run');
  assert.deepEqual([own?.rows, own?.oldest, own?.newest], [3000, BEGAN, BEGAN + 2999]);
  assert.equal(tables[0]?.table, 'script_run', 'the largest table is first');
  assert.deepEqual(findDamage(db), []);
  closeCleanly(db);
  assert.equal(bytes, statSync(path).size);
  const run = (...args: string[]) => {
    writeFileSync(`${path}.yaml`, `database: ${path}\n`);
    const all = ['daemon/src/cli/vigia.ts', '--config', `${path}.yaml`, 'db', ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, all, {
      encoding: 'utf8',
      maxBuffer: 64e6,
    });
    return { status, stdout, stderr };
  };
  assert.equal(run('check').status, 0);
  assert.match(run('stats').stdout, /script_run +3000 /);
  assert.equal(run('export', 'script_run', '--output', `${path}.csv`).status, 0);
  assert.equal(readFileSync(`${path}.csv`, 'utf8').split('\r\n').length, 3002);
  const before = readFileSync(`${path}.csv`, 'utf8');
  const bad = 'SELECT * FROM script_run WHERE json_extract(output, script) IS NULL';
  for (const what of ['SELECT nonsense FROM script_run', bad]) {
    assert.equal(run('export', what, '--output', `${path}.csv`).status, 1, what);
    assert.ok(readFileSync(`${path}.csv`, 'utf8') === before, 'the existing file is not changed');
  }
  symlinkSync(`${path}.csv`, join(dir, 'link'));
  chmodSync(`${path}.csv`, 0o604);
  assert.equal(run('export', 'SELECT 1 AS one', '--output', join(dir, 'link')).status, 0);
  assert.equal(readFileSync(`${path}.csv`, 'utf8'), 'one\r\n1\r\n');
  assert.equal(statSync(`${path}.csv`).mode & 0o777, 0o604);
  const pipe = join(dir, 'pipe');
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
  const reader = openSync(pipe, constants.O_RDWR);
  assert.equal(run('export', 'SELECT 1 AS one', '--output', pipe).status, 0);
  assert.equal(readSync(reader, Buffer.alloc(99)), 'one\r\n1\r\n'.length, 'a pipe is written to');
  closeSync(reader);
  assert.ok(statSync(pipe).isFIFO());
  const left = readdirSync(dir).filter((name) => name.endsWith('.tmp'));
  assert.deepEqual(left, []);
  const unknown = run('export', 'nothing');
  assert.deepEqual([unknown.status, unknown.stdout], [1, '']);
  assert.match(unknown.stderr, /^vigia: there is no table nothing/);
  assert.equal(run('export', 'DELETE FROM script_run').status, 1, 'nothing can be changed');

  const file = openSync(path, 'r+');
  writeSync(file, 'damage'.repeat(2000), Math.floor(bytes / 2));
  closeSync(file);
  const damaged = run('check', '--json');
  assert.equal(damaged.status, 1);
  assert.ok(JSON.parse(damaged.stdout).damage.length > 0);
});

const withCycles = (path: string, ticks: readonly number[]): DatabaseSync => {
  const db = openForWriting(path, (message) => assert.fail(message));
  const config = { ...DEMO_DEFAULTS, database: path };
  const store = new Store(db, config);
  for (const tick of ticks)
    store.save(decisionOn(snapshot([container(1)], { tick, at: 1000 * (BEGAN + 20 * tick) })), 1);
  return db;
};

const ticksOf = (path: string): number[] => {
  using db = new DatabaseSync(path, { readOnly: true });
  return db
    .prepare('SELECT tick FROM cycle ORDER BY tick')
    .all()
    .map(({ tick }) => Number(tick));
};

test('a backup is made while the database is written, and is one plain file; a restore keeps what was there', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-db-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const [path, copy] = [join(dir, 'vigia.db'), join(dir, 'copy.db')];
  const db = withCycles(path, [1, 2]);
  db.exec('BEGIN IMMEDIATE');
  assert.equal(backUp(path, copy), 2);
  db.exec('ROLLBACK');
  const more = new Store(db, { ...DEMO_DEFAULTS, database: path });
  more.save(decisionOn(snapshot([container(1)], { tick: 3, at: 1000 * (BEGAN + 60) })), 1);
  db.close();
  const { cycles, kept } = restore(copy, path);
  assert.deepEqual([cycles, ticksOf(path), ticksOf(kept ?? '')], [2, [1, 2], [1, 2, 3]]);
  assert.equal(statSync(path).mode & 0o777, 0o640);
  assert.deepEqual(
    readdirSync(dir).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('a restore of what is damaged, of another program or of a newer Vigía changes nothing', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-db-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const [path, copy] = [join(dir, 'vigia.db'), join(dir, 'copy.db')];
  withCycles(path, [1]).close();
  const attempts: [string, () => void][] = [
    ['no database', () => writeFileSync(copy, 'hello')],
    ['cut off', () => truncateSync(copy, statSync(copy).size / 2)],
    ["another program's", () => new DatabaseSync(copy).exec('CREATE TABLE t (a)')],
    ['newer', () => new DatabaseSync(copy).exec('PRAGMA user_version = 9999')],
  ];
  for (const [what, spoil] of attempts) {
    rmSync(copy, { force: true });
    if (what !== "another program's") backUp(path, copy);
    spoil();
    assert.throws(() => restore(copy, path), Error, what);
    assert.deepEqual(ticksOf(path), [1], what);
  }
  assert.deepEqual(
    readdirSync(dir)
      .filter((name) => !/-(?:wal|shm)$/.test(name))
      .sort(),
    ['copy.db', 'vigia.db'],
  );
});
