import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { KernelModules } from '../../daemon/src/sense/kernel-modules.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';
import { kernelComplaints, run } from '../lab/guest.ts';
import { CARNET, CONTINFO, load, processes, program, ROOT, SYSINFO, unload } from './kit.ts';

/** Both modules on a real kernel: read permission, hostile processes, loading and unloading. */
before(() => {
  load();
});
after(unload);

test('hostile processes cannot break the JSON', () => {
  program('hostile', SYSINFO);
});

test("a reader never tears down another process's memory, even when that process is exiting", () => {
  program('mm_teardown', '20', SYSINFO);
});

test('random names and arguments are reported as documented, with every setting of cmdline_max and cmdline_mode', () => {
  const insmod = (...options: string[]) => run('insmod', join(ROOT, 'kernel/sysinfo_so1.ko'), ...options);
  const seed = `${Date.now() % 1_000_000}`;
  program('fuzz_cmdline', '--seed', seed, '--rounds', '12', SYSINFO);
  unload();
  for (const option of ['cmdline_max=16', 'cmdline_max=4096', 'cmdline_mode=1', 'cmdline_mode=0']) {
    insmod(`carnet=${CARNET}`, option);
    program('fuzz_cmdline', '--seed', seed, '--rounds', '3', SYSINFO);
    const withCmdline = processes().filter(({ cmdline }) => cmdline !== null);
    if (option === 'cmdline_mode=0') assert.deepEqual(withCmdline, [], 'kernel threads and zombies, too');
    else assert.ok(withCmdline.length > 0, option);
    run('rmmod', 'sysinfo_so1');
  }
  load();
});

test('the files can be opened on the host and in no other namespace', () => {
  program('namespaces', SYSINFO, CONTINFO);
});

test('the module and the /proc sensor report the same of every process', async () => {
  const before = await new Procfs().read();
  await using modules = new KernelModules(CARNET);
  const sensed = await modules.read();
  const after = new Map((await new Procfs().read()).processes.map((process) => [process.pid, process]));
  const kernel = new Map(sensed.processes.map((process) => [process.pid, process]));
  let compared = 0;
  for (const old of before.processes) {
    const [now, later] = [kernel.get(old.pid), after.get(old.pid)];
    if (now === undefined || later === undefined || later.startNs !== old.startNs) continue;
    compared += 1;
    for (const key of ['ppid', 'uid', 'containerId', 'threads', 'vszKb'] as const) {
      if (old[key] === later[key]) assert.equal(now[key], old[key], `${key} of ${old.pid} ${old.name}`);
    }
    // For a kernel thread /proc shows more: its whole name, and the current work of a worker.
    const isKernelThread = old.pid === 2 || old.ppid === 2;
    if (!isKernelThread && old.name === later.name) assert.equal(now.name, old.name);
    if (now.cmdline !== null && old.cmdline === later.cmdline && (old.cmdline?.length ?? 0) < 500)
      assert.equal(now.cmdline, old.cmdline);
    // /proc counts in ticks of 10 ms and truncates user and system time separately.
    assert.ok(
      now.cpuTimeNs >= old.cpuTimeNs - 3e7 && now.cpuTimeNs <= later.cpuTimeNs + 3e7,
      `CPU of ${old.pid} ${old.name}: ${old.cpuTimeNs} ≤ ${now.cpuTimeNs} ≤ ${later.cpuTimeNs}`,
    );
    assert.ok(Math.abs(now.startNs - old.startNs) < 2e7, `start of ${old.pid}`);
  }
  assert.ok(compared > 30, `${compared} compared`);
});

test('only root and the members of one group can open the files', () => {
  const member = 4242;
  const opens = (file: string, ...groups: string[]): boolean =>
    spawnSync('setpriv', ['--reuid', '65534', '--regid', '65534', ...groups, 'head', '-c', '1', file])
      .status === 0;
  unload();
  load('--gid', `${member}`);
  for (const file of [SYSINFO, CONTINFO]) {
    const { mode, uid, gid } = statSync(file);
    assert.deepEqual([mode & 0o7777, uid, gid], [0o440, 0, member]);
    assert.ok(opens(file, '--groups', `${member}`), `a member of ${member} opens ${file}`);
    assert.ok(!opens(file, '--clear-groups'), `a user without groups opens ${file}`);
    assert.ok(!opens(file, '--groups', `${member + 1}`), `a member of another group opens ${file}`);
  }
  unload();
  load('--gid', '4294967294');
  assert.equal(statSync(SYSINFO).gid, 4294967294, 'the largest possible group');
  unload();
  load();
});

test('wrong parameters are refused with the allowed values', () => {
  unload();
  const cases = [
    ['carnet=../x', 'carnet'],
    ['carnet=', 'carnet'],
    [`carnet=${'x'.repeat(33)}`, 'carnet'],
    ['mode=0777', 'mode'],
    ['cmdline_max=15', 'cmdline_max'],
    ['cmdline_max=4097', 'cmdline_max'],
    ['cmdline_mode=3', 'cmdline_mode'],
    ['mode=0444', 'mode'],
    ['mode=440', 'mode'],
    ['gid=4294967295', 'gid'],
  ] as const;
  for (const [parameter, name] of cases) {
    const refused = spawnSync('insmod', [join(ROOT, 'kernel/sysinfo_so1.ko'), parameter], {
      encoding: 'utf8',
    });
    assert.notEqual(refused.status, 0, parameter);
    const log =
      run('dmesg')
        .split('\n')
        .filter((line) => line.includes('sysinfo_so1'))
        .at(-1) ?? '';
    assert.match(log, new RegExp(`invalid ${name}\\b.*: must be`), parameter);
  }
  load();
});

test('a reader that keeps its file open fails after unloading and recovers after loading', async () => {
  await using sensor = new KernelModules(CARNET);
  const first = await sensor.read();
  assert.ok((await sensor.read()).processes.length > 30);
  unload();
  await assert.rejects(sensor.read(), /cannot read/);
  load();
  assert.equal((await sensor.read()).cpus, first.cpus);
});

test('unloading removes both files, and the kernel log has no complaint', () => {
  unload();
  assert.deepEqual([existsSync(CONTINFO), existsSync(SYSINFO)], [false, false]);
  load();
  // The messages about refused parameters are expected; any other line is a complaint.
  assert.deepEqual(
    kernelComplaints().filter((line) => !/: invalid \w+.*: must be/.test(line)),
    [],
  );
});
