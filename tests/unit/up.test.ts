import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Listed, listingEngine } from './listing-engine.ts';
import { hasDied } from './processes.ts';

/** How `vigia up` ends: the real daemon with its own /run and /etc/cron.d, without an engine. */

const ROOT = join(import.meta.dirname, '../..');

interface Up {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly errors: () => string;
  readonly output: () => string;
  /** What the loop tells the spawn script. */
  readonly state: () => string;
  readonly hasCron: () => boolean;
  readonly cycles: () => number;
  /** Whether the database was closed cleanly: there is no journal beside it. */
  readonly isClosed: () => boolean;
  readonly database: string;
}

const NO_BPF =
  'the kernel is locked down (lockdown=confidentiality) and takes no BPF program that reads its memory';
const REFUSES_BPF = `printf 'reason\\tbpf-locked-down\\n'; echo 'load-bpf: prose' >&2; exit 3`;
/** Of modules that are not loaded, with these fakes. */
const neither = (why: string): string =>
  `the kernel modules are not loaded: ${why}. The BPF iterator is not loaded: ${NO_BPF}`;

interface Machine {
  /** The body of a fake docker command. */
  readonly docker?: string;
  /** The body of a fake load-modules.sh; with it the configuration says `sensor: auto`, or this sensor. */
  readonly loadModules?: string;
  readonly sensor?: 'auto' | 'kernel' | 'bpf';
  /** The body of a fake load-bpf.sh. */
  readonly loadBpf?: string;
  readonly stdout?: 'pipe' | number;
  /** The configuration beside the paths; by default the demo. */
  readonly config?: string;
  readonly args?: readonly string[];
  /** The engine's socket; by default there is none. */
  readonly socket?: string;
}

/** Starts `vigia up`. */
function up(t: TestContext, machine: Machine = {}): Up & { dir: string } {
  const { docker = 'exit 1', loadModules = null, sensor = 'auto', stdout = 'pipe' } = machine;
  const { config = 'demo: true', args = [], loadBpf = REFUSES_BPF } = machine;
  const dir = mkdtempSync(join(tmpdir(), 'vigia-up-'));
  for (const name of ['run', 'cron.d', 'bin']) mkdirSync(join(dir, name));
  writeFileSync(join(dir, 'bin/docker'), `#!/bin/sh\n${docker}\n`, { mode: 0o755 });
  const database = join(dir, 'data/vigia.db');
  writeFileSync(
    join(dir, 'config.yaml'),
    `${config}\nsensor: ${loadModules === null ? 'procfs' : sensor}\ncycleSeconds: 1\ngrafana: { start: false }\ndatabase: ${database}\ndocker: { socket: ${machine.socket ?? `${dir}/none.sock`} }\n`,
  );
  const mounts = [
    [join(dir, 'run'), '/run'],
    [join(dir, 'cron.d'), '/etc/cron.d'],
  ];
  if (loadModules !== null) {
    writeFileSync(join(dir, 'load-modules.sh'), `#!/bin/bash\n${loadModules}\n`, { mode: 0o755 });
    mounts.push([join(dir, 'load-modules.sh'), join(ROOT, 'scripts/load-modules.sh')]);
    writeFileSync(join(dir, 'load-bpf.sh'), `#!/bin/bash\n${loadBpf}\n`, { mode: 0o755 });
    mounts.push([join(dir, 'load-bpf.sh'), join(ROOT, 'scripts/load-bpf.sh')]);
  }
  const script = `${mounts.map((mount) => `mount --bind ${mount.join(' ')} && `).join('')}exec "$@"`;
  const vigia = [join(ROOT, 'daemon/src/cli/vigia.ts'), '--config', join(dir, 'config.yaml')];
  const child = spawn(
    'unshare',
    ['--mount', 'sh', '-c', script, 'sh', process.execPath, ...vigia, 'up', '--without-page', ...args],
    {
      stdio: ['ignore', stdout, 'pipe'],
      // A session without a terminal, as a service has it.
      detached: true,
      env: { ...process.env, PATH: `${dir}/bin:${process.env['PATH']}`, DIR: dir },
    },
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  });
  let [errors, output] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  return {
    dir,
    child,
    ended,
    errors: () => errors,
    output: () => output,
    state: () => readIfThere(join(dir, 'run/vigia/state')),
    hasCron: () => existsSync(join(dir, 'cron.d/vigia-workload')),
    cycles: () => cyclesIn(database),
    isClosed: () => existsSync(database) && !existsSync(`${database}-wal`),
    database,
  };
}

const readIfThere = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

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

test('up: without a terminal SIGHUP rereads the configuration, and SIGTERM ends it cleanly', async (t) => {
  const run = up(t);
  await started(run);
  run.child.kill('SIGHUP');
  await until('the reread', run, () => run.output().includes('configuration: reread; nothing has changed'));
  run.child.kill('SIGTERM');
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

const REFUSAL = ['module-not-permitted', 'module=continfo_so1', 'error=Operation not permitted'];
const WHY =
  'the kernel refused continfo_so1 ("Operation not permitted"): a security policy, or a container or sandbox without CAP_SYS_MODULE';
const SAYS = 'load-modules: prose that only a person reads';

for (const how of ['exit 1', 'exit 3']) {
  test(`up: modules that are not loaded (${how}) leave the /proc sensor, with the reason in both languages`, async (t) => {
    const run = up(t, {
      loadModules: `printf 'reason\\t%s\\t%s\\t%s\\n' ${REFUSAL.map((field) => `'${field}'`).join(' ')}; echo '${SAYS}' >&2; ${how}`,
    });
    await started(run);
    const warning = 'warning: sensor: using /proc and cgroupfs: ';
    assert.ok(run.errors().includes(`${warning}${neither(WHY)}`), run.errors());
    assert.deepEqual(newestCycle(run.database), {
      sensor: 'procfs',
      faults: [`continfo 0: ${neither(WHY)}`],
    });
    const vigia = [join(ROOT, 'daemon/src/cli/vigia.ts'), '--config', join(run.dir, 'config.yaml')];
    const status = (LC_ALL: string): string =>
      execFileSync(process.execPath, [...vigia, 'status'], {
        encoding: 'utf8',
        env: { ...process.env, LC_ALL },
      });
    assert.ok(status('C.UTF-8').includes(WHY));
    assert.match(
      status('es_GT.UTF-8'),
      /los módulos del kernel no están cargados: el kernel rechazó continfo_so1 .*\. El iterador BPF no está cargado: el kernel está bloqueado /,
    );
    run.child.kill('SIGTERM');
    assert.equal(await run.ended, 0, run.errors());
  });
}

for (const [what, printed] of [
  ['an unknown code', "printf 'reason\\tno-such-code\\n'"],
  ['a code without its parameters', "printf 'reason\\tmodule-not-permitted\\tmodule=x\\n'"],
  ['no code', 'true'],
] as const) {
  test(`up: a load script that prints ${what} is quoted`, async (t) => {
    const run = up(t, { loadModules: `${printed}; echo 'load-modules: its own words' >&2; exit 3` });
    await started(run);
    assert.deepEqual(newestCycle(run.database).faults, [`continfo 0: ${neither('its own words')}`]);
    run.child.kill('SIGTERM');
    assert.equal(await run.ended, 0, run.errors());
  });
}

test('up: a load script that is killed is a failure like any other', async (t) => {
  const run = up(t, { loadModules: 'kill -KILL $$' });
  await started(run);
  assert.match(run.errors(), /warning: sensor: using \/proc and cgroupfs: /);
  assert.equal(newestCycle(run.database).sensor, 'procfs');
});

test('up: where the configuration demands the BPF iterator, a failure to load it ends it with the reason', async (t) => {
  const run = up(t, { loadModules: 'exit 9', sensor: 'bpf' });
  assert.equal(await run.ended, 1);
  const message = `vigia: the configuration requires the BPF iterator (sensor: bpf): ${NO_BPF}`;
  assert.ok(run.errors().split('\n').includes(message), run.errors());
  assert.deepEqual([run.hasCron(), run.cycles()], [false, 0]);
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
  assert.doesNotMatch(run.errors(), /sensor: using/);
});

const CONTAINERS: readonly Listed[] = [
  { name: 'web', image: 'nginx:1' },
  { name: 'cared-for', labels: { 'vigia.managed': 'true' } },
  { name: 'batch-1', labels: { 'vigia.managed': 'true', 'vigia.disposable': 'true', 'vigia.spawn': 'b' } },
  {
    name: 'floor-1',
    labels: { 'vigia.managed': 'true', 'vigia.disposable': 'true', 'vigia.spawn': 'floor' },
  },
  { name: 'ci-run', labels: { 'vigia.managed': 'true', 'vigia.disposable': 'true' } },
  { name: 'not-managed', labels: { 'vigia.spawn': 'b' } },
  {
    name: 'kept',
    labels: {
      'vigia.managed': 'true',
      'vigia.disposable': 'true',
      'vigia.spawn': 'b',
      'vigia.protected': 'true',
    },
  },
];

test('up without a configuration: it prints what is here and how to go on, observes, and changes nothing', async (t) => {
  const { socket, requests } = await listingEngine(t, CONTAINERS, true);
  const run = up(t, { config: '', socket });
  await until('two cycles', run, () => run.cycles() >= 2);
  const output = run.output();
  assert.match(output, /^7 containers on this host: disposable 3, service 1, foreign 2, protected 1$/m);
  assert.match(output, /^web +foreign .* observe only +–$/m);
  assert.match(output, /^cared-for +service .* throttle, squeeze, restart, kill /m);
  assert.match(
    output,
    /^Vigía now observes and records; .*\n {2}vigia manage NAME .*mode: enforce .*vigia up --demo/m,
  );
  assert.ok(output.indexOf('7 containers') < output.indexOf('cycle 1 '), 'the plan comes first');
  assert.deepEqual([run.hasCron(), run.state()], [false, 'observe\n']);
  run.child.kill('SIGTERM');
  assert.equal(await run.ended, 0, run.errors());
  assert.ok(requests.includes('GET /containers/json?all=true'));
  // At its end it looks for limits of its own, and finds none to lift.
  assert.ok(
    requests.every((request) => request.startsWith('GET ')),
    requests.join('\n'),
  );
  assert.equal(run.state(), '');
});

test('up --demo: the whole set-up; at its end it removes what it started, and nothing else', async (t) => {
  const { socket, requests, gone } = await listingEngine(t, CONTAINERS, true);
  const run = up(t, { config: '', args: ['--demo'], socket });
  await started(run);
  assert.equal(run.state(), 'enforce workload\n');
  assert.doesNotMatch(run.output(), /on this host/);
  assert.deepEqual(gone(), []);
  run.child.kill('SIGINT');
  assert.equal(await run.ended, 0, run.errors());
  assert.deepEqual(gone(), ['batch-1', 'floor-1']);
  assert.match(run.output(), /^demo: removed the 2 containers that it had started$/m);
  assert.ok(requests.every((line) => !line.startsWith('DELETE') || line.endsWith('?force=true&v=true')));
  assert.equal(run.hasCron(), false);
});

test('up --demo: after a failure, and without the demo, the containers stay', async (t) => {
  const { socket, gone } = await listingEngine(t, CONTAINERS, true);
  const crashed = up(t, { args: ['--demo'], socket });
  await started(crashed);
  crashed.child.kill('SIGKILL');
  await crashed.ended;
  const plain = up(t, { config: 'mode: enforce', socket });
  await until('a cycle', plain, () => plain.cycles() > 0);
  plain.child.kill('SIGTERM');
  assert.equal(await plain.ended, 0, plain.errors());
  assert.deepEqual(gone(), []);
});

test('up --demo: an engine that is silent at the end is reported with what to do', async (t) => {
  const run = up(t, { args: ['--demo'] });
  await started(run);
  run.child.kill('SIGTERM');
  assert.equal(await run.ended, 0, run.errors());
  assert.match(
    run.errors(),
    /warning: demo: its containers were not removed \(.*By hand: docker rm --force --volumes \$\(docker ps /,
  );
});

test('up: other commands show the demo as long as its record is the newest', async (t) => {
  const run = up(t, { config: '', args: ['--demo'] });
  await started(run);
  const vigia = [join(ROOT, 'daemon/src/cli/vigia.ts'), '--config', join(run.dir, 'config.yaml')];
  const status = (): string => execFileSync(process.execPath, [...vigia, 'status'], { encoding: 'utf8' });
  assert.match(status(), /mode enforce[\s\S]*low 0\/3 {2}high 0\/2/);
  run.child.kill('SIGTERM');
  await run.ended;
  assert.match(status(), /mode enforce/);
});

test('up: where no cron daemon runs it says so, and does not promise ten containers a minute', async (t) => {
  const hasCron = execFileSync('sh', ['-c', 'cat /proc/[0-9]*/comm 2>/dev/null'], { encoding: 'utf8' });
  const run = up(t);
  await started(run);
  if (/^crond?$/m.test(hasCron))
    assert.match(run.output(), /^cron: installed, starts 10 containers a minute/m);
  else {
    assert.match(
      run.errors(),
      /^warning: cron: no cron daemon runs on this host, so the job starts nothing\. /m,
    );
    assert.doesNotMatch(run.output(), /10 containers a minute/);
  }
  run.child.kill('SIGTERM');
  await run.ended;
});

test('up: the cron job is installed in mode enforce only, and a configuration that wants it otherwise is told', async (t) => {
  for (const mode of ['observe', 'dry-run']) {
    const run = up(t, { config: `mode: ${mode}\ncron: { install: true }` });
    await until('a cycle', run, () => run.cycles() > 0);
    assert.deepEqual([run.hasCron(), run.state()], [false, `${mode}\n`]);
    assert.match(
      run.errors(),
      new RegExp(`cron: not installed\\. cron\\.install needs mode: enforce, and the mode is ${mode}`),
    );
    run.child.kill('SIGTERM');
    assert.equal(await run.ended, 0, run.errors());
  }
});
