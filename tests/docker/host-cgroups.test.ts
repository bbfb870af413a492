import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { realClock } from '../../daemon/src/app/real-clock.ts';
import { BackOff } from '../../daemon/src/engine/back-off.ts';
import { cgroupExists } from '../../daemon/src/engine/cgroup.ts';
import { DockerEngine } from '../../daemon/src/engine/docker-engine.ts';
import { cgroupsAt, hostCgroups } from '../../daemon/src/engine/host-cgroups.ts';
import { memoryHighOf } from '../../daemon/src/engine/limit-patterns.ts';
import { DEFAULTS } from '../../daemon/src/model/config.ts';
import type { ContainerUsage, Snapshot } from '../../daemon/src/model/snapshot.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';
import { SeenContainers } from '../../daemon/src/sense/seen-containers.ts';
import { sense } from '../../daemon/src/sense/sense.ts';
import { spawnSleeper } from '../unit/sleeper.ts';
import { docker, isRunning, ROOT, removeAll, until } from './real-engine.ts';

const BATCH = `cgroups-${process.pid}`;
const IS_UNIFIED = existsSync('/sys/fs/cgroup/cgroup.controllers');
const engine = new DockerEngine(DEFAULTS.docker);
const sources = {
  ...{ sensor: new Procfs(), engine, backOff: new BackOff() },
  ...{ clock: realClock, seen: new SeenContainers() },
};

before(() => {
  execFileSync(join(ROOT, 'workload/build-images.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
});
after(() => removeAll(`vigia.test=${BATCH}`));

const run = (...settings: string[]): string =>
  docker('run', '--detach', '--network', 'none', '--label', `vigia.test=${BATCH}`, ...settings);

/** The containers in a snapshot that sees each of them at work. */
async function seeing(...ids: string[]): Promise<{ snapshot: Snapshot; usages: ContainerUsage[] }> {
  for (;;) {
    const snapshot = await sense(sources, 1);
    assert.deepEqual(snapshot.faults, []);
    const usages = ids.flatMap((id) => snapshot.containers.find((one) => one.id === id)?.usage ?? []);
    if (usages.length === ids.length) return { snapshot, usages };
  }
}

test('a service that is killed through its cgroup is started again by its restart policy, which counts', async () => {
  const id = run('--restart', 'always', 'vigia/idle');
  const { snapshot, usages } = await seeing(id);
  const [before] = usages;
  assert.ok(before);
  assert.equal(snapshot.containers.find((one) => one.id === id)?.restartCount, 0);
  assert.equal(hostCgroups.isRun(before.cgroup, before), true);
  assert.equal(await hostCgroups.kill(before.cgroup), true);
  await until('it runs again', () => {
    const pid = Number(docker('inspect', '--format', '{{.State.Pid}}', id));
    return isRunning(id) && pid > 0 && pid !== before.pid;
  });
  assert.equal(hostCgroups.isRun(before.cgroup, before), false);
  const after = await seeing(id);
  assert.notEqual(after.usages[0]?.pid, before.pid);
  assert.equal(after.snapshot.containers.find((one) => one.id === id)?.restartCount, 1);
});

test('a container inside another one has its own use, and its host is not killed', async () => {
  const outer = run('vigia/idle');
  const [around] = (await seeing(outer)).usages;
  assert.ok(around);
  const runInside = () => run('--cgroup-parent', around.cgroup, '--env', 'VIGIA_RAM_MB=64', 'vigia/ram');
  // On v2 a cgroup with processes takes no further cgroups inside: the engine refuses.
  if (IS_UNIFIED) return assert.throws(runInside, /cgroup/);
  const inner = runInside();
  const { usages } = await seeing(outer, inner);
  const [ofOuter, ofInner] = usages;
  assert.ok(ofOuter && ofInner);
  assert.equal(ofInner.cgroup, `${around.cgroup}/${inner}`);
  assert.deepEqual([ofOuter.pid, ofOuter.processCount], [around.pid, 1]);
  assert.ok((ofOuter.memoryUsedKb ?? 0) < 2048, `${ofOuter.memoryUsedKb} KiB in use by the outer one alone`);
  assert.deepEqual(
    [ofOuter, ofInner].map(({ cgroup }) => hostCgroups.holdsAnother(cgroup)),
    [true, false],
  );
  assert.equal(await hostCgroups.kill(ofOuter.cgroup), false);
  assert.deepEqual([isRunning(outer), isRunning(inner)], [true, true]);
  assert.equal(await hostCgroups.kill(ofInner.cgroup), true);
  await until('the inner one has ended', () => !isRunning(inner));
  assert.equal(isRunning(outer), true);
});

test('limits are set, seen and lifted on cgroup v2, and refused on v1', async () => {
  const id = run('vigia/idle');
  const { usages } = await seeing(id);
  const cgroup = usages[0]?.cgroup ?? '';
  const limits = async () => {
    const now = (await seeing(id)).usages[0];
    return [now?.squeezedToKb, now?.pidsLimitedTo];
  };
  assert.equal(hostCgroups.limit(cgroup, 'memory', 100_000), IS_UNIFIED);
  // systemd gives each container a limit on processes of its own, which is not touched.
  const hasPids = hostCgroups.limit(cgroup, 'pids', 500);
  assert.ok(IS_UNIFIED || !hasPids);
  assert.deepEqual(await limits(), [IS_UNIFIED ? memoryHighOf(100_000) / 1024 : null, hasPids ? 977 : null]);
  assert.equal(hostCgroups.limit(cgroup, 'memory', null), IS_UNIFIED);
  assert.equal(hostCgroups.limit(cgroup, 'pids', null), hasPids);
  assert.deepEqual(await limits(), [null, null]);
});

test("without a grace period a container is stopped after its own timeout, and its CPU limit's owner is known", async () => {
  // It ignores its stop signal.
  const id = run('--stop-signal', 'SIGWINCH', '--stop-timeout', '3', '--cpus', '0.5', 'vigia/idle');
  const inspected = await engine.inspect(id);
  assert.deepEqual(
    [inspected?.stopSeconds, inspected?.restartCount, inspected?.hasCpuLimit, inspected?.isCpuLimitOurs],
    [3, 0, true, false],
  );
  const began = performance.now();
  await engine.stop(id, null);
  const seconds = (performance.now() - began) / 1000;
  assert.ok(seconds > 2.5 && seconds < 9, `stopped after ${seconds} s`);
  const other = run('vigia/idle');
  await engine.limitCpu(other, 25);
  assert.equal((await engine.inspect(other))?.isCpuLimitOurs, true);
  await engine.limitCpu(other, null);
  const lifted = await engine.inspect(other);
  assert.deepEqual([lifted?.hasCpuLimit, lifted?.isCpuLimitOurs, lifted?.stopSeconds], [false, false, null]);
});

test('the health of a container is that of its check', async () => {
  const check = (command: string) =>
    run('--health-cmd', command, '--health-interval', '1s', '--health-retries', '1', 'vigia/idle');
  // The image has no shell: each check fails.
  const [id, without] = [check('true'), run('vigia/idle')];
  const healthOf = async (one: string) => (await engine.list()).find((listed) => listed.id === one)?.health;
  assert.equal(await healthOf(without), null);
  const seen = new Set<string | null | undefined>();
  for (let look = 0; look < 300 && !seen.has('unhealthy'); look += 1) {
    seen.add(await healthOf(id));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.deepEqual([...seen].toSorted(), ['starting', 'unhealthy']);
});

/** The trees of this host in which the daemon ends processes: the unified one, the one of v1, or both of a hybrid host. */
const TREES = [
  ['/sys/fs/cgroup', '/sys/fs/cgroup'],
  ['/sys/fs/cgroup/unified', '/sys/fs/cgroup/unified'],
  ['/sys/fs/cgroup', '/sys/fs/cgroup/memory'],
].filter(([root = '', directory = '']) =>
  existsSync(join(root, 'cgroup.controllers'))
    ? root === directory
    : directory.endsWith('/memory') && existsSync(directory),
) as [root: string, directory: string][];

test('this host has cgroups', () => assert.notEqual(TREES.length, 0));

for (const [root, directory] of TREES)
  test(`the kernel's own cgroups at ${directory}: a kill ends all processes, a run is recognised`, async (t) => {
    const path = `/vigia-test-${process.pid}`;
    const cgroups = cgroupsAt(root);
    mkdirSync(join(directory, path, 'inner'), { recursive: true });
    const [first, second] = [await spawnSleeper(t), await spawnSleeper(t)];
    t.after(() => {
      for (const name of ['inner', '']) rmdirSync(join(directory, path, name));
    });
    writeFileSync(join(directory, path, 'cgroup.procs'), String(first.pid));
    writeFileSync(join(directory, path, 'inner/cgroup.procs'), String(second.pid));
    const run = first.run();
    assert.equal(cgroups.exists(path), true);
    assert.equal(cgroups.isRun(path, run), true);
    assert.equal(cgroups.isRun(`${path}/inner`, run), false);
    assert.equal(cgroups.isRun(path, second.run()), true);
    assert.equal(await cgroups.kill(path), true);
    await Promise.all([first.ended, second.ended]);
    assert.deepEqual([first.signal(), second.signal()], ['SIGKILL', 'SIGKILL']);
    assert.equal(cgroups.isRun(path, run), false);
    assert.equal(cgroupExists(path, root), true);
  });
