import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { docker, kernelComplaints, query, type Row, run, status, until } from './guest.ts';

/** How the daemon handles misbehaving containers and explains it: real containers, read by the modules. */

const CONFIG = '/etc/vigia/config.yaml';
/** Shorter times than in production, so that the tests take minutes. */
const FAST_SETTINGS = `mode: enforce
cycleSeconds: 10
classify: { minSeconds: 5 }
cron: { install: false }
soft: { graceSeconds: 20, minAgeSeconds: 5 }
patterns: { forkStorm: { processes: 200 } }
quotas: { high: { keep: 1, images: [vigia/ram] } }
`;

/** Flags of a container that the quota removes last, so that another rule decides about it. */
const DISPOSABLE = ['--label', 'vigia.managed=true', '--label', 'vigia.disposable=true'];
const KEPT_BY_QUOTA = [...DISPOSABLE, '--label', 'vigia.priority=5'];
/** Flags of an owner's container. */
const SERVICE = ['--label', 'vigia.managed=true'];

function shell(name: string, script: string, ...flags: string[]): string {
  return docker(
    'run',
    '--detach',
    '--network',
    'none',
    '--name',
    name,
    ...flags,
    'test/box',
    'sh',
    '-c',
    script,
  );
}

const actionsOn = (id: string): Row[] =>
  query('SELECT kind, because, result, detail FROM action WHERE container_id = ? ORDER BY id', id);
const awaitAction = (id: string, kind: string, seconds: number): Promise<Row> =>
  until(`${kind} of ${id.slice(0, 12)}`, seconds, () =>
    actionsOn(id).find((row) => row['kind'] === kind && row['result'] === 'done'),
  );

/** Output of `vigia explain`, also printed in the test's output. */
function explain(name: string): string {
  const explanation = run('./vigia', 'explain', name);
  console.log(`\n$ vigia explain ${name}\n${explanation}\n`);
  return explanation;
}

before(async () => {
  const root = run('mktemp', '--directory');
  mkdirSync(`${root}/bin`);
  run('cp', '/bin/busybox', `${root}/bin/`);
  for (const name of ['sh', 'sleep', 'touch', 'false']) run('ln', '-s', 'busybox', `${root}/bin/${name}`);
  run('bash', '-c', `tar -C ${root} -c . | docker import - test/box`);
  rmSync(root, { recursive: true });
  run('systemctl', 'stop', 'vigia');
  // The engine may still be removing containers for the daemon.
  await until('no container left', 120, () => {
    status('bash', '-c', 'docker ps -aq | xargs -r docker rm -f');
    return docker('ps', '--all', '--quiet') === '';
  });
  mkdirSync('/etc/vigia', { recursive: true });
  writeFileSync(CONFIG, FAST_SETTINGS);
  run('systemctl', 'start', 'vigia');
});
after(() => {
  rmSync(CONFIG, { force: true });
  run('systemctl', 'stop', 'vigia');
});

test('a surplus is removed by the quota, and explain says why this container was chosen', {
  timeout: 240_000,
}, async () => {
  const ids = [1, 2, 3, 4, 5].map((n) =>
    docker('run', '--detach', '--network', 'none', '--name', `surplus-${n}`, ...DISPOSABLE, 'vigia/idle'),
  );
  const name = await until('one of them removed', 180, () => {
    const i = ids.findIndex((id) => actionsOn(id).some((row) => row['result'] === 'done'));
    return i >= 0 && `surplus-${i + 1}`;
  });
  assert.match(
    explain(name),
    /chose it for removal: \d+ low-consumption containers, quota 3; this one: CPU .*\n.*It ranked \d of \d selected.*Next was/,
  );
});

test('a container that uses a whole core is throttled, and released when it is quiet again', {
  timeout: 400_000,
}, async () => {
  const id = shell('spinner', 'while [ ! -e /calm ]; do :; done; exec sleep 100000', ...KEPT_BY_QUOTA);
  const { because } = await awaitAction(id, 'throttle', 200);
  assert.match(String(because), /^CPU \d+\.\d % > 90 % for \d+ s; limiting it to 25 % of a core$/);
  const limit = () => docker('inspect', '--format', '{{.HostConfig.CpuQuota}} {{.HostConfig.CpuPeriod}}', id);
  assert.equal(limit(), '25025 100100');
  docker('exec', id, 'touch', '/calm');
  await awaitAction(id, 'release', 200);
  assert.equal(limit(), '-1 100000');
  assert.match(explain('spinner'), /limited its CPU: CPU [\s\S]*lifted a limit of it: used /);
});

/** Ten processes a second without end: the same number only at the start would be no storm. */
const STORM =
  'i=0; while [ $i -lt 700 ]; do sleep 100000 & i=$((i+1)); [ $((i % 10)) -ne 0 ] || sleep 1; done; wait';

test('a fork storm in a disposable container is killed at once and replaced', {
  timeout: 400_000,
}, async () => {
  const id = shell('storm', STORM, ...KEPT_BY_QUOTA);
  const { because } = await awaitAction(id, 'remove', 200);
  assert.match(String(because), /^fork storm: \d+ processes ≥ 200.*; killing and replacing it$/);
  assert.match(explain('storm'), /fork storm/);
});

test('a disposable container that its restart policy starts over and over is removed; a service is left to Docker', {
  timeout: 400_000,
}, async () => {
  const own = shell('own-flapper', 'sleep 2; false', '--restart', 'always', '--volume', '/data', ...SERVICE);
  const id = shell('flapper', 'sleep 2; false', '--restart', 'always', ...KEPT_BY_QUOTA);
  const { because } = await awaitAction(id, 'remove', 300);
  assert.match(String(because), /^restarted \d+ times in 5 min \(limit 3\)$/);
  assert.deepEqual(actionsOn(own), []);
  const [facts] = JSON.parse(docker('inspect', own)) as {
    RestartCount: number;
    Mounts: { Name: string }[];
  }[];
  assert.ok((facts?.RestartCount ?? 0) >= 3, 'its restart policy is still at work');
  assert.ok(docker('volume', 'inspect', facts?.Mounts[0]?.Name ?? ''));
  docker('rm', '--force', '--volumes', own);
});

test('when memory runs out only the container that uses it is killed and replaced', {
  timeout: 300_000,
}, async () => {
  const kb = Number(/^MemAvailable:\s+(\d+)/m.exec(run('cat', '/proc/meminfo'))?.[1]);
  const before = query('SELECT max(id) AS id FROM action')[0]?.['id'] ?? 0;
  const id = docker(
    ...['run', '--detach', '--network', 'none', '--name', 'hog', ...KEPT_BY_QUOTA],
    ...['--env', `VIGIA_RAM_MB=${Math.floor((0.98 * kb) / 1024)}`, 'vigia/ram'],
  );
  const { because } = await awaitAction(id, 'remove', 200);
  assert.match(
    String(because),
    /^memory is running out: \d\.\d % available < [\d.]+ %; it holds \d+\.\d % of RAM; /,
  );
  const killed = query(
    "SELECT container_id FROM action WHERE id > ? AND kind = 'remove' AND because LIKE 'memory %'",
    Number(before),
  );
  assert.deepEqual(
    killed.map((row) => row['container_id']),
    [id],
  );
  assert.match(explain('hog'), /memory is running out/);
  assert.deepEqual(kernelComplaints(), []);
});

test('a service that takes the memory has its processes killed, keeps its volume, and comes back by its restart policy', {
  timeout: 300_000,
}, async () => {
  const kb = Number(/^MemAvailable:\s+(\d+)/m.exec(run('cat', '/proc/meminfo'))?.[1]);
  const id = docker(
    ...['run', '--detach', '--network', 'none', '--name', 'own-hog', '--restart', 'on-failure', ...SERVICE],
    ...['--volume', '/data', '--env', `VIGIA_RAM_MB=${Math.floor((0.98 * kb) / 1024)}`, 'vigia/ram'],
  );
  const { because } = await awaitAction(id, 'kill', 200);
  assert.match(String(because), /^memory is running out: .*own-hog grew by \d+ MiB/);
  await until(
    'its restart policy has started it again',
    60,
    () => Number(docker('inspect', '--format', '{{.RestartCount}}', id)) >= 1,
  );
  docker('update', '--restart', 'no', id);
  docker('volume', 'inspect', docker('inspect', '--format', '{{(index .Mounts 0).Name}}', id));
  assert.deepEqual(
    actionsOn(id).filter((row) => row['kind'] === 'remove'),
    [],
  );
  docker('rm', '--force', '--volumes', id);
});
