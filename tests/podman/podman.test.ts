import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { carryOutPlan } from '../../daemon/src/act/carry-out-plan.ts';
import { realClock } from '../../daemon/src/app/real-clock.ts';
import { BackOff } from '../../daemon/src/engine/back-off.ts';
import { DockerEngine } from '../../daemon/src/engine/docker-engine.ts';
import { hostCgroups } from '../../daemon/src/engine/host-cgroups.ts';
import { DEMO_DEFAULTS } from '../../daemon/src/model/config.ts';
import type { Action } from '../../daemon/src/model/decision.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';
import { SeenContainers } from '../../daemon/src/sense/seen-containers.ts';
import { sense } from '../../daemon/src/sense/sense.ts';
import { ROOT, until } from '../docker/real-engine.ts';
import { english } from '../unit/builders.ts';

/** The daemon against the Docker-compatible socket of a separate Podman service with its own storage. */
const dir = mkdtempSync(join(tmpdir(), 'vigia-podman-'));
const socket = join(dir, 'podman.sock');
const database = join(dir, 'data', 'vigia.db');
const DISPOSABLE = { 'vigia.managed': 'true', 'vigia.disposable': 'true' };

// Works without systemd, without overlayfs and without permission to raise limits.
const env = {
  ...process.env,
  CONTAINERS_CONF: join(dir, 'containers.conf'),
  CONTAINERS_STORAGE_CONF: join(dir, 'storage.conf'),
};
writeFileSync(
  env.CONTAINERS_CONF,
  '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n',
);
writeFileSync(
  env.CONTAINERS_STORAGE_CONF,
  `[storage]\ndriver = "vfs"\ngraphroot = "${join(dir, 'storage')}"\nrunroot = "${join(dir, 'run')}"\n`,
);

const podman = (...args: string[]): string =>
  execFileSync('podman', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
const list = (...args: string[]): string[] =>
  podman('ps', '--no-trunc', '--quiet', ...args)
    .split('\n')
    .filter(Boolean);
const inspect = (id: string, field: string): string => podman('inspect', '--format', `{{${field}}}`, id);

function start(image: string, labels: Record<string, string>, settings: Record<string, string> = {}): string {
  const flags = [
    ...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...Object.entries(settings).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
  ];
  return podman('run', '--detach', '--network', 'none', ...flags, `docker.io/${image}`);
}

const service = spawn('podman', ['system', 'service', '--time', '0', `unix://${socket}`], {
  env,
  stdio: 'ignore',
});
const engine = new DockerEngine({ socket, timeoutSeconds: 30 });
const sources = {
  ...{ sensor: new Procfs(), engine, backOff: new BackOff(), clock: realClock },
  seen: new SeenContainers(),
};
const takeSnapshot = () => sense(sources, 1);
const context = { engine, cgroups: hostCgroups, clock: realClock, config: DEMO_DEFAULTS };

before(async () => {
  execFileSync(join(ROOT, 'workload/build-binaries.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
  // The compatible API of Podman expands short names to this one.
  for (const kind of ['cpu', 'ram', 'idle'])
    podman('build', '--quiet', '--tag', `docker.io/vigia/${kind}`, join(ROOT, 'workload/images', kind));
  await until('the socket', () => existsSync(socket));
});
after(async () => {
  podman('rm', '--all', '--force', '--time', '0');
  service.kill();
  await new Promise((resolve) => service.once('exit', resolve));
  rmSync(dir, { recursive: true, force: true });
});

test('containers are listed in every state, with the usage of their cgroup', async () => {
  const running = start('vigia/cpu', DISPOSABLE);
  const stopped = start('vigia/idle', DISPOSABLE);
  podman('stop', '--time', '1', stopped);
  const created = podman('create', '--network', 'none', 'docker.io/vigia/idle');
  const { containers, faults } = await takeSnapshot();
  assert.deepEqual(faults, []);
  const of = (id: string) => containers.find((container) => container.id === id);
  assert.deepEqual(
    [running, stopped, created].map((id) => of(id)?.state),
    ['running', 'exited', 'created'],
  );
  assert.equal(of(running)?.image, 'docker.io/vigia/cpu:latest');
  assert.equal(of(running)?.labels['vigia.managed'], 'true');
  assert.equal(of(running)?.usage?.pid, Number(inspect(running, '.State.Pid')));
  assert.ok((of(running)?.usage?.rssKb ?? 0) > 0);
  podman('rm', '--all', '--force', '--time', '0');
});

test('throttle, release and restart take effect, as Podman and the cgroup confirm', async () => {
  const id = start('vigia/cpu', DISPOSABLE, { VIGIA_CPU_PERCENT: '60' });
  const before = Number(inspect(id, '.State.Pid'));
  const carryOut = async (action: Action) =>
    (
      await carryOutPlan(
        context,
        { kind: 'act', candidates: [], actions: [action] },
        await takeSnapshot(),
        [],
      )
    ).map(({ result, detail }) => `${result}: ${english(detail)}`);
  const common = {
    id,
    name: '',
    level: 'high',
    pid: before,
    because: { code: 'message', text: 'test' },
  } as const;
  const limit = async () =>
    (await takeSnapshot()).containers.find((container) => container.id === id)?.usage?.cpuLimitPercent;

  assert.deepEqual(await carryOut({ ...common, kind: 'throttle', to: 25 }), [
    'done: CPU limited to 25 % of a core',
  ]);
  assert.equal(await limit(), 25, 'the kernel confirms it');
  assert.deepEqual(await carryOut({ ...common, kind: 'release', limit: 'cpu' }), ['done: CPU limit lifted']);
  assert.equal(await limit(), null);
  const restarted = await carryOut({ ...common, kind: 'restart', urgency: 'now', isThrottled: false });
  assert.deepEqual(restarted, [`done: running again (pid ${before} → ${inspect(id, '.State.Pid')})`]);
  podman('rm', '--all', '--force', '--time', '0');
});

test('the daemon trims to 3 + 2, leaves foreign and protected containers alone, and fills a class that is short', async (t) => {
  for (let i = 0; i < 5; i += 1) start('vigia/idle', DISPOSABLE);
  for (const percent of ['20', '30', '40', '60'])
    start('vigia/cpu', DISPOSABLE, { VIGIA_CPU_PERCENT: percent });
  const foreign = start('vigia/cpu', {});
  const guarded = start('vigia/cpu', { ...DISPOSABLE, 'vigia.protected': 'true' });
  const settings = join(dir, 'config.yaml');
  mkdirSync(join(dir, 'data'));
  writeFileSync(
    settings,
    `demo: true\ndatabase: ${database}\ncycleSeconds: 4\nclassify: { minSeconds: 3 }\nsensor: procfs\ndocker: { socket: ${socket} }\n`,
  );
  const daemon = spawn(join(ROOT, 'vigia'), ['--config', settings, 'run'], { stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) => daemon.once('exit', resolve));
  t.after(() => daemon.kill('SIGKILL'));
  const newest = () => {
    if (!existsSync(database)) return {};
    using db = new DatabaseSync(database, { readOnly: true, timeout: 5000 });
    try {
      return db.prepare('SELECT * FROM cycle ORDER BY tick DESC LIMIT 1').get() ?? {};
    } catch {
      return {};
    }
  };
  const isSettled = () => {
    const { unknown_after, low_before, high_before } = newest();
    return unknown_after === 0 && low_before === 3 && high_before === 2;
  };
  await until('3 low and 2 high', isSettled);
  assert.ok(list().includes(foreign) && list().includes(guarded));
  assert.equal(list('--filter', 'label=vigia.managed=true').length, 5);

  const { tick } = newest();
  const idle = list('--filter', 'ancestor=docker.io/vigia/idle');
  podman('rm', '--force', '--time', '0', ...idle);
  await until('the class is filled again', () => Number(newest()['tick']) > Number(tick) + 1 && isSettled());
  const filled = list('--filter', 'label=vigia.spawn=floor', '--filter', 'label=vigia.class=low');
  assert.equal(filled.length, 3);
  daemon.kill('SIGTERM');
  assert.equal(await ended, 0);
});
