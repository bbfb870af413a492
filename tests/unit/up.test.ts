import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasDied } from './processes.ts';

/** How `vigia up` ends: the real daemon with its own /run and /etc/cron.d, without an engine. */

const ROOT = join(import.meta.dirname, '../..');

interface Up {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly errors: () => string;
  readonly hasCron: () => boolean;
  readonly cycles: () => number;
  /** Whether the database was closed cleanly: there is no journal beside it. */
  readonly isClosed: () => boolean;
}

/** Starts `vigia up`. `docker` is the body of a fake docker command. */
function up(t: TestContext, docker = 'exit 1', stdout: 'pipe' | number = 'pipe'): Up & { dir: string } {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-up-'));
  for (const name of ['run', 'cron.d', 'bin']) mkdirSync(join(dir, name));
  writeFileSync(join(dir, 'bin/docker'), `#!/bin/sh\n${docker}\n`, { mode: 0o755 });
  const database = join(dir, 'data/vigia.db');
  writeFileSync(
    join(dir, 'config.yaml'),
    `mode: observe\nsensor: procfs\ncycleSeconds: 1\ngrafana: { start: false }\ndatabase: ${database}\ndocker: { socket: ${dir}/none.sock }\n`,
  );
  const script = `mount --bind ${dir}/run /run && mount --bind ${dir}/cron.d /etc/cron.d && exec "$@"`;
  const vigia = [join(ROOT, 'daemon/src/cli/vigia.ts'), '--config', join(dir, 'config.yaml')];
  const child = spawn(
    'unshare',
    ['--mount', 'sh', '-c', script, 'sh', process.execPath, ...vigia, 'up', '--without-page'],
    {
      stdio: ['ignore', stdout, 'pipe'],
      env: { ...process.env, PATH: `${dir}/bin:${process.env['PATH']}`, DIR: dir },
    },
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  });
  let errors = '';
  child.stdout?.resume();
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  return {
    dir,
    child,
    ended,
    errors: () => errors,
    hasCron: () => existsSync(join(dir, 'cron.d/vigia-workload')),
    cycles: () => cyclesIn(database),
    isClosed: () => existsSync(database) && !existsSync(`${database}-wal`),
  };
}

function cyclesIn(database: string): number {
  if (!existsSync(database)) return 0;
  const db = new DatabaseSync(database, { readOnly: true, timeout: 5000 });
  try {
    return Number(db.prepare('SELECT count(*) AS n FROM cycle').get()?.['n']);
  } catch {
    // The file exists before its tables do.
    return 0;
  } finally {
    db.close();
  }
}

async function until(what: string, run: Up, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    assert.equal(run.child.exitCode ?? run.child.signalCode, null, `${what}: ended: ${run.errors()}`);
    assert.ok(performance.now() < deadline, `${what}: ${run.errors()}`);
    await sleep(20);
  }
}

const started = (run: Up): Promise<void> => until('a cycle', run, () => run.hasCron() && run.cycles() > 0);

test('up: it ends cleanly when its terminal is closed', async (t) => {
  const run = up(t);
  await started(run);
  run.child.kill('SIGHUP');
  assert.equal(await run.ended, 0, run.errors());
  assert.deepEqual([run.hasCron(), run.isClosed()], [false, true]);
});

test('up: it continues when stdout is closed or its disk is full, and undoes everything at the end', async (t) => {
  const [closed, full] = [up(t), up(t, 'exit 1', openSync('/dev/full', 'w'))];
  await started(closed);
  closed.child.stdout?.destroy();
  for (const run of [closed, full]) {
    await started(run);
    const before = run.cycles();
    await until('two more cycles', run, () => run.cycles() >= before + 2);
    run.child.kill('SIGTERM');
    assert.equal(await run.ended, 0, run.errors());
    assert.deepEqual([run.hasCron(), run.isClosed()], [false, true]);
  }
});

test('up: a cron job that cannot be removed is reported with what to do, and everything else is undone', async (t) => {
  const run = up(t);
  await started(run);
  const inside = ['--target', String(run.child.pid), '--mount'];
  execFileSync('nsenter', [...inside, 'mount', '-o', 'remount,bind,ro', '/etc/cron.d']);
  run.child.kill('SIGTERM');
  assert.equal(await run.ended, 1);
  assert.match(run.errors(), /cron: not removed \(EROFS.*by hand: rm \/etc\/cron\.d\/vigia-workload$/m);
  assert.equal(run.isClosed(), true);
});

test('up: a signal during startup also ends an image build that hangs', async (t) => {
  const run = up(
    t,
    'case $1 in version) ;; build) echo $$ >>"$DIR/hung"; exec sleep 300 ;; *) exit 1 ;; esac',
  );
  const hung = join(run.dir, 'hung');
  const builds = (): string[] =>
    existsSync(hung) ? readFileSync(hung, 'utf8').split('\n').filter(Boolean) : [];
  await until('the three builds', run, () => builds().length === 3);
  run.child.kill('SIGTERM');
  assert.equal(await run.ended, 0, run.errors());
  assert.equal(run.hasCron(), false);
  for (const pid of builds()) assert.ok(await hasDied(Number(pid)), `the build with PID ${pid} has ended`);
});
