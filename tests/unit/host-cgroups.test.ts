import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { killCgroup } from '../../daemon/src/engine/cgroup-kill.ts';
import { cgroupsAt } from '../../daemon/src/engine/host-cgroups.ts';
import { put, tree, unifiedTree } from './cgroup-fixture.ts';
import { spawnSleeper } from './sleeper.ts';

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)];
const V2 = (path: string) => `0::${path}\n`;
const V1 = (path: string) => `5:memory:${path}\n0::/\n`;
const stat = (pid: number, startTicks: number, state = 'S') =>
  `${pid} (a) b) (c) ${state} ${'0 '.repeat(18)}${startTicks} 0 0\n`;

test('another container inside is found at any depth and under the name that any engine gives it', (t) => {
  for (const name of [
    B,
    `docker-${B}.scope`,
    `cri-containerd-${B}.scope`,
    `libpod-payload-${B}`,
    `x:cri:${B}`,
  ])
    for (const between of ['', 'init/x/']) {
      const file = { [`docker/${A}/${between}${name}/cgroup.procs`]: '' };
      const v1File = Object.fromEntries(Object.entries(file).map(([key, text]) => [`memory/${key}`, text]));
      assert.equal(cgroupsAt(unifiedTree(t, file)).holdsAnother(`/docker/${A}`), true, name);
      assert.equal(cgroupsAt(tree(t, v1File)).holdsAnother(`/docker/${A}`), true, name);
    }
});

test("a container's own inner cgroups are not another container, nor is a missing cgroup", (t) => {
  const root = unifiedTree(t, {
    [`s/docker-${A}.scope/init.scope/cgroup.procs`]: '',
    [`s/docker-${A}.scope/${A}/cgroup.procs`]: '',
    [`s/docker-${A}.scope/${'a'.repeat(63)}/cgroup.procs`]: '',
    [`s/docker-${B}.scope/cgroup.procs`]: '',
  });
  assert.equal(cgroupsAt(root).holdsAnother(`/s/docker-${A}.scope`), false);
  assert.equal(cgroupsAt(root).holdsAnother('/gone'), false);
  assert.equal(cgroupsAt(root).holdsAnother('/s'), true);
});

test('a container inside another one is told from it: only the outer one holds another', (t) => {
  const cgroups = cgroupsAt(unifiedTree(t, { [`docker/${A}/${B}/cgroup.procs`]: '' }));
  assert.deepEqual([`/docker/${A}`, `/docker/${A}/${B}`].map(cgroups.holdsAnother), [true, false]);
});

test('more cgroups than are looked through count as another container', (t) => {
  const root = unifiedTree(t, { [`docker/${A}/cgroup.procs`]: '' });
  for (let n = 0; n < 2001; n += 1) mkdirSync(join(root, `docker/${A}/${n}`));
  assert.equal(cgroupsAt(root).holdsAnother(`/docker/${A}`), true);
});

test('a run is the same when pid, start in ticks of 10 ms and cgroup agree', (t) => {
  for (const [version, root] of [
    [V2, unifiedTree(t, {})],
    [V1, tree(t, {})],
  ] as const) {
    const proc = tree(t, { '77/stat': stat(77, 12_345), '77/cgroup': version(`/docker/${A}/inner`) });
    const { isRun } = cgroupsAt(root, proc);
    const run = { pid: 77, startNs: 123_450_000_000 };
    assert.equal(isRun(`/docker/${A}`, run), true);
    assert.equal(isRun(`/docker/${A}`, { ...run, startNs: run.startNs + 9_999_999 }), true);
    assert.equal(isRun(`/docker/${A}`, { ...run, startNs: run.startNs + 10_000_000 }), false);
    assert.equal(isRun(`/docker/${A}`, { ...run, startNs: run.startNs - 1 }), false);
    assert.equal(isRun(`/docker/${B}`, run), false);
    assert.equal(isRun('/docker/a', run), false, 'a prefix of the name is another cgroup');
    assert.equal(isRun(`/docker/${A}`, { ...run, pid: 78 }), false);
    put(proc, { '77/stat': 'truncated' });
    assert.equal(isRun(`/docker/${A}`, run), false);
  }
});

/** A v2 tree in which a kill is visible: the kernel's file is a plain one. */
function killable(t: TestContext, files: Record<string, string> = {}): string {
  return unifiedTree(t, { [`docker/${A}/cgroup.kill`]: '', [`docker/${A}/cgroup.procs`]: '', ...files });
}
const wasKilled = (root: string) => readFileSync(join(root, `docker/${A}/cgroup.kill`), 'utf8') === '1';
const ELSEWHERE = { 'self/cgroup': V2('/elsewhere'), '1/cgroup': V2('/init.scope') };

test('a kill uses cgroup.kill', async (t) => {
  const root = killable(t);
  assert.equal(await cgroupsAt(root, tree(t, ELSEWHERE)).kill(`/docker/${A}`), true);
  assert.ok(wasKilled(root));
});

test('nothing is killed with another container inside, with ourselves or pid 1 inside, or outside the tree', async (t) => {
  const kill = async (root: string, path = `/docker/${A}`, proc: Record<string, string> = ELSEWHERE) => {
    assert.equal(await cgroupsAt(root, tree(t, proc)).kill(path), false);
    assert.equal(wasKilled(root), false);
  };
  await kill(killable(t, { [`docker/${A}/x/docker-${B}.scope/cgroup.procs`]: '' }));
  await kill(killable(t), undefined, { ...ELSEWHERE, 'self/cgroup': V2(`/docker/${A}/inner`) });
  await kill(killable(t), undefined, { ...ELSEWHERE, '1/cgroup': V2(`/docker/${A}`) });
  await kill(killable(t), undefined, { 'self/cgroup': V2('/elsewhere') });
  for (const path of ['', '/', `docker/${A}`, `/docker/../docker/${A}`, `/docker//${A}`, '/gone'])
    await kill(killable(t), path);
});

test('without cgroup.kill each process gets SIGKILL until none is left', async (t) => {
  const [first, second] = [await spawnSleeper(t), await spawnSleeper(t)];
  const procs = `memory/docker/${A}/cgroup.procs`;
  const root = tree(t, {
    [procs]: `${first.pid}\n`,
    [`memory/docker/${A}/inner/cgroup.procs`]: `${second.pid}\n`,
  });
  // The kernel removes an ended process from the file; here a timer does.
  const update = () => {
    writeFileSync(join(root, procs), first.hasEnded() ? '' : `${first.pid}\n`);
    writeFileSync(
      join(root, `memory/docker/${A}/inner/cgroup.procs`),
      second.hasEnded() ? '' : `${second.pid}\n`,
    );
  };
  const timer = setInterval(update, 5);
  t.after(() => clearInterval(timer));
  assert.equal(await cgroupsAt(root).kill(`/docker/${A}`), true);
  await Promise.all([first.ended, second.ended]);
  assert.deepEqual([first.signal(), second.signal()], ['SIGKILL', 'SIGKILL']);
});

test('a kill that has no effect ends after 2 s, signals at a slowing pace, and ignores what has ended', async (t) => {
  const root = tree(t, { [`memory/docker/${A}/cgroup.procs`]: '101\n0\n102\n' });
  const proc = tree(t, { '101/stat': stat(101, 5, 'D'), '102/stat': stat(102, 5, 'Z') });
  const signalled: number[] = [];
  const began = performance.now();
  assert.equal(
    await killCgroup(
      `/docker/${A}`,
      root,
      proc,
      () => true,
      (pid) => signalled.push(pid),
    ),
    false,
  );
  assert.ok(performance.now() - began < 2500);
  assert.deepEqual([...new Set(signalled)], [101]);
  assert.ok(signalled.length > 5 && signalled.length < 60, `${signalled.length} signals`);
  put(proc, { '101/stat': stat(101, 5, 'Z') });
  assert.equal(
    await killCgroup(`/docker/${A}`, root, proc, () => true),
    true,
    'only ended processes are left',
  );
});

test('a container that is started again during the kill, in a cgroup of the same path, is spared', async (t) => {
  const file = `memory/docker/${A}/cgroup.procs`;
  const root = tree(t, { [file]: '101\n' });
  const signalled: number[] = [];
  const startAgain = (pid: number): void => {
    signalled.push(pid);
    // The new directory is made before the old one goes, so that it cannot get its number.
    put(root, { 'memory/docker/new/cgroup.procs': '202\n' });
    renameSync(join(root, 'memory/docker', A), join(root, 'gone'));
    renameSync(join(root, 'memory/docker/new'), join(root, 'memory/docker', A));
  };
  assert.equal(await killCgroup(`/docker/${A}`, root, '/nowhere', () => true, startAgain), true);
  assert.deepEqual(signalled, [101]);
  assert.equal(readFileSync(join(root, file), 'utf8'), '202\n');
});

test('a process that must not be killed stops the kill before the first signal', async (t) => {
  const root = tree(t, { [`memory/docker/${A}/cgroup.procs`]: `101\n${process.pid}\n` });
  const signalled: number[] = [];
  const mayKill = (pid: number) => pid !== process.pid;
  assert.equal(
    await killCgroup(`/docker/${A}`, root, '/nowhere', mayKill, (pid) => signalled.push(pid)),
    false,
  );
  assert.deepEqual(signalled, []);
});
