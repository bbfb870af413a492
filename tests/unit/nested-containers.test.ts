import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { containerOf } from '../../daemon/src/engine/container-path.ts';
import type { ProcessSample, SensedUsage } from '../../daemon/src/model/snapshot.ts';
import { separateNested, withoutInner } from '../../daemon/src/sense/nested-containers.ts';
import type { Reading } from '../../daemon/src/sense/reading.ts';
import { usage } from './builders.ts';
import { unifiedTree } from './cgroup-fixture.ts';

const [A, B, C] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)];
const among =
  (...ids: string[]) =>
  (id: string) =>
    ids.includes(id);

test('of nested IDs the innermost one that the engine knows counts, else the outermost', () => {
  const path = `/docker/${A}/docker/${B}/system.slice/docker-${C}.scope/init`;
  const idOf = (...known: string[]) => containerOf(path, among(...known))?.id;
  assert.deepEqual([idOf(), idOf(A), idOf(A, B), idOf(B), idOf(A, B, C), idOf(C)], [A, A, B, B, C, C]);
  assert.equal(containerOf(path)?.path, `/docker/${A}`);
  assert.equal(containerOf(path, among(B))?.path, `/docker/${A}/docker/${B}`);
  assert.equal(containerOf('/system.slice/cron.service', among(A)), null);
  assert.equal(containerOf(`${A}/x`), null, 'a path begins with /');
});

test('a container that invents inner cgroups keeps what it uses, as long as the engine does not know their names', () => {
  const segment = fc.oneof(
    fc.constantFrom('init', 'system.slice', `docker-${C}.scope`, C),
    fc.stringMatching(/^[0-9a-f]{64}$/),
  );
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 12 }), (inside) => {
      const found = containerOf(`/docker/${A}/${inside.join('/')}`, among(A, B));
      assert.deepEqual(found, { id: A, path: `/docker/${A}` });
    }),
  );
});

const sample = (pid: number, rssKb: number, containerId: string | null): ProcessSample => ({
  ...{ pid, ppid: 1, uid: 0, name: `p${pid}`, cmdline: '', state: 'S', threads: 1, vszKb: rssKb, rssKb },
  ...{
    memPercent: 0,
    cpuPercent: 0,
    cpuTimeNs: rssKb,
    startNs: pid,
    ioReadBytes: null,
    ioWriteBytes: 1,
    containerId,
  },
});
const sensed = (cgroup: string, partial: Partial<SensedUsage>): SensedUsage => ({
  ...usage(),
  cgroup,
  ...partial,
});
/** What the modules report when B, and C inside it, lie inside A: all processes belong to A. */
const readingOf = (processes: readonly ProcessSample[]): Reading => ({
  ...{ kind: 'kernel', cpus: 1, processCounts: { total: processes.length, byState: {} } },
  memory: { totalKb: 1000, freeKb: 1, availableKb: 1 },
  processes,
  containers: new Map([[A, sensed(`/docker/${A}`, { pid: 10, rssKb: 777, processCount: 4 })]]),
});
const FILES = {
  [`docker/${A}/cgroup.procs`]: '10\n',
  [`docker/${A}/x/docker/${B}/cgroup.procs`]: '20\n',
  [`docker/${A}/x/docker/${B}/inner/cgroup.procs`]: '21\n99\n',
  [`docker/${A}/x/docker/${B}/${C}/cgroup.procs`]: '30\n',
  [`docker/${A}/x/docker/${B}/memory.current`]: '1048576\n',
};
const PROCESSES = [
  sample(10, 100, A),
  sample(20, 200, A),
  sample(21, 250, A),
  sample(30, 400, A),
  sample(40, 9, null),
];

test('containers inside the one that the modules report are taken out of it', (t) => {
  const reading = separateNested(readingOf(PROCESSES), new Set([A, B, C]), 1e9, unifiedTree(t, FILES));
  const rows = [...reading.containers].map(([id, { pid, rssKb, processCount, cgroup }]) => [
    id,
    pid,
    rssKb,
    processCount,
    cgroup,
  ]);
  assert.deepEqual(rows, [
    [A, 10, 100, 1, `/docker/${A}`],
    [B, 20, 450, 2, `/docker/${A}/x/docker/${B}`],
    [C, 30, 400, 1, `/docker/${A}/x/docker/${B}/${C}`],
  ]);
  assert.equal(reading.containers.get(B)?.memoryCurrentKb, 1024);
  assert.equal(reading.containers.get(B)?.ioWriteBytes, 2);
  assert.deepEqual(
    reading.processes.map(({ containerId }) => containerId),
    [A, B, B, C, null],
  );
});

test('an inner cgroup that the engine does not know stays a part of the outer container', (t) => {
  const root = unifiedTree(t, FILES);
  const reading = readingOf(PROCESSES);
  assert.equal(separateNested(reading, new Set([A]), 1e9, root), reading);
  const other = 'd'.repeat(64);
  assert.equal(separateNested(reading, new Set([A, other]), 1e9, root), reading, 'one that is not inside');
  const withB = separateNested(reading, new Set([A, B]), 1e9, root);
  assert.deepEqual([...withB.containers.keys()], [A, B]);
  assert.equal(withB.containers.get(B)?.rssKb, 850, 'with what is inside B');
});

test('an outer container without a process of its own is not in the reading', (t) => {
  const reading = separateNested(
    readingOf([sample(20, 200, A)]),
    new Set([A, B]),
    1e9,
    unifiedTree(t, FILES),
  );
  assert.deepEqual([...reading.containers.keys()], [B]);
});

test('memory of an inner container is not charged to the outer one as well', () => {
  const at = (cgroup: string, used: number | null, charged: number) => ({
    cgroup,
    usage: usage({ cgroup, memoryUsedKb: used, cgroupMemoryKb: charged, memoryCurrentKb: charged }),
  });
  const containers = [
    at(`/docker/${A}`, 1000, 2000),
    at(`/docker/${A}/x/${B}`, 700, 900),
    at(`/docker/${A}/x/${B}/${C}`, 600, 650),
    at(`/docker/${A}b`, 5, 5),
    { cgroup: '', usage: null },
  ];
  assert.deepEqual(
    withoutInner(containers).map(
      ({ usage }) => usage && [usage.memoryUsedKb, usage.cgroupMemoryKb, usage.memoryCurrentKb],
    ),
    [[300, 1100, 1100], [100, 250, 250], [600, 650, 650], [5, 5, 5], null],
  );
  const moments = [at(`/docker/${A}`, 500, 1), at(`/docker/${A}/${B}`, 700, 900)];
  assert.equal(withoutInner(moments)[0]?.usage?.memoryUsedKb, 0, 'read at different moments: never negative');
  const unknown = [at(`/docker/${A}`, null, 1), at(`/docker/${A}/${B}`, null, 1)];
  assert.equal(withoutInner(unknown)[0]?.usage?.memoryUsedKb, null);
});
