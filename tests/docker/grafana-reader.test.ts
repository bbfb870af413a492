// Grafana's side of the database: another user opens it for each query, in a directory that is mounted read-only. The
// mount and the user are real (as the engine makes them); SQLite is Node's, not the plugin's.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { panels } from '../../daemon/src/panels/dashboards.ts';
import { bindRange } from '../../daemon/src/panels/range.ts';
import { ROOT, until } from './real-engine.ts';

const GRAFANA = 472;
const directory = mkdtempSync(join(tmpdir(), 'vigia-reader-'));
const database = join(directory, 'vigia.db');
// As the daemon prepares it: readable for the group and for no other user.
chmodSync(directory, 0o2750);
let writer: ChildProcess | undefined;
after(() => {
  writer?.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

/** Opens the database as the provisioned data source does, with a new connection each time, `rounds` times. */
const READER = `
  import { DatabaseSync } from 'node:sqlite';
  import { readFileSync } from 'node:fs';
  const { uri, rounds, sql } = JSON.parse(readFileSync(0, 'utf8'));
  const found = { errors: [], ticks: [], wrote: false };
  for (let i = 0; i < rounds; i++) {
    try {
      const db = new DatabaseSync(new URL(uri), { readOnly: true, timeout: 5000 });
      db.exec('PRAGMA query_only = 1');
      found.ticks.push(db.prepare('SELECT MAX(tick) AS tick FROM cycle').get().tick);
      for (const text of sql) db.prepare(text).all();
      try { db.exec('DELETE FROM cycle'); found.wrote = true; } catch {}
      db.close();
    } catch (error) { found.errors.push(error.message); }
  }
  console.log(JSON.stringify({ ...found, uid: process.getuid(), groups: process.getgroups() }));`;

const sql = panels
  .filter(({ perContainer }) => !perContainer)
  .map((panel) => bindRange(panel.sql, Date.now() - 3_600_000, Date.now() + 3_600_000));
assert.ok(sql.length > 20, `${sql.length} panels`);

function read(rounds: number): { errors: string[]; ticks: number[]; wrote: boolean; uid: number } {
  const { jsonData } = parse(
    readFileSync(join(ROOT, 'dashboards/provisioning/datasources/vigia.yaml'), 'utf8'),
  ).datasources[0];
  assert.match(jsonData.pathOptions, /^mode=ro&/);
  const mounted = `mount --bind ${directory} ${directory} && mount -o remount,bind,ro ${directory}`;
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    [
      ...['--mount', '--propagation', 'private', 'sh', '-c', `${mounted} && exec "$@"`, 'sh'],
      ...[
        'setpriv',
        '--reuid',
        `${GRAFANA}`,
        '--regid',
        '0',
        '--clear-groups',
        '--bounding-set=-all',
        '--inh-caps=-all',
      ],
      ...[process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', READER],
    ],
    { encoding: 'utf8', input: JSON.stringify({ uri: `file://${database}?mode=ro`, rounds, sql }) },
  );
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

async function write(): Promise<() => number> {
  const child = spawn(process.execPath, [join(ROOT, 'tests/docker/busy-writer.ts'), database], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  writer = child;
  let last = 0;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    last = Number(chunk.trim().split('\n').at(-1));
  });
  await until('the writer writes', () => last > 10);
  return () => last;
}

const ended = (child: ChildProcess | undefined) => new Promise((resolve) => child?.once('exit', resolve));

test('while the daemon writes, every panel answers with fresh rows and nothing can be written', async () => {
  const last = await write();
  const before = last();
  const { errors, ticks, wrote, uid } = read(30);
  assert.deepEqual(errors, []);
  assert.equal(uid, GRAFANA);
  assert.equal(wrote, false);
  assert.ok((ticks[0] ?? 0) >= before, `${ticks[0]} is older than ${before}`);
  assert.ok((ticks.at(-1) ?? 0) > (ticks[0] ?? 0), 'new cycles appear');
  assert.deepEqual(
    ticks,
    ticks.toSorted((a, b) => a - b),
  );
});

test('after the daemon was killed, what it had written can be read', async () => {
  const gone = ended(writer);
  writer?.kill('SIGKILL');
  await gone;
  assert.ok(existsSync(`${database}-wal`), 'the database was not closed');
  const { errors, ticks } = read(3);
  assert.deepEqual(errors, []);
  assert.ok((ticks[0] ?? 0) > 10);
});

test('after a clean stop there is one file, and it can be read', async () => {
  rmSync(database);
  for (const name of readdirSync(directory)) rmSync(join(directory, name));
  const last = await write();
  const gone = ended(writer);
  writer?.kill('SIGTERM');
  assert.equal(await gone, 0);
  assert.deepEqual(readdirSync(directory), ['vigia.db']);
  const { errors, ticks } = read(3);
  assert.deepEqual(errors, []);
  assert.equal(ticks[0], last());
});
