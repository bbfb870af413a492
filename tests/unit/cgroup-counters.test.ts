// The samples are complete files of real containers: v2 from Debian 13 (6.12), v1 from a hybrid host (6.18).
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import {
  blkioBytes,
  cgroupCounters,
  cpuMax,
  ioStat,
  pressure,
} from '../../daemon/src/engine/cgroup-counters.ts';
import { flatKeyed } from '../../daemon/src/engine/cgroup-files.ts';
import { readHeldMemory } from '../../daemon/src/engine/memory-stat.ts';

const SAMPLES = join(import.meta.dirname, 'samples');
const PATH = '/docker/0123';
const NOTHING = {
  cgroupMemoryKb: null,
  memoryUsedKb: null,
  cpuLimitPercent: null,
  isLimitOurs: null,
  squeezedToKb: null,
  pidsLimitedTo: null,
  ioLimitedTo: null,
  cpuThrottledNs: null,
  cpuThrottledPeriods: null,
  blockReadBytes: null,
  blockWriteBytes: null,
  memoryPsi: null,
  cpuPsi: null,
  ioPsi: null,
};

function scratch(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'vigia-cgroup-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

function unified(t: TestContext): string {
  const root = scratch(t);
  writeFileSync(join(root, 'cgroup.controllers'), 'cpu io memory\n');
  cpSync(join(SAMPLES, 'cgroup-v2'), join(root, PATH), { recursive: true });
  return root;
}

function hybrid(t: TestContext): string {
  const root = scratch(t);
  for (const controller of readdirSync(join(SAMPLES, 'cgroup-v1'))) {
    mkdirSync(join(root, controller));
    cpSync(join(SAMPLES, 'cgroup-v1', controller), join(root, controller, PATH), { recursive: true });
  }
  return root;
}

test('cgroup v2: the figures agree with docker stats of the same container, 77.8 kB / 4.2 MB of block I/O', (t) => {
  assert.deepEqual(cgroupCounters(PATH, unified(t)), {
    cgroupMemoryKb: 4624,
    memoryUsedKb: Math.floor((53_248 + 128_416 + 16_384 + 36_864 + 1424 + 12_288) / 1024),
    cpuLimitPercent: null,
    isLimitOurs: null,
    squeezedToKb: null,
    pidsLimitedTo: null,
    ioLimitedTo: null,
    cpuThrottledNs: 38_069_033_000,
    cpuThrottledPeriods: 238,
    blockReadBytes: 77_824,
    blockWriteBytes: 4_202_496,
    memoryPsi: { someAvg10: 0, someTotalUs: 0, fullAvg10: 0, fullTotalUs: 0 },
    cpuPsi: { someAvg10: 78.63, someTotalUs: 20_467_732, fullAvg10: 78.29, fullTotalUs: 20_316_663 },
    ioPsi: { someAvg10: 0, someTotalUs: 7034, fullAvg10: 0, fullTotalUs: 7034 },
  });
});

test('cgroup v1: the same figures from one tree per controller, PSI from the unified tree', (t) => {
  assert.deepEqual(cgroupCounters(PATH, hybrid(t)), {
    cgroupMemoryKb: 1636,
    memoryUsedKb: 53_248 / 1024,
    cpuLimitPercent: null,
    isLimitOurs: null,
    squeezedToKb: null,
    pidsLimitedTo: null,
    ioLimitedTo: null,
    cpuThrottledNs: 259_628_247,
    cpuThrottledPeriods: 3,
    blockReadBytes: 917_504,
    blockWriteBytes: 4_194_304,
    memoryPsi: { someAvg10: 0, someTotalUs: 0, fullAvg10: 0, fullTotalUs: 0 },
    cpuPsi: { someAvg10: 0, someTotalUs: 355_440, fullAvg10: 0, fullTotalUs: 346_596 },
    ioPsi: { someAvg10: 0, someTotalUs: 7930, fullAvg10: 0, fullTotalUs: 7884 },
  });
});

test('without a file only its own figures are null, without the cgroup all of them', (t) => {
  const root = unified(t);
  for (const file of ['memory.stat', 'io.stat', 'memory.pressure']) rmSync(join(root, PATH, file));
  const seen = cgroupCounters(PATH, root);
  assert.equal(seen.cpuThrottledPeriods, 238);
  assert.deepEqual([seen.memoryUsedKb, seen.blockReadBytes, seen.memoryPsi], [null, null, null]);
  assert.ok(seen.cpuPsi);
  rmSync(join(root, PATH), { recursive: true });
  assert.deepEqual(cgroupCounters(PATH, root), NOTHING);
  assert.deepEqual(cgroupCounters(PATH, scratch(t)), NOTHING);
});

test('page cache is in no figure of memory in use, tmpfs and shared memory are', (t) => {
  const [v2, v1] = [unified(t), hybrid(t)];
  const uses = (root: string) => cgroupCounters(PATH, root).memoryUsedKb ?? Number.NaN;
  const before = [uses(v2), uses(v1)];
  const change = (key: string, bytes: number) => {
    for (const file of [join(v2, PATH, 'memory.stat'), join(v1, 'memory', PATH, 'memory.stat')]) {
      const pattern = new RegExp(`^((?:total_)?${key}) \\d+$`, 'gm');
      writeFileSync(file, readFileSync(file, 'utf8').replace(pattern, `$1 ${bytes}`));
    }
  };
  for (const key of [
    'file',
    'cache',
    'active_file',
    'inactive_file',
    'mapped_file',
    'slab_reclaimable',
    'file_dirty',
  ])
    change(key, 2 ** 31);
  assert.deepEqual([uses(v2), uses(v1)], before);
  change('shmem', 1024 ** 2);
  assert.deepEqual(
    [uses(v2), uses(v1)],
    before.map((kb) => kb + 1024),
  );
});

test('kernels that lack keys of memory.stat count 0 for them, and kernel memory is told apart', (t) => {
  const root = unified(t);
  const file = join(root, PATH, 'memory.stat');
  writeFileSync(file, 'anon 4096\n');
  assert.deepEqual(readHeldMemory(PATH, root), { held: 4096, shmem: 0, kernel: 0 });
  const all =
    'slab_unreclaimable 1\nkernel_stack 10\npagetables 100\npercpu 1000\nsec_pagetables 5\nsock 6\nvmalloc 7\n';
  writeFileSync(file, `anon 4096\nshmem 8192\n${all}`);
  assert.deepEqual(readHeldMemory(PATH, root), { held: 4096 + 8192 + 1111 + 18, shmem: 8192, kernel: 1111 });
  writeFileSync(file, 'garbage\n');
  assert.equal(readHeldMemory(PATH, root), null);
});

test('the figures of several devices are added; without a device they are 0 in v2 and null in v1', () => {
  const devices =
    '254:0 rbytes=10 wbytes=1 rios=2 wios=1 dbytes=0 dios=0\n8:16 rbytes=5 wbytes=2 rios=2 wios=11 dbytes=0 dios=0\n';
  assert.deepEqual(ioStat(devices), { read: 15, write: 3 });
  assert.deepEqual(ioStat(''), { read: 0, write: 0 });
  assert.equal(ioStat(null), null);
  assert.deepEqual(blkioBytes('254:0 Read 1\n254:0 Write 2\n8:0 Read 4\n8:0 Write 8\nTotal 15\n'), {
    read: 5,
    write: 10,
  });
  assert.equal(blkioBytes('Total 0\n'), null);
});

test('a CPU limit is quota divided by period; without a quota, or in a truncated file, it is null', () => {
  assert.equal(cpuMax('25000 100000\n'), 25);
  assert.equal(cpuMax('300000 100000\n'), 300);
  for (const text of ['max 100000\n', '25000\n', '25000 0\n', '', null]) assert.equal(cpuMax(text), null);
});

test('a limit that Vigía set is recognised by its period, in both versions; any other is not ours', (t) => {
  const [v2, v1] = [unified(t), hybrid(t)];
  const limited = (quota: string, period: string) => {
    writeFileSync(join(v2, PATH, 'cpu.max'), `${quota} ${period}\n`);
    writeFileSync(join(v1, 'cpu', PATH, 'cpu.cfs_quota_us'), `${quota === 'max' ? '-1' : quota}\n`);
    writeFileSync(join(v1, 'cpu', PATH, 'cpu.cfs_period_us'), `${period}\n`);
    const [unifiedCounters, hybridCounters] = [cgroupCounters(PATH, v2), cgroupCounters(PATH, v1)];
    const limits = [unifiedCounters, hybridCounters].map((one) => [one.cpuLimitPercent, one.isLimitOurs]);
    assert.deepEqual(limits[1], limits[0]);
    return limits[0];
  };
  assert.deepEqual(limited('25025', '100100'), [25, true]);
  assert.deepEqual(limited('1001', '100100'), [1, true]);
  assert.deepEqual(limited('25000', '100000'), [25, false]);
  assert.deepEqual(limited('25000', '1100100'), [25_000 / 11_001, false]);
  assert.deepEqual(limited('max', '100100'), [null, false]);
  rmSync(join(v2, PATH, 'cpu.max'));
  assert.equal(cgroupCounters(PATH, v2).isLimitOurs, null);
});

test('PSI may lack "full", as for CPU on older kernels; a truncated file is ignored', () => {
  const some = 'some avg10=1.50 avg60=0.00 avg300=0.00 total=9\n';
  assert.deepEqual(pressure(some), { someAvg10: 1.5, someTotalUs: 9, fullAvg10: null, fullTotalUs: null });
  assert.equal(pressure(some.slice(0, 20)), null);
  assert.equal(pressure('garbage'), null);
  assert.equal(pressure(null), null);
});

test('whatever a file contains, each figure is a number of at least 0, or null', (t) => {
  const root = unified(t);
  const files = readdirSync(join(root, PATH));
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.string({ unit: 'binary' }), (file, text) => {
      writeFileSync(join(root, PATH, file), text);
      const numbers = Object.values(cgroupCounters(PATH, root)).flatMap((value) =>
        typeof value === 'object' && value !== null ? Object.values(value) : [value],
      );
      assert.ok(numbers.every((n) => n === null || (Number.isFinite(n) && Number(n) >= 0)));
    }),
    { numRuns: 200 },
  );
  assert.deepEqual([...flatKeyed('a 1\nb -2\nc 3 4\nd\n')], [['a', 1]]);
});
