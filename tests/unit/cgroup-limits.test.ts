import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cgroupCounters } from '../../daemon/src/engine/cgroup-counters.ts';
import { setLimit } from '../../daemon/src/engine/cgroup-limits.ts';
import { memoryHighOf } from '../../daemon/src/engine/limit-patterns.ts';
import type { CgroupLimit } from '../../daemon/src/model/limit.ts';
import { put, tree, unifiedTree } from './cgroup-fixture.ts';

const PATH = '/docker/0123';
const UNLIMITED = {
  'docker/0123/memory.high': 'max\n',
  'docker/0123/memory.current': '4096\n',
  'docker/0123/pids.max': 'max\n',
  'docker/0123/io.max': '',
  'docker/0123/io.stat': '8:0 rbytes=1 wbytes=2 rios=1 wios=1 dbytes=0 dios=0\n254:16 rbytes=0 wbytes=0\n',
};
const LIMITS: readonly CgroupLimit[] = ['memory', 'pids', 'io'];

const text = (root: string, file: string) => readFileSync(join(root, PATH, file), 'utf8');
const limits = (root: string) => {
  const { squeezedToKb, pidsLimitedTo, ioLimitedTo } = cgroupCounters(PATH, root);
  return [squeezedToKb, pidsLimitedTo, ioLimitedTo];
};

test('each limit of ours is set, seen, changed and lifted', (t) => {
  const root = unifiedTree(t, UNLIMITED);
  assert.deepEqual(limits(root), [null, null, null]);
  for (const limit of LIMITS) assert.equal(setLimit(PATH, limit, 3000, root), true);
  assert.deepEqual(limits(root), [memoryHighOf(3000) / 1024, 3977, 3000]);
  // A file of the kernel keeps the lines of all devices; this one has that of the last device that was set.
  assert.equal(
    text(root, 'io.max'),
    `254:16 rbps=${3000 * 1024 ** 2 + 4711} wbps=${3000 * 1024 ** 2 + 4711}\n`,
  );
  for (const limit of LIMITS) assert.equal(setLimit(PATH, limit, 5000, root), true);
  assert.deepEqual(limits(root), [memoryHighOf(5000) / 1024, 5977, 5000]);
  for (const limit of LIMITS) assert.equal(setLimit(PATH, limit, null, root), true);
  assert.deepEqual(limits(root), [null, null, null]);
  assert.deepEqual([text(root, 'memory.high'), text(root, 'pids.max')], ['max\n', 'max\n']);
  assert.equal(text(root, 'io.max'), '254:16 rbps=max wbps=max\n');
  for (const limit of LIMITS) assert.equal(setLimit(PATH, limit, null, root), true, 'there is none to lift');
});

test("another's limit is neither overwritten nor lifted", (t) => {
  const io = (settings: string) => ({ 'docker/0123/io.max': `8:0 ${settings}\n` });
  const others: [CgroupLimit, Record<string, string>][] = [
    ['memory', { 'docker/0123/memory.high': `${512 * 1024 ** 2}\n` }],
    ['memory', { 'docker/0123/memory.high': 'garbage\n' }],
    ['memory', { 'docker/0123/memory.high': '' }],
    ['pids', { 'docker/0123/pids.max': '18959\n' }],
    ['io', io('rbps=1048576 wbps=1048576 riops=max wiops=max')],
    // Ours on reading only, ours with a limit on operations, and two different values: none is what Vigía writes.
    ['io', io('rbps=1053287 wbps=max riops=max wiops=max')],
    ['io', io('rbps=1053287 wbps=1053287 riops=100 wiops=max')],
    ['io', io('rbps=1053287 wbps=2101863 riops=max wiops=max')],
    ['io', io('rbps=max wbps=max riops=max wiops=100')],
  ];
  for (const [limit, files] of others) {
    const root = unifiedTree(t, { ...UNLIMITED, ...files });
    for (const value of [2000, null]) assert.equal(setLimit(PATH, limit, value, root), false);
    for (const [name, before] of Object.entries(files))
      assert.equal(readFileSync(join(root, name), 'utf8'), before);
    assert.deepEqual(limits(root), [null, null, null]);
  }
});

test("systemd's default in pids.max is no owner's limit: ours takes its place, never above it, and gives it back", (t) => {
  const root = unifiedTree(t, { ...UNLIMITED, 'docker/0123/pids.max': '4915\n' });
  const set = (value: number | null, byDefault: number | null = 4915) =>
    setLimit(PATH, 'pids', value, root, byDefault);
  const pids = () => text(root, 'pids.max').trim();
  assert.equal(set(500, 9000), false, 'without that default it is an owner’s');
  assert.equal(set(4500), false, 'it would allow more');
  for (const [value, written] of [
    [null, '4915'],
    [500, '978'],
    [2000, '2978'],
    [null, '4915'],
  ] as const)
    assert.deepEqual([set(value), pids()], [true, written]);
  assert.equal(limits(root)[1], null);
  // The default is not known any more: the limit of ours goes all the same.
  set(500);
  assert.deepEqual([limits(root)[1], set(null, null), pids()], [978, true, 'max']);
  // An owner who wants none keeps none.
  set(500);
  assert.deepEqual([set(null), pids()], [true, 'max']);
});

test('our limit on one device stands beside another device that has none', (t) => {
  const lines =
    '8:0 rbps=1053287 wbps=1053287 riops=max wiops=max\n8:16 rbps=max wbps=max riops=max wiops=max\n';
  const root = unifiedTree(t, { ...UNLIMITED, 'docker/0123/io.max': lines });
  assert.deepEqual(limits(root), [null, null, 1]);
});

test('without the controller, in v1, with a cgroup that is gone or a senseless value nothing is created', (t) => {
  const [bare, v1] = [
    unifiedTree(t, { 'docker/0123/cpu.stat': '' }),
    tree(t, { 'memory/docker/0123/memory.stat': '' }),
  ];
  for (const root of [bare, v1])
    for (const limit of LIMITS)
      for (const value of [2000, null]) assert.equal(setLimit(PATH, limit, value, root), false);
  assert.equal(existsSync(join(bare, PATH, 'memory.high')), false);
  assert.equal(setLimit('/gone', 'memory', 1, bare), false);
  const root = unifiedTree(t, UNLIMITED);
  for (const value of [-1, Number.NaN, Infinity]) assert.equal(setLimit(PATH, 'memory', value, root), false);
  assert.equal(setLimit(PATH, 'pids', 4_100_000, root), false);
  put(root, { 'docker/0123/io.stat': '' });
  assert.equal(setLimit(PATH, 'io', 10, root), false, 'it has used no device');
  assert.deepEqual(limits(root), [null, null, null]);
});

test('of several limits below what is in use, two are written and the others refused until those are done', async (t) => {
  const inUse = { 'docker/0123/memory.current': `${2 ** 30}\n` };
  const roots = [1, 2, 3].map(() => unifiedTree(t, { ...UNLIMITED, ...inUse }));
  const squeeze = (root: string) => setLimit(PATH, 'memory', 100_000, root);
  assert.deepEqual(roots.map(squeeze), [true, true, false]);
  const [last = ''] = roots.slice(-1);
  assert.deepEqual([text(last, 'memory.high'), setLimit(PATH, 'memory', null, last)], ['max\n', true]);
  for (let look = 0; look < 200 && !squeeze(last); look += 1) await sleep(10);
  for (let look = 0; look < 200 && limits(last)[0] === null; look += 1) await sleep(10);
  assert.deepEqual(
    roots.map((root) => limits(root)[0]),
    roots.map(() => memoryHighOf(100_000) / 1024),
  );
});

test('a limit below what is in use is written without holding up the caller', async (t) => {
  const root = unifiedTree(t, { ...UNLIMITED, 'docker/0123/memory.current': `${2 ** 30}\n` });
  // The writes of the test before may not be over.
  let isSet = setLimit(PATH, 'memory', 100_000, root);
  for (let look = 0; look < 200 && !isSet; look += 1) {
    await sleep(10);
    isSet = setLimit(PATH, 'memory', 100_000, root);
  }
  assert.ok(isSet);
  for (let look = 0; look < 200 && limits(root)[0] === null; look += 1) await sleep(10);
  assert.equal(limits(root)[0], memoryHighOf(100_000) / 1024);
});
