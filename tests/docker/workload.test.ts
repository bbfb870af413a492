/** The workload on a real Docker engine: what the images consume, how they end, what a batch contains. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, cp, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

const workload = join(import.meta.dirname, '../../workload');
const spawnScript = join(workload, 'spawn-containers.sh');
const images = join(workload, 'images');
const kinds = ['cpu', 'ram', 'idle'] as const;
type Kind = (typeof kinds)[number];

/** Label of every container that a test starts itself; batches have a label of their own. */
const testLabel = `vigia.test=workload-${process.pid}-${Date.now()}`;

interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { env: env ?? process.env, timeout: 300_000 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

async function docker(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run('docker', args);
  assert.equal(status, 0, `docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

async function until(what: string, holds: () => Promise<boolean>, limitMs = 300_000): Promise<void> {
  const giveUp = performance.now() + limitMs;
  while (!(await holds())) {
    assert.ok(performance.now() < giveUp, `not within ${limitMs} ms: ${what}`);
    await delay(20);
  }
}

async function removeByLabel(label: string): Promise<void> {
  const ids = await docker('ps', '--all', '--quiet', '--no-trunc', '--filter', `label=${label}`);
  if (ids !== '') await docker('rm', '--force', ...ids.split('\n'));
}

interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly State: {
    readonly Running: boolean;
    readonly Pid: number;
    readonly StartedAt: string;
    readonly ExitCode: number;
  };
  readonly Config: {
    readonly Labels: Record<string, string>;
    readonly Env: string[] | null;
    readonly Image: string;
  };
  readonly HostConfig: { readonly NetworkMode: string; readonly RestartPolicy: { readonly Name: string } };
}

async function inspect(...ids: readonly string[]): Promise<Inspected[]> {
  return ids.length === 0 ? [] : (JSON.parse(await docker('inspect', ...ids)) as Inspected[]);
}

async function inspectOne(id: string): Promise<Inspected> {
  const [one] = await inspect(id);
  assert.ok(one);
  return one;
}

async function start(kind: Kind, ...options: readonly string[]): Promise<{ id: string; pid: number }> {
  const id = await docker(
    'run',
    '-d',
    '--network',
    'none',
    '--label',
    testLabel,
    ...options,
    `vigia/${kind}`,
  );
  const { State } = await inspectOne(id);
  // Until then the process is the runtime's, and so is the CPU time that it uses.
  await until(`vigia-${kind} runs in ${id}`, async () => {
    const comm = await readFile(`/proc/${State.Pid}/comm`, 'utf8');
    return comm === `vigia-${kind}\n`;
  });
  return { id, pid: State.Pid };
}

/** CPU time of a container in nanoseconds, from cgroup v1 or v2. */
async function cpuTime(pid: number): Promise<number> {
  const lines = (await readFile(`/proc/${pid}/cgroup`, 'utf8')).split('\n').map((line) => line.split(':'));
  const first = lines.find(([, controllers]) => controllers?.split(',').includes('cpuacct'));
  if (first !== undefined) {
    return Number(await readFile(`/sys/fs/cgroup/cpuacct${first[2]}/cpuacct.usage`, 'utf8'));
  }
  const second = lines.find(([, controllers]) => controllers === '');
  assert.ok(second, `process ${pid} is in no cgroup`);
  const usage = /^usage_usec (\d+)$/m.exec(await readFile(`/sys/fs/cgroup${second[2]}/cpu.stat`, 'utf8'));
  assert.ok(usage);
  return Number(usage[1]) * 1000;
}

/** How long a process was runnable and waited for a core, in nanoseconds. */
async function waitingTime(pid: number): Promise<number> {
  return Number((await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ')[1]);
}

interface Share {
  /** Percent of one core over the window. */
  readonly ofWall: number;
  /** The same, without the time in which the process waited for a core. */
  readonly ofOffered: number;
}

/** Starts a measurement. The returned function gives the CPU share since then. */
async function cpuWindow(pid: number): Promise<() => Promise<Share>> {
  const usedBefore = await cpuTime(pid);
  const waitedBefore = await waitingTime(pid);
  const startedAt = process.hrtime.bigint();
  return async () => {
    const used = (await cpuTime(pid)) - usedBefore;
    const wall = Number(process.hrtime.bigint() - startedAt);
    const waited = (await waitingTime(pid)) - waitedBefore;
    return { ofWall: (used / wall) * 100, ofOffered: (used / (wall - waited)) * 100 };
  };
}

/** The CPU share of a process over `windowMs`. */
async function cpuShare(pid: number, windowMs: number): Promise<Share> {
  const share = await cpuWindow(pid);
  await delay(windowMs);
  return share();
}

function describeShare({ ofWall, ofOffered }: Share): string {
  return `${ofWall.toFixed(2)} % of a core (${ofOffered.toFixed(2)} % of what the host offered)`;
}

/**
 * Stops a container, asserts that it ends within 2 s, and returns the time from signal to end in ms by the engine's
 * clock.
 */
async function assertStopsQuickly(id: string): Promise<number> {
  const now = () => (Date.now() / 1000).toFixed(3);
  const began = now();
  await docker('stop', id);
  let took = Number.NaN;
  await until('the engine reports its end', async () => {
    const events = await docker(
      ...['events', '--since', began, '--until', now(), '--filter', `container=${id}`],
      ...['--format', '{{.Action}} {{.TimeNano}}'],
    );
    const at = (action: string) => Number(new RegExp(`^${action} (\\d+)$`, 'm').exec(events)?.[1]) / 1e6;
    took = at('die') - at('kill');
    return Number.isFinite(took);
  });
  assert.ok(took < 2000, `it took ${took.toFixed(0)} ms to end`);
  // 137 would mean that it was killed.
  assert.equal((await inspectOne(id)).State.ExitCode, 0);
  return took;
}

async function hostRamKb(): Promise<number> {
  const total = /^MemTotal:\s+(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8'));
  assert.ok(total);
  return Number(total[1]);
}

before(async () => {
  const built = await run(join(workload, 'build-images.sh'), []);
  assert.equal(built.status, 0, built.stderr);
});

after(() => removeByLabel(testLabel));

suite('images', () => {
  test('a second build finds all three images up to date', async () => {
    const { status, stdout } = await run(join(workload, 'build-images.sh'), []);
    assert.equal(status, 0);
    // They are built in parallel, so the order of the lines varies.
    assert.deepEqual(stdout.trim().split('\n').sort(), [
      'vigia/cpu: up to date',
      'vigia/idle: up to date',
      'vigia/ram: up to date',
    ]);
  });

  for (const kind of kinds) {
    test(`vigia/${kind} has labels for its class, kind and source, and no managed label`, async () => {
      const labels = JSON.parse(
        await docker('image', 'inspect', '--format', '{{json .Config.Labels}}', `vigia/${kind}`),
      ) as Record<string, string>;
      const digest = createHash('sha256')
        .update(await readFile(join(images, kind, 'Dockerfile')))
        .update(await readFile(join(images, kind, `vigia-${kind}`)))
        .digest('hex');
      assert.deepEqual(labels, {
        'vigia.class': kind === 'idle' ? 'low' : 'high',
        'vigia.kind': kind,
        'vigia.source': digest,
      });
    });
  }

  test('only a program that is out of date is compiled again', async (t) => {
    const copy = await mkdtemp(join(tmpdir(), 'vigia-workload-'));
    t.after(() => rm(copy, { recursive: true }));
    await cp(workload, copy, { recursive: true, filter: (path) => !/vigia-(cpu|ram|idle)$/.test(path) });
    const build = async () => (await run(join(copy, 'build-binaries.sh'), [])).stdout.trim().split('\n');
    assert.deepEqual(await build(), ['vigia-cpu: compiled', 'vigia-ram: compiled', 'vigia-idle: compiled']);
    assert.deepEqual(await build(), [
      'vigia-cpu: up to date',
      'vigia-ram: up to date',
      'vigia-idle: up to date',
    ]);
    const later = (await stat(join(copy, 'images/ram/vigia-ram'))).mtimeMs / 1000 + 1;
    await utimes(join(copy, 'images/ram/ram.c'), later, later);
    assert.deepEqual(await build(), [
      'vigia-cpu: up to date',
      'vigia-ram: compiled',
      'vigia-idle: up to date',
    ]);
  });

  test('a source that does not compile is an error and leaves no program', async (t) => {
    const copy = await mkdtemp(join(tmpdir(), 'vigia-workload-'));
    t.after(() => rm(copy, { recursive: true }));
    await cp(workload, copy, { recursive: true, filter: (path) => !/vigia-(cpu|ram|idle)$/.test(path) });
    await writeFile(join(copy, 'images/cpu/cpu.c'), 'int main(void) { return nothing; }\n');
    const { status, stderr } = await run(join(copy, 'build-binaries.sh'), []);
    assert.equal(status, 1);
    assert.match(stderr, /could not compile .*cpu\.c/);
    await assert.rejects(stat(join(copy, 'images/cpu/vigia-cpu')));
  });
});

suite('what the images do', () => {
  /** The idle container: measured from here on, while the other tests run. */
  let idle: { id: string; pid: number; share: () => Promise<Share>; leastWindow: Promise<void> };

  before(async () => {
    const { id, pid } = await start('idle');
    await until('it sleeps', async () => /^State:\s+S/m.test(await readFile(`/proc/${pid}/status`, 'utf8')));
    idle = { id, pid, share: await cpuWindow(pid), leastWindow: delay(10_500) };
  });

  test('cpu uses at least 20 % of a core with its smallest setting, and ends at once', async (t) => {
    const { id, pid } = await start('cpu', '--env', 'VIGIA_CPU_PERCENT=20');
    const share = await cpuShare(pid, 3000);
    assert.ok(share.ofOffered >= 20, describeShare(share));
    assert.ok(share.ofWall < 30, describeShare(share));
    t.diagnostic(`${describeShare(share)}; stopped in ${(await assertStopsQuickly(id)).toFixed(0)} ms`);
  });

  test('cpu uses the percentage that it is given', async (t) => {
    const { id, pid } = await start('cpu', '--env', 'VIGIA_CPU_PERCENT=40');
    const share = await cpuShare(pid, 3000);
    assert.ok(share.ofOffered >= 40, describeShare(share));
    assert.ok(share.ofWall < 50, describeShare(share));
    t.diagnostic(describeShare(share));
    await assertStopsQuickly(id);
  });

  test('cpu does not make up for the time it was paused', async (t) => {
    const { id, pid } = await start('cpu', '--env', 'VIGIA_CPU_PERCENT=40');
    await docker('pause', id);
    await delay(2500);
    await docker('unpause', id);
    const share = await cpuShare(pid, 1500);
    assert.ok(share.ofWall < 65, describeShare(share));
    t.diagnostic(describeShare(share));
    await assertStopsQuickly(id);
  });

  test('ram keeps 64 MB or 0.5 % of the RAM resident, whichever is larger, and ends at once', async (t) => {
    const { id, pid } = await start('ram');
    await until('the memory is touched', async () => (await docker('logs', id)).includes('keeping'));
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'));
    assert.ok(resident);
    const least = Math.max(64 * 1024, (await hostRamKb()) * 0.005);
    assert.ok(Number(resident[1]) >= least, `${resident[1]} kB, at least ${least} kB expected`);
    t.diagnostic(`${resident[1]} kB; stopped in ${(await assertStopsQuickly(id)).toFixed(0)} ms`);
  });

  test('ram can be set higher than its minimum, not lower', async () => {
    const least = Math.max(64, Math.floor((await hostRamKb()) / 1024 / 200) + 1);
    for (const [asked, kept] of [
      [least + 30, least + 30],
      [1, least],
    ] as const) {
      const { id } = await start('ram', '--env', `VIGIA_RAM_MB=${asked}`);
      await until('the memory is touched', async () => (await docker('logs', id)).includes('keeping'));
      assert.match(await docker('logs', id), new RegExp(`keeping ${kept} MB`));
    }
  });

  test('idle uses at most 0.09 % of a core and 0.16 % of the RAM, and ends at once', async (t) => {
    const { id, pid, share, leastWindow } = idle;
    await leastWindow;
    const { ofWall: percent } = await share();
    assert.ok(percent <= 0.09, `${percent.toFixed(4)} % of a core`);
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'));
    assert.ok(resident);
    assert.ok(Number(resident[1]) <= (await hostRamKb()) * 0.0016, `${resident[1]} kB resident`);
    const took = (await assertStopsQuickly(id)).toFixed(0);
    t.diagnostic(`${percent.toFixed(4)} % of a core, ${resident[1]} kB; stopped in ${took} ms`);
  });

  for (const [kind, text] of [
    ['cpu', '19'],
    ['cpu', '101'],
    ['cpu', ''],
    ['cpu', ' 25'],
    ['cpu', '+25'],
    ['cpu', '25x'],
    ['cpu', '99999999999999999999'],
    ['ram', '0'],
    ['ram', '-64'],
    ['ram', '64MB'],
    ['ram', '999999999'],
  ] as const) {
    test(`${kind} refuses "${text}" with exit code 2 and says what it accepts`, async () => {
      const program = join(images, kind, `vigia-${kind}`);
      const variable = kind === 'cpu' ? 'VIGIA_CPU_PERCENT' : 'VIGIA_RAM_MB';
      // A program that accepts the value runs until it is stopped.
      const refused = await run('timeout', ['5', program], { PATH: process.env['PATH'], [variable]: text });
      assert.equal(refused.status, 2);
      assert.match(refused.stderr, new RegExp(`${variable} is ".*"; give a whole number from \\d+ to \\d+`));
      assert.equal((await run('timeout', ['5', program, text])).status, 2);
    });
  }

  test('too many arguments are refused with exit code 2', async () => {
    for (const [kind, args] of [
      ['cpu', ['25', '30']],
      ['ram', ['64', '64']],
      ['idle', ['now']],
    ] as const) {
      const { status, stderr } = await run('timeout', ['5', join(images, kind, `vigia-${kind}`), ...args]);
      assert.equal(status, 2, kind);
      assert.match(stderr, /argument/);
    }
  });
});

suite('spawn-containers.sh', () => {
  let directory: string;
  let env: NodeJS.ProcessEnv;
  let loopLock: string;
  let loopState: string;
  const batches: string[] = [];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vigia-spawn-'));
    loopLock = join(directory, 'loop.lock');
    loopState = join(directory, 'state');
    await writeFile(loopState, 'enforce workload\n');
    env = {
      ...process.env,
      VIGIA_LOOP_LOCK: loopLock,
      VIGIA_LOOP_STATE: loopState,
      VIGIA_SPAWN_LOCK: join(directory, 'spawn.lock'),
    };
  });

  after(async () => {
    for (const batch of batches) await removeByLabel(`vigia.spawn=${batch}`);
    await rm(directory, { recursive: true });
  });

  /** Holds a lock, as the loop does, until the test ends or the returned function is called. */
  async function hold(t: TestContext, lock: string, how = '--exclusive'): Promise<() => Promise<void>> {
    const holder = spawn('flock', [how, '--wait', '10', lock, 'sh', '-c', 'echo held; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exited = once(holder, 'exit');
    const release = async () => {
      holder.stdin.end();
      await exited;
    };
    t.after(release);
    const refused = exited.then(() => assert.fail(`the lock ${lock} could not be taken`));
    await Promise.race([once(holder.stdout, 'data'), refused]);
    refused.catch(() => undefined);
    return release;
  }

  /** Creates a fake `docker` that logs its calls and runs `body`. No engine is used. */
  async function fakeDocker(
    body: string,
  ): Promise<{ env: NodeJS.ProcessEnv; calls: () => Promise<string[]> }> {
    const place = await mkdtemp(join(directory, 'fake-'));
    const log = join(place, 'calls');
    await writeFile(log, '');
    const path = join(place, 'docker');
    await writeFile(path, `#!/bin/bash\necho "$*" >>'${log}'\n${body}\n`);
    await chmod(path, 0o755);
    return {
      env: { ...env, PATH: `${place}:${process.env['PATH']}` },
      calls: async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== ''),
    };
  }

  /** Runs the script on the real engine. Its batch is removed at the end, whatever the result. */
  async function spawnForReal(
    environment: NodeJS.ProcessEnv,
    ...args: readonly string[]
  ): Promise<Finished & { batch: string }> {
    const ended = await run('/bin/bash', [spawnScript, ...args], environment);
    const batch = /batch (\S+),/.exec(ended.stdout)?.[1];
    if (batch !== undefined) batches.push(batch);
    assert.equal(ended.status, 0, ended.stderr);
    assert.ok(batch, ended.stdout);
    return { ...ended, batch };
  }

  async function containersOf(batch: string): Promise<Inspected[]> {
    const ids = await docker('ps', '-aq', '--no-trunc', '--filter', `label=vigia.spawn=${batch}`);
    return inspect(...ids.split('\n').filter((id) => id !== ''));
  }

  /** The containers that --dry-run draws, each as "kind size". */
  async function drawOf(...args: readonly string[]): Promise<string[]> {
    const { status, stdout, stderr } = await run(spawnScript, ['--dry-run', ...args], env);
    assert.equal(status, 0, stderr);
    const lines = stdout.matchAll(/^ *\d+ {2}(cpu|ram|idle) +(\d+|nothing)/gm);
    return [...lines].map(([, kind, size]) => `${kind} ${size}`);
  }

  test('the same seed draws the same containers, another seed draws others', async () => {
    const draw = await drawOf('--seed', '7');
    assert.deepEqual(await drawOf('--seed=7'), draw);
    assert.notDeepEqual(await drawOf('--seed', '8'), draw);
    // Literal, so that a change of the generator is noticed.
    assert.deepEqual(
      draw.map((line) => line.replace(/(ram) .*/, '$1')),
      ['cpu 34', 'cpu 22', 'ram', 'cpu 35', 'cpu 21', 'idle nothing', 'ram', 'cpu 28', 'cpu 21', 'ram'],
    );
  });

  test('without a seed two draws differ', async () => {
    assert.notDeepEqual(await drawOf('--count', '40'), await drawOf('--count', '40'));
  });

  test('kinds and sizes cover their whole range and stay within it', async () => {
    const least = Math.max(64, Math.floor((await hostRamKb()) / 1024 / 200) + 1);
    const sizes: Record<string, number[]> = { cpu: [], ram: [], idle: [] };
    for (const seed of ['1', '2', '3']) {
      for (const line of await drawOf('--count', '200', '--seed', seed)) {
        const [kind = '', size = ''] = line.split(' ');
        sizes[kind]?.push(Number(size));
      }
    }
    const { cpu = [], ram = [], idle = [] } = sizes;
    for (const drawn of [cpu, ram, idle])
      assert.ok(drawn.length > 150 && drawn.length < 250, `${drawn.length}`);
    assert.equal(Math.min(...cpu), 20);
    assert.equal(Math.max(...cpu), 40);
    assert.equal(Math.min(...ram), least);
    assert.equal(Math.max(...ram), Math.floor(least * 1.5));
  });

  test('nothing is started while no process holds the loop lock, with or without its file', async () => {
    const fake = await fakeDocker('exit 0');
    for (const prepare of [() => rm(loopLock, { force: true }), () => writeFile(loopLock, '')]) {
      await prepare();
      const { status, stdout } = await run(spawnScript, [], fake.env);
      assert.equal(status, 0);
      assert.match(stdout, /loop is not running .*nothing was started/);
    }
    assert.deepEqual(await fake.calls(), []);
  });

  test('a reader of the loop lock is not taken for the loop', async (t) => {
    await writeFile(loopLock, '');
    const fake = await fakeDocker('exit 0');
    await hold(t, loopLock, '--shared');
    assert.match((await run(spawnScript, [], fake.env)).stdout, /loop is not running/);
    assert.deepEqual(await fake.calls(), []);
  });

  test('while the loop runs ten containers are started as drawn, and no other container is touched', async (t) => {
    const foreign = await start('idle');
    const earlier = await inspectOne(foreign.id);
    const release = await hold(t, loopLock);
    const first = await spawnForReal(env, '--seed', '7');
    const second = await spawnForReal(env, '--seed', '7', '--count', '3');
    await release();

    const names = new Set<string>();
    const draw = await drawOf('--seed', '7');
    for (const [{ stdout, batch }, count, summary] of [
      [first, 10, /started 10 of 10 in \d+ s \(cpu 6, ram 3, idle 1\)/],
      [second, 3, /started 3 of 3 in \d+ s \(cpu 2, ram 1, idle 0\)/],
    ] as const) {
      assert.equal(stdout.trim().split('\n').length, 1);
      assert.match(stdout, summary);
      const started = await containersOf(batch);
      assert.equal(started.length, count);
      for (const { Name, State, Config, HostConfig } of started) {
        names.add(Name);
        const kind = Config.Labels['vigia.kind'] ?? '';
        const number = Number(Name.split('-').at(-1));
        const size = Config.Env?.find((line) => /^VIGIA_(CPU_PERCENT|RAM_MB)=/.test(line))?.split('=')[1];
        assert.equal(`${kind} ${size ?? 'nothing'}`, draw[number - 1], Name);
        assert.equal(Name, `/vigia-${kind}-${batch}-${number}`);
        assert.equal(Config.Image, `vigia/${kind}`);
        assert.equal(Config.Labels['vigia.managed'], 'true');
        assert.equal(Config.Labels['vigia.disposable'], 'true');
        assert.equal(Config.Labels['vigia.class'], kind === 'idle' ? 'low' : 'high');
        assert.equal(Config.Labels['vigia.spawn'], batch);
        assert.equal(HostConfig.NetworkMode, 'none');
        assert.equal(HostConfig.RestartPolicy.Name, 'no');
        assert.ok(State.Running, `${Name} is not running`);
      }
    }
    assert.equal(names.size, 13);
    assert.deepEqual((await inspectOne(foreign.id)).State, earlier.State);
    // Together they use more than two cores, which would slow down the following tests.
    for (const { batch } of [first, second]) await removeByLabel(`vigia.spawn=${batch}`);
  });

  test('it works as cron starts it: with a useless PATH, without HOME, without a terminal', async () => {
    const cron = { PATH: '/nowhere', VIGIA_SPAWN_LOCK: env['VIGIA_SPAWN_LOCK'] };
    const { batch } = await spawnForReal(cron, '--count', '1', '--force');
    assert.equal((await containersOf(batch)).length, 1);
  });

  test('a run that overlaps an earlier one starts nothing', async () => {
    const go = join(directory, 'go');
    const slow = await fakeDocker(
      `[[ $1 != run ]] || for ((i = 0; i < 15000; i++)); do [[ ! -e ${go} ]] || exit 0; sleep 0.02; done`,
    );
    const other = await fakeDocker('exit 0');
    const earlier = run(spawnScript, ['--force', '--count', '2'], slow.env);
    await until('the first run starts containers', async () =>
      (await slow.calls()).some((call) => call.startsWith('run ')),
    );
    const { status, stdout } = await run(spawnScript, ['--force'], other.env);
    assert.equal(status, 0);
    assert.match(stdout, /an earlier run is still starting containers .*nothing was started/);
    assert.deepEqual(await other.calls(), []);
    await writeFile(go, '');
    assert.match((await earlier).stdout, /started 2 of 2/);
  });

  test('containers that could not be started are counted, reported, and removed by their ID', async () => {
    const fake = await fakeDocker(`
      [[ $1 == run ]] || exit 0
      while (($# > 0)); do [[ $1 != --cidfile ]] || cidfile=$2; [[ $1 != --name ]] || name=$2; shift; done
      echo "id-of-$name" >"$cidfile"
      [[ $name == vigia-ram-* ]] || exit 0
      echo 'docker: no space left on device' >&2; exit 125`);
    const { status, stdout, stderr } = await run(spawnScript, ['--seed', '7', '--force'], fake.env);
    assert.equal(status, 1);
    assert.match(stdout, /started 7 of 10 in \d+ s \(cpu 6, ram 0, idle 1\)/);
    assert.match(
      stderr,
      /3 of 10 could not be started; the first: number 3 \(ram\): .*no space left on device/,
    );
    const removals = (await fake.calls()).filter((call) => call.startsWith('rm '));
    assert.equal(removals.length, 3);
    for (const removal of removals) assert.match(removal, /^rm --force id-of-vigia-ram-\S+$/);
  });

  test('a container that already has the name is never removed', async () => {
    const fake = await fakeDocker('[[ $1 != run ]] || { echo "name is already in use" >&2; exit 125; }');
    const { status } = await run(spawnScript, ['--force'], fake.env);
    assert.equal(status, 1);
    assert.deepEqual(
      (await fake.calls()).filter((call) => call.startsWith('rm ')),
      [],
    );
  });

  test('no more containers are started after the loop has ended', async (t) => {
    const release = await hold(t, loopLock);
    const fake = await fakeDocker(`[[ $1 != run ]] || mv ${loopLock} ${loopLock}.gone`);
    const { status, stdout, stderr } = await run(spawnScript, ['--count', '5'], {
      ...fake.env,
      VIGIA_SPAWN_PARALLEL: '1',
    });
    await release();
    assert.equal(status, 1);
    assert.match(stdout, /started 1 of 5/);
    assert.match(stderr, /stopped after trying 1 of 5 containers: Vigía's loop is not running \(/);
  });

  test('on SIGTERM it finishes the starts under way and begins no more', async () => {
    const go = join(directory, 'go-on');
    const slow = await fakeDocker(
      `[[ $1 != run ]] || for ((i = 0; i < 15000; i++)); do [[ ! -e ${go} ]] || exit 0; sleep 0.02; done`,
    );
    const child = spawn(spawnScript, ['--force', '--count', '6'], {
      env: { ...slow.env, VIGIA_SPAWN_PARALLEL: '2' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    const status = new Promise((resolve) => child.once('close', resolve));
    const starts = async () => (await slow.calls()).filter((call) => call.startsWith('run ')).length;
    await until('two are under way', async () => (await starts()) === 2);
    child.kill('SIGTERM');
    await writeFile(go, '');
    assert.equal(await status, 1);
    assert.equal(await starts(), 2);
    assert.match(stdout, /started 2 of 6/);
  });

  test('missing images are named, with the command that builds them', async () => {
    const fake = await fakeDocker('[[ $1 != image ]] || [[ "$*" == *"}} vigia/cpu" ]]');
    const { status, stderr } = await run(spawnScript, ['--force'], fake.env);
    assert.equal(status, 1);
    assert.match(stderr, /these images are missing: vigia\/ram vigia\/idle; .*workload\/build-images\.sh/);
    assert.ok(!(await fake.calls()).some((call) => call.startsWith('run ')));
  });

  test('an engine that does not answer is reported', async () => {
    const { status, stderr } = await run(spawnScript, ['--force'], {
      ...env,
      DOCKER_HOST: `unix://${directory}/no-engine.sock`,
    });
    assert.equal(status, 1);
    assert.match(stderr, /Docker's engine does not answer .*systemctl start docker/);
  });

  for (const args of [
    ['--count'],
    ['--count', '0'],
    ['--count', '201'],
    ['--count', 'ten'],
    ['--count', ''],
    ['--count=-1'],
    ['--seed', '2147483648'],
    ['--seed', '1.5'],
    ['--seed='],
    ['--seed', ''],
    ['--sed', '1'],
    ['10'],
  ]) {
    test(`"${args.join(' ')}" is refused with exit code 2`, async () => {
      const fake = await fakeDocker('exit 0');
      const { status, stdout, stderr } = await run(spawnScript, [...args, '--force'], fake.env);
      assert.equal(status, 2, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, /^spawn-containers: .*(give a whole number|needs a number|unknown argument)/);
      assert.deepEqual(await fake.calls(), []);
    });
  }
});
