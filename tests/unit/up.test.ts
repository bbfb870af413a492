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
  readonly database: string;
}

interface Machine {
  /** The body of a fake docker command. */
  readonly docker?: string;
  /** The body of a fake load-modules.sh; with it the configuration says `sensor: auto`, or this sensor. */
  readonly loadModules?: string;
  readonly sensor?: 'auto' | 'kernel';
  readonly stdout?: 'pipe' | number;
}

/** Starts `vigia up`. */
function up(t: TestContext, machine: Machine = {}): Up & { dir: string } {
  const { docker = 'exit 1', loadModules = null, sensor = 'auto', stdout = 'pipe' } = machine;
  const dir = mkdtempSync(join(tmpdir(), 'vigia-up-'));
  for (const name of ['run', 'cron.d', 'bin']) mkdirSync(join(dir, name));
  writeFileSync(join(dir, 'bin/docker'), `#!/bin/sh\n${docker}\n`, { mode: 0o755 });
  const database = join(dir, 'data/vigia.db');
  writeFileSync(
    join(dir, 'config.yaml'),
    `mode: observe\nsensor: ${loadModules === null ? 'procfs' : sensor}\ncycleSeconds: 1\ngrafana: { start: false }\ndatabase: ${database}\ndocker: { socket: ${dir}/none.sock }\n`,
  );
  const mounts = [
    [join(dir, 'run'), '/run'],
    [join(dir, 'cron.d'), '/etc/cron.d'],
  ];
  if (loadModules !== null) {
    writeFileSync(join(dir, 'load-modules.sh'), `#!/bin/bash\n${loadModules}\n`, { mode: 0o755 });
    mounts.push([join(dir, 'load-modules.sh'), join(ROOT, 'scripts/load-modules.sh')]);
  }
  const script = `${mounts.map((mount) => `mount --bind ${mount.join(' ')} && `).join('')}exec "$@"`;
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
    database,
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
  const [closed, full] = [up(t), up(t, { stdout: openSync('/dev/full', 'w') })];
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
  const run = up(t, {
    docker: 'case $1 in version) ;; build) echo $$ >>"$DIR/hung"; exec sleep 300 ;; *) exit 1 ;; esac',
  });
  const hung = join(run.dir, 'hung');
  const builds = (): string[] =>
    existsSync(hung) ? readFileSync(hung, 'utf8').split('\n').filter(Boolean) : [];
  await until('the three builds', run, () => builds().length === 3);
  run.child.kill('SIGTERM');
  assert.equal(await run.ended, 0, run.errors());
  assert.equal(run.hasCron(), false);
  for (const pid of builds()) assert.ok(await hasDied(Number(pid)), `the build with PID ${pid} has ended`);
});

/** The sensor of the newest cycle, and its faults that are not of the engine. */
function newestCycle(database: string): { sensor: unknown; faults: string[] } {
  const db = new DatabaseSync(database, { readOnly: true, timeout: 5000 });
  try {
    const cycle = db.prepare('SELECT tick, sensor FROM cycle ORDER BY tick DESC LIMIT 1').get();
    const faults = db
      .prepare("SELECT sensor, message, blind FROM fault WHERE tick = ? AND sensor <> 'engine' ORDER BY id")
      .all(Number(cycle?.['tick']));
    return {
      sensor: cycle?.['sensor'],
      faults: faults.map(({ sensor, message, blind }) => `${sensor} ${blind}: ${message}`),
    };
  } finally {
    db.close();
  }
}

const OTHER_CARNET =
  'continfo_so1 is already loaded with another carnet; run "systemctl restart vigia-modules vigia"';
const WARNING = `warning: sensor: using /proc and cgroupfs instead of the kernel modules: ${OTHER_CARNET}`;

for (const [how, faults] of [
  ['exit 1', [`continfo 0: the kernel modules are not loaded, /proc is read instead: ${OTHER_CARNET}`]],
  ['exit 2', [`continfo 0: the kernel modules are not loaded, /proc is read instead: ${OTHER_CARNET}`]],
  ['exit 139', [`continfo 0: the kernel modules are not loaded, /proc is read instead: ${OTHER_CARNET}`]],
  // A host that does not accept modules: nothing to repair.
  ['exit 3', []],
] as const) {
  test(`up: modules that cannot be loaded (${how}) leave the /proc sensor, with the reason`, async (t) => {
    const run = up(t, {
      loadModules: `echo "load-modules: ${OTHER_CARNET.replaceAll('"', '\\"')}" >&2; ${how}`,
    });
    await started(run);
    assert.ok(run.errors().includes(WARNING), run.errors());
    assert.deepEqual(newestCycle(run.database), { sensor: 'procfs', faults });
    run.child.kill('SIGTERM');
    assert.equal(await run.ended, 0, run.errors());
  });
}

test('up: a load script that is killed is a failure like any other', async (t) => {
  const run = up(t, { loadModules: 'kill -KILL $$' });
  await started(run);
  assert.match(run.errors(), /warning: sensor: using \/proc and cgroupfs instead of the kernel modules: /);
  assert.equal(newestCycle(run.database).sensor, 'procfs');
});

test('up: where the configuration demands the modules, a failure to load them ends it with the reason', async (t) => {
  const run = up(t, { loadModules: 'echo "load-modules: the reason" >&2; exit 1', sensor: 'kernel' });
  assert.equal(await run.ended, 1);
  assert.match(
    run.errors(),
    /^vigia: the configuration requires the kernel modules \(sensor: kernel\): the reason$/m,
  );
  assert.deepEqual([run.hasCron(), run.cycles()], [false, 0]);
});

test('up: a signal while the modules are being loaded ends it as an orderly stop', async (t) => {
  const run = up(t, { loadModules: 'touch "$DIR/loading"; exec sleep 300' });
  await until('the load script runs', run, () => existsSync(join(run.dir, 'loading')));
  run.child.kill('SIGTERM');
  assert.equal(await run.ended, 0, run.errors());
  assert.doesNotMatch(run.errors(), /instead of the kernel modules/);
});
