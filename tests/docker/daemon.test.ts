import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { docker, exists, isRunning, ROOT, removeAll, start, until } from './real-engine.ts';

const BATCH = `daemon-${process.pid}`;
const VIGIA = join(ROOT, 'vigia');
const CRON_FILE = '/etc/cron.d/vigia-workload';
const SERVICE = { 'vigia.managed': 'true' };
const DISPOSABLE = { ...SERVICE, 'vigia.disposable': 'true' };
const PORT = 18_000 + (process.pid % 1000);

const dir = mkdtempSync(join(tmpdir(), 'vigia-daemon-'));
const configFile = join(dir, 'config.yaml');
const database = join(dir, 'data', 'vigia.db');

before(() => {
  execFileSync(join(ROOT, 'workload/build-images.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
  removeAll('vigia.managed=true');
  writeFileSync(
    configFile,
    `demo: true\ndatabase: ${database}\ncycleSeconds: 4\nclassify: { minSeconds: 3 }\nsensor: procfs\ngrafana: { start: false }\npage: { port: ${PORT} }\n`,
  );
});
after(() => {
  // A failed test leaves its daemon running.
  for (const child of children) child.kill('SIGKILL');
  removeAll(`vigia.test=${BATCH}`, 'vigia.managed=true');
  rmSync(dir, { recursive: true, force: true });
});

const children: ChildProcess[] = [];

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

function up(): Run {
  const child = spawn(VIGIA, ['--config', configFile, 'up'], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const closed = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    child,
    output: () => output,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return closed;
    },
  };
}

/** Retries until the page's process listens. */
async function fetchPage(path: string): Promise<Response> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await fetch(`http://127.0.0.1:${PORT}${path}`);
    } catch (error) {
      if (attempt === 1000) throw error;
      await sleep(100);
    }
  }
}

function query(sql: string): Record<string, unknown>[] {
  if (!existsSync(database)) return [];
  const db = new DatabaseSync(database, { readOnly: true, timeout: 5000 });
  try {
    return db.prepare(sql).all();
  } catch {
    // The file exists before its tables do.
    return [];
  } finally {
    db.close();
  }
}

/** Whether a cycle after `tick` found 3 low, 2 high and no unclassified container. */
const settled = (tick = 0) =>
  query(
    `SELECT 1 FROM cycle WHERE tick > ${tick} AND unknown_before = 0 AND unknown_after = 0
     AND low_before = 3 AND high_before = 2`,
  ).length > 0;

test('keeps the 3 low and 2 high containers that use least, by measurement and not by label; touches nothing else', async () => {
  const swapped = (level: string) => ({ ...DISPOSABLE, 'vigia.class': level });
  const idle = Array.from({ length: 5 }, () => start(BATCH, 'vigia/idle', swapped('high')));
  // On a busy host one that wants a whole core gets a fifth of it, which is still the most.
  const small = start(BATCH, 'vigia/ram', swapped('low'), { VIGIA_RAM_MB: '400' });
  const large = start(BATCH, 'vigia/cpu', swapped('low'), { VIGIA_CPU_PERCENT: '100' });
  const memory = start(BATCH, 'vigia/ram', swapped('low'));
  const foreign = start(BATCH, 'vigia/cpu', { 'vigia.class': 'high' });
  const guarded = start(BATCH, 'vigia/ram', { ...DISPOSABLE, 'vigia.protected': 'true' });
  const ended = start(BATCH, 'vigia/idle', DISPOSABLE);
  docker('stop', ended);
  const service = start(BATCH, 'vigia/cpu', SERVICE, { VIGIA_CPU_PERCENT: '40' });
  const stopped = start(BATCH, 'vigia/idle', SERVICE);
  docker('stop', stopped);

  const run = up();
  await until('3 low and 2 high', () => settled());
  const second = spawnSync(VIGIA, ['--config', configFile, 'up'], { encoding: 'utf8' });
  assert.equal(await run.stop(), 0, run.output());

  assert.equal(second.status, 1);
  assert.match(second.stderr, /another Vigía runs/);
  // The protected container and the services take no place of a class: of three high ones the greediest goes.
  assert.deepEqual([guarded, foreign, service, stopped].map(exists), [true, true, true, true]);
  assert.deepEqual([guarded, foreign, service, stopped].map(isRunning), [true, true, true, false]);
  assert.deepEqual([small, memory].map(isRunning), [true, true]);
  assert.deepEqual([large, ended].map(exists), [false, false]);
  assert.deepEqual(idle.filter(isRunning).length, 3);

  const removals = query("SELECT container_id, because, result FROM action WHERE kind = 'remove'");
  const removed = removals.map((row) => row['container_id']);
  const gone = [...idle, small, large, memory, ended].filter((id) => !exists(id));
  assert.ok(
    gone.every((id) => removed.includes(id)),
    'Vigía removed every container that is gone',
  );
  assert.ok(removals.every(({ because, result }) => result === 'done' && String(because).length > 10));
  assert.deepEqual(
    [foreign, guarded, service, stopped].filter((id) => removed.includes(id)),
    [],
  );
});

test('fills both classes from nothing, serves the page, and leaves nothing behind at the end', async () => {
  removeAll(`vigia.test=${BATCH}`, 'vigia.managed=true');
  rmSync(database, { force: true });
  const run = up();
  await until('3 low and 2 high', () => settled());
  assert.ok(existsSync(CRON_FILE));
  const page = await fetchPage('/api/status');
  assert.equal(page.status, 200);
  assert.equal(((await page.json()) as { containers: unknown[] }).containers.length, 5);
  const status = spawnSync(VIGIA, ['--config', configFile, 'status'], { encoding: 'utf8' });
  assert.match(status.stdout, /low 3\/3 {2}high 2\/2/);

  assert.equal(await run.stop('SIGINT'), 0, run.output());
  assert.equal(existsSync(CRON_FILE), false);
  assert.equal(docker('ps', '--all', '--quiet', '--filter', 'label=vigia.managed=true'), '');
  await assert.rejects(fetch(`http://127.0.0.1:${PORT}/`), 'the page no longer answers');
  assert.equal(query('PRAGMA journal_mode')[0]?.['journal_mode'], 'delete');
});

test('after a SIGKILL the next start replaces the stale cron job and continues from the last cycle', async () => {
  const killed = up();
  const tick = () => Number(query('SELECT max(tick) AS tick FROM cycle')[0]?.['tick'] ?? 0);
  const before = tick();
  await until('3 low and 2 high', () => settled(before));
  killed.child.kill('SIGKILL');
  await new Promise((resolve) => killed.child.once('exit', resolve));
  assert.ok(existsSync(CRON_FILE), 'a killed daemon cannot remove it');

  const atKill = tick();
  const run = up();
  await until('two more cycles', () => tick() >= atKill + 2);
  assert.equal(await run.stop(), 0, run.output());
  assert.match(run.output(), /replaced the job of an earlier run/);
  const [first] = query(`SELECT unknown_before FROM cycle WHERE tick = ${atKill + 1}`);
  assert.equal(first?.['unknown_before'], 0, 'the history was reloaded: no container is unknown');
  assert.equal(existsSync(CRON_FILE), false);
});

test('dry-run records what it would do and does nothing else', async () => {
  removeAll(`vigia.test=${BATCH}`, 'vigia.managed=true');
  rmSync(database, { force: true });
  const dryConfig = join(dir, 'dry.yaml');
  writeFileSync(
    dryConfig,
    `demo: true\nmode: dry-run\ncron: { install: false }\ndatabase: ${database}\ncycleSeconds: 4\nsensor: procfs\ngrafana: { start: false }\n`,
  );
  const child = spawn(VIGIA, ['--config', dryConfig, 'run'], { stdio: 'ignore' });
  children.push(child);
  await until(
    'a recorded plan',
    () => query("SELECT 1 FROM action WHERE result = 'skipped' AND kind = 'start'").length >= 5,
  );
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
  assert.equal(docker('ps', '--all', '--quiet', '--filter', 'label=vigia.managed=true'), '');
});

test('a wrong configuration ends with code 2, names the line, and starts nothing', () => {
  const wrong = join(dir, 'wrong.yaml');
  writeFileSync(wrong, 'cycleSeconds: 20\nquota: {}\n');
  const refused = spawnSync(VIGIA, ['--config', wrong, 'up'], { encoding: 'utf8' });
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /wrong\.yaml:2:1?\d*: quota: no such setting/);
  assert.equal(existsSync(CRON_FILE), false);
});
