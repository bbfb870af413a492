import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ProcessSample } from '../../daemon/src/model/snapshot.ts';
import { readHolders } from '../../daemon/src/sense/memory-holders.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';
import { put, tree, unifiedTree } from './cgroup-fixture.ts';

const MIB = 1024 ** 2;
const [A, B] = ['a'.repeat(64), 'b'.repeat(64)];
/** memory.stat of a v2 cgroup; figures in MiB. */
const v2 = (anon: number, shmem = 0, slab = 0) =>
  `anon ${anon * MIB}\nfile ${5000 * MIB}\nshmem ${shmem * MIB}\nslab_unreclaimable ${slab * MIB}\n`;
const v1 = (rss: number, shmem = 0) =>
  `rss 1\ntotal_cache 1\ntotal_rss ${rss * MIB}\ntotal_shmem ${shmem * MIB}\n`;
const meminfo = (shmemMib: number, slabMib: number, tablesMib = 0) => ({
  meminfo: `Shmem: ${shmemMib * 1024} kB\nSUnreclaim: ${slabMib * 1024} kB\nKernelStack: 0 kB\nPageTables: ${tablesMib * 1024} kB\nPercpu: 0 kB\n`,
});

const process_ = (
  pid: number,
  name: string,
  rssKb: number,
  containerId: string | null = null,
): ProcessSample => ({
  ...{
    pid,
    ppid: 1,
    uid: 0,
    name,
    cmdline: name,
    state: 'S',
    threads: 1,
    vszKb: rssKb,
    rssKb,
    memPercent: 0,
  },
  ...{ cpuPercent: 0, cpuTimeNs: 0, startNs: pid * 1e7, ioReadBytes: null, ioWriteBytes: null, containerId },
});

const inMib = (holders: ReturnType<typeof readHolders>) =>
  holders?.map(({ kind, key, name, heldKb }) => [kind, key, name, heldKb / 1024]);

test('services, sessions and scopes hold what is theirs, slices the rest, and containers are not listed', (t) => {
  const root = unifiedTree(t, {
    'cgroup.procs': '2\n50\n',
    'init.scope/memory.stat': v2(4),
    'system.slice/memory.stat': v2(2000, 100, 30),
    'system.slice/postgresql.service/memory.stat': v2(700, 100),
    'system.slice/systemd-udevd.service/memory.stat': v2(20),
    'system.slice/systemd-udevd.service/udev/memory.stat': v2(19),
    [`system.slice/docker-${A}.scope/memory.stat`]: v2(900, 0, 20),
    [`system.slice/docker-${A}.scope/x/docker-${B}.scope/memory.stat`]: v2(300),
    'user.slice/memory.stat': v2(500),
    'user.slice/user-1000.slice/memory.stat': v2(500),
    'user.slice/user-1000.slice/session-2.scope/memory.stat': v2(90),
    'user.slice/user-1000.slice/user@1000.service/memory.stat': v2(410),
    'user.slice/user-1000.slice/user@1000.service/app.slice/memory.stat': v2(400),
    'user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox-7.scope/memory.stat': v2(390),
    'no-controller/cgroup.procs': '',
    [`machine.slice/libpod-${B}.scope/memory.stat`]: v2(55),
    [`machine.slice/libpod-conmon-${B}.scope/memory.stat`]: v2(1),
    'machine.slice/memory.stat': v2(56),
  });
  const proc = tree(t, {
    ...meminfo(160, 100, 11),
    '50/status': 'Name:\tfirefox\nVmRSS:\t  90000 kB\nRssAnon:\t   61440 kB\n',
    '2/status': 'Name:\tkthreadd\n',
  });
  const processes = [
    process_(50, 'firefox', 90_000),
    process_(2, 'kthreadd', 0),
    process_(60, 'postgres', 80_000),
  ];
  const containers = new Set([
    `/system.slice/docker-${A}.scope`,
    `/system.slice/docker-${A}.scope/x/docker-${B}.scope`,
  ]);
  const user = '/user.slice/user-1000.slice';
  assert.deepEqual(inMib(readHolders({ processes }, containers, root, proc)), [
    ['cgroup', '/system.slice/postgresql.service', 'postgresql.service', 800],
    ['cgroup', `${user}/user@1000.service/app.slice/app-firefox-7.scope`, 'app-firefox-7.scope', 390],
    ['cgroup', '/system.slice', 'system.slice', 2000 + 130 - 800 - 20 - 920],
    ['cgroup', `${user}/session-2.scope`, 'session-2.scope', 90],
    ['kernel', 'kernel', 'kernel', 111 - 30],
    ['process', '50/50', 'firefox (50)', 60],
    ['tmpfs', 'tmpfs', 'tmpfs', 60],
    ['cgroup', `/machine.slice/libpod-${B}.scope`, `libpod-${'b'.repeat(12)}.scope`, 55],
    ['cgroup', '/system.slice/systemd-udevd.service', 'systemd-udevd.service', 20],
    ['cgroup', `${user}/user@1000.service/app.slice`, 'app.slice', 10],
    ['cgroup', `${user}/user@1000.service`, 'user@1000.service', 10],
    ['cgroup', '/init.scope', 'init.scope', 4],
    ['cgroup', `/machine.slice/libpod-conmon-${B}.scope`, `libpod-conmon-${'b'.repeat(12)}.scope`, 1],
  ]);
});

test('v1: the tree of the memory controller', (t) => {
  const root = tree(t, {
    'memory/cgroup.procs': '50\n',
    'memory/system.slice/memory.stat': v1(300, 20),
    'memory/system.slice/cron.service/memory.stat': v1(200, 20),
    [`memory/docker/memory.stat`]: v1(90),
    [`memory/docker/${A}/memory.stat`]: v1(90),
  });
  // A container two levels below.
  put(root, {
    'memory/kubepods/memory.stat': v1(91),
    'memory/kubepods/pod1/memory.stat': v1(91),
    [`memory/kubepods/pod1/${B}/memory.stat`]: v1(91),
  });
  const proc = tree(t, { ...meminfo(30, 7), '50/status': 'RssAnon:\t   1024 kB\n' });
  const holders = readHolders(
    { processes: [process_(50, 'sh', 2048)] },
    new Set([`/docker/${A}`, `/kubepods/pod1/${B}`]),
    root,
    proc,
  );
  assert.deepEqual(inMib(holders), [
    ['cgroup', '/system.slice/cron.service', 'cron.service', 220],
    ['cgroup', '/system.slice', 'system.slice', 100],
    ['tmpfs', 'tmpfs', 'tmpfs', 10],
    ['kernel', 'kernel', 'kernel', 7],
    ['process', '50/50', 'sh (50)', 1],
  ]);
});

test('without a memory controller the processes outside containers are listed', (t) => {
  const root = tree(t, { 'cpu/cgroup.procs': '' });
  const proc = tree(t, {
    ...meminfo(0, 0),
    '50/status': 'RssAnon: 2048 kB\n',
    '51/status': 'RssAnon: 1024 kB\n',
  });
  const processes = [
    process_(51, 'in container', 9000, A),
    process_(50, 'sh', 3000),
    process_(52, 'gone', 4000),
  ];
  assert.deepEqual(inMib(readHolders({ processes }, new Set(), root, proc)), [
    ['process', '50/50', 'sh (50)', 2],
  ]);
});

test('figures that were read at different moments give no negative holder; without meminfo there is none', (t) => {
  const root = unifiedTree(t, {
    'a.slice/memory.stat': v2(1, 5, 5),
    'a.slice/b.service/memory.stat': v2(2, 5, 5),
  });
  assert.deepEqual(inMib(readHolders({ processes: [] }, new Set(), root, tree(t, meminfo(4, 4)))), [
    ['cgroup', '/a.slice/b.service', 'b.service', 12],
  ]);
  assert.equal(readHolders({ processes: [] }, new Set(), root, tree(t, {})), null);
});

test('the 64 largest are listed, and what is too deep for the walk is charged above', (t) => {
  const many = Object.fromEntries(
    Array.from({ length: 100 }, (_, n) => [`s${n}.service/memory.stat`, v2(n + 1)]),
  );
  const root = unifiedTree(t, { ...many, 'big.slice/memory.stat': v2(5000) });
  for (let n = 0; n < 2100; n += 1) mkdirSync(join(root, `big.slice/x.slice/${n}`), { recursive: true });
  const holders = inMib(readHolders({ processes: [] }, new Set(), root, tree(t, meminfo(0, 0)))) ?? [];
  assert.equal(holders.length, 64);
  assert.deepEqual(holders[0], ['cgroup', '/big.slice', 'big.slice', 5000]);
  assert.deepEqual(holders.at(-1)?.slice(2), ['s37.service', 38]);
});

test('on this machine the holders are read in no time', async () => {
  const reading = await new Procfs().read();
  const began = performance.now();
  const holders = readHolders(reading, new Set());
  assert.ok(performance.now() - began < 2000);
  assert.ok(holders !== null && holders.length > 0 && holders.length <= 64);
  assert.ok(holders.every(({ heldKb }) => heldKb > 0));
  assert.deepEqual(
    holders,
    holders.toSorted((a, b) => b.heldKb - a.heldKb),
  );
});
