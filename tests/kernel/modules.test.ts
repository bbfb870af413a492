import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { KernelModules } from '../../daemon/src/sense/kernel-modules.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';
import { docker, kernelComplaints, run, until } from '../lab/guest.ts';

/** Both modules on a real kernel with real containers. Runs inside the lab machine, without the daemon. */
const ROOT = join(import.meta.dirname, '../..');
const CARNET = '201903553';
const CONTINFO = `/proc/continfo_so1_${CARNET}`;
const SYSINFO = `/proc/sysinfo_so1_${CARNET}`;
const TOOLS = join(ROOT, 'kernel/test/build');

const load = () => run(join(ROOT, 'scripts/load-modules.sh'), '--carnet', CARNET);
const unload = () => run(join(ROOT, 'scripts/unload-modules.sh'));

before(() => {
  load();
  // A whole little system from one static binary: what Vigía's own images, one process each, cannot show.
  run(
    'sh',
    '-c',
    'mkdir -p /tmp/box/bin /tmp/box/proc && cp /bin/busybox /tmp/box/bin/ && for a in sh cat sleep; do ln -sf busybox /tmp/box/bin/$a; done && tar -C /tmp/box -c . | docker import - box',
  );
});
after(unload);

/** Runs one of the kernel's own test programs; what it prints is TAP. */
function program(name: string, ...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(join(TOOLS, name), args, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  assert.equal(
    status,
    0,
    `${name}:\n${stdout
      .split('\n')
      .filter((line) => !line.startsWith('ok'))
      .slice(-20)
      .join('\n')}${stderr}`,
  );
}

test('every field of every process lies between two readings of /proc', () =>
  program('differential', SYSINFO));
test('processes that do not wish to be described cannot break the JSON', () => program('hostile', SYSINFO));
test('the files open on the host and in no other namespace', () => program('namespaces', SYSINFO, CONTINFO));
test('eight readers of every manner get whole texts', () => program('reader', '8', '8', SYSINFO, CONTINFO));

test('the module and the /proc sensor tell the same of every process', async () => {
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
    // Of a kernel thread /proc shows more: its whole name, and what a worker works on just now.
    const isKernelThread = old.pid === 2 || old.ppid === 2;
    if (!isKernelThread && old.name === later.name) assert.equal(now.name, old.name);
    if (now.cmdline !== null && old.cmdline === later.cmdline && (old.cmdline?.length ?? 0) < 500)
      assert.equal(now.cmdline, old.cmdline);
    // /proc counts in ticks of 10 ms, and each of user and system time is cut.
    assert.ok(
      now.cpuTimeNs >= old.cpuTimeNs - 3e7 && now.cpuTimeNs <= later.cpuTimeNs + 3e7,
      `CPU of ${old.pid} ${old.name}: ${old.cpuTimeNs} ≤ ${now.cpuTimeNs} ≤ ${later.cpuTimeNs}`,
    );
    assert.ok(Math.abs(now.startNs - old.startNs) < 2e7, `start of ${old.pid}`);
  }
  assert.ok(compared > 30, `${compared} compared`);
});

test('a container is all its processes, in whatever order they were started', async () => {
  const id = docker(
    'run',
    '--detach',
    '--network',
    'none',
    'box',
    '/bin/sh',
    '-c',
    'sleep 901 & sleep 902 & (sleep 903 & sleep 904 & wait) & exec sleep 900',
  );
  docker('exec', '--detach', id, '/bin/sleep', '905');
  const seen = await until('seven processes', 30, () => {
    const found = JSON.parse(readFileSync(CONTINFO, 'utf8')).containers.find(
      (container: { id: string }) => container.id === id,
    );
    return found?.process_count === 7 ? found : null;
  });
  const pids = docker('top', id, '-eo', 'pid').split('\n').slice(1).map(Number);
  assert.deepEqual(seen.processes.map(({ pid }: { pid: number }) => pid).sort(), pids.sort());
  assert.equal(seen.pid, Number(docker('inspect', '--format', '{{.State.Pid}}', id)));
  const sum = (key: string) =>
    seen.processes.reduce((total: number, process: Record<string, number>) => total + (process[key] ?? 0), 0);
  for (const key of ['rss_kb', 'vsz_kb', 'cpu_time_ns']) assert.equal(seen[key], sum(key), key);
  assert.equal(seen.runtime, 'docker');
  docker('rm', '--force', id);
  assert.equal(readFileSync(CONTINFO, 'utf8').includes(id), false);
});

test('memory, limit and network are those of the cgroup and the namespace', () => {
  const id = docker('run', '--detach', '--memory', '64m', '--network', 'host', 'box', '/bin/sleep', '900');
  const seen = JSON.parse(readFileSync(CONTINFO, 'utf8')).containers.find(
    (container: { id: string }) => container.id === id,
  );
  const cgroup = (file: string) => Number(readFileSync(`/sys/fs/cgroup${seen.cgroup}/${file}`, 'utf8'));
  assert.equal(seen.memory_limit_kb, 65_536);
  assert.ok(Math.abs(seen.memory_current_kb - cgroup('memory.current') / 1024) <= 512);
  assert.deepEqual([seen.net_rx_bytes, seen.net_tx_bytes], [null, null], "on the host's network");
  docker('rm', '--force', id);
});

test('root inside a container, even a privileged one, may not open the files', () => {
  for (const flags of [[], ['--privileged']]) {
    for (const file of [CONTINFO, SYSINFO]) {
      const { status, stderr } = spawnSync(
        'docker',
        ['run', '--rm', '--network', 'none', ...flags, 'box', '/bin/cat', file],
        { encoding: 'utf8' },
      );
      assert.equal(status, 1, `${flags} ${file}`);
      assert.match(stderr, /Operation not permitted/);
    }
  }
});

test('nobody but root opens them, and wrong parameters are refused with what is allowed', () => {
  assert.notEqual(
    spawnSync('setpriv', ['--reuid', '65534', '--regid', '65534', '--clear-groups', 'cat', SYSINFO]).status,
    0,
  );
  unload();
  const cases = [
    ['carnet=../x', 'carnet'],
    ['carnet=', 'carnet'],
    ['mode=0777', 'mode'],
    ['cmdline_max=1', 'cmdline_max'],
    ['cmdline_mode=9', 'cmdline_mode'],
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
    assert.ok(log.includes(name), `${parameter}: ${log}`);
  }
  load();
});

test('a storm of forks, readers, loading and unloading', { timeout: 300_000 }, () => {
  unload();
  const { status, stdout } = spawnSync(join(ROOT, 'kernel/test/storm.sh'), ['30'], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  assert.equal(status, 0, stdout);
  load();
});

test('a reader that keeps its file open loses it with the module, and gets it back', async () => {
  await using sensor = new KernelModules(CARNET);
  const first = await sensor.read();
  assert.ok((await sensor.read()).processes.length > 30);
  unload();
  await assert.rejects(sensor.read(), /cannot read/);
  load();
  assert.equal((await sensor.read()).cpus, first.cpus);
});

test('unloaded, nothing is left; and the kernel log is silent', () => {
  unload();
  assert.deepEqual([existsSync(CONTINFO), existsSync(SYSINFO)], [false, false]);
  load();
  // What the refused parameters were told is meant for people; anything else is a complaint.
  assert.deepEqual(
    kernelComplaints().filter((line) => !/refused: allowed are/.test(line)),
    [],
  );
});
