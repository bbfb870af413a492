import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { KernelModules } from '../../daemon/src/sense/kernel-modules.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';
import { kernelComplaints, run } from '../lab/guest.ts';
import {
  CARNET,
  CONTINFO,
  containers,
  load,
  type Process,
  processes,
  program,
  ROOT,
  SYSINFO,
  TOOLS,
  unload,
} from './kit.ts';

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

/** Starts many processes, some in containers, until the result is disposed. */
async function startCrowd(count: number, containerCount: number, text = '') {
  const memory = '/sys/fs/cgroup/memory';
  const root = existsSync(`${memory}/cgroup.procs`) ? memory : '/sys/fs/cgroup';
  // In its own scope, because a service is limited to some thousand tasks.
  const crowd = spawn(
    'systemd-run',
    ['--quiet', '--scope', '-p', 'TasksMax=infinity', '-p', 'Delegate=no', join(TOOLS, 'crowd')].concat([
      `${count}`,
      `${containerCount}`,
      root,
      text,
    ]),
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = once(crowd, 'exit');
  await Promise.race([
    once(crowd.stdout, 'data'),
    ended.then(([code]) => assert.fail(`crowd ended: ${code}`)),
  ]);
  return {
    async [Symbol.asyncDispose]() {
      crowd.stdin.end();
      await ended;
    },
  };
}

/** A small process in its own cgroup that keeps a file open and samples it again for each call. */
async function keepOpen(path: string) {
  const script =
    '$| = 1; open F, "<", $ARGV[0]; while (<STDIN>) { sysseek F, 0, 0; 1 while sysread F, $b, 65536; print "read" }';
  const unit = 'vigia-keeps-open';
  const reader = spawn(
    'systemd-run',
    ['--quiet', '--scope', '--unit', unit, '-p', 'MemoryAccounting=yes', 'perl', '-e', script, path],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = once(reader, 'exit');
  return {
    /** Takes a sample. Returns the memory of the cgroup after it, most of which is the kernel's. */
    async sample(): Promise<number> {
      reader.stdin.write('\n');
      await Promise.race([once(reader.stdout, 'data'), ended.then(() => assert.fail('the reader ended'))]);
      return Number(readFileSync(`/sys/fs/cgroup/system.slice/${unit}.scope/memory.current`, 'utf8'));
    },
    async [Symbol.asyncDispose]() {
      reader.stdin.end();
      await ended;
    },
  };
}

test('a report of many processes with hostile arguments is bounded', async (t) => {
  const count = 3000;
  await using _ = await startCrowd(count, 0, '\x01'.repeat(4000));
  const text = readFileSync(SYSINFO, 'utf8');
  const crowd = (JSON.parse(text).processes as Process[]).filter(({ name }) => name === 'crowd');
  assert.ok(crowd.length > count, `${crowd.length} processes`);
  // The bound of all command lines, then 32 bytes of six each, and some 350 bytes of other fields.
  const bound = 4 * 2 ** 20 + crowd.length * (32 * 6 + 350) + 200_000;
  assert.ok(text.length < bound, `${text.length} bytes, at most ${bound}`);
  const lengths = crowd.map(({ cmdline }) => cmdline?.length ?? 0);
  assert.ok(Math.max(...lengths) > 500 && Math.min(...lengths) === 33, 'the first are longer than the last');
  t.diagnostic(`${text.length} bytes`);
});

test('an open file gives its memory back when a crowd has gone', async (t) => {
  await using file = await keepOpen(SYSINFO);
  const before = await file.sample();
  let during: number;
  {
    await using _ = await startCrowd(3000, 0, 'a'.repeat(4000));
    during = await file.sample();
  }
  const afterwards = await file.sample();
  t.diagnostic(`${before} bytes before, ${during} during, ${afterwards} after`);
  assert.ok(during - before > 1_500_000);
  assert.ok(afterwards - before < 750_000);
});

test('containers that share a network namespace have its sum; none where it has too many devices', async () => {
  const links = join(tmpdir(), 'links');
  await using _ = await startCrowd(12, 2);
  const [first, second] = containers().filter(({ cgroup }) => cgroup.startsWith('/docker-c'));
  assert.ok(first && second);
  const add = (from: number, to: number) => {
    const lines = Array.from({ length: to - from }, (_, i) => `link add d${from + i} type dummy\n`);
    writeFileSync(links, lines.join(''));
    run('nsenter', '--net', '--target', `${first.pid}`, 'ip', '-batch', links);
  };
  const traffic = (cgroup: string) => {
    const found = containers().find((container) => container.cgroup === cgroup);
    return [found?.net_rx_bytes, found?.net_tx_bytes];
  };
  // A new network namespace has only the loopback device.
  assert.deepEqual(
    [traffic(first.cgroup), traffic(second.cgroup)],
    [
      [0, 0],
      [0, 0],
    ],
  );
  add(0, 1000);
  assert.deepEqual(traffic(first.cgroup), [0, 0]);
  // More than the limit: some kernels add tunnel devices of their own.
  add(1000, 1030);
  assert.deepEqual(
    [traffic(first.cgroup), traffic(second.cgroup)],
    [
      [null, null],
      [0, 0],
    ],
  );
  rmSync(links);
});

test('aliases=1 adds a link with the other spelling of each file', () => {
  unload();
  const options = [`carnet=${CARNET}`, 'aliases=1'];
  for (const [module, alias] of [
    ['continfo_so1', 'containers_so1'],
    ['sysinfo_so1', 'sysinfo_sot'],
  ]) {
    const link = `/proc/${alias}_${CARNET}`;
    assert.ok(!existsSync(link));
    run('insmod', join(ROOT, `kernel/${module}.ko`), ...options);
    assert.equal(readlinkSync(link), `${module}_${CARNET}`);
    assert.equal(JSON.parse(readFileSync(link, 'utf8')).module, module);
    run('rmmod', `${module}`);
    assert.ok(!existsSync(link));
  }
  load();
});

test('a file name that another module uses is an error with its reason, not a kernel warning', () => {
  unload();
  const original = join(ROOT, 'kernel/sysinfo_so1.ko');
  // The same module under another name; its file has another name as well, but its alias has not.
  const other = join(tmpdir(), 'sysinfo_so2.ko');
  writeFileSync(
    other,
    Buffer.from(readFileSync(original, 'latin1').replaceAll('sysinfo_so1', 'sysinfo_so2'), 'latin1'),
  );
  run('insmod', original, `carnet=${CARNET}`, 'aliases=1');
  const refused = spawnSync('insmod', [other, `carnet=${CARNET}`, 'aliases=1'], { encoding: 'utf8' });
  // Not EEXIST: modprobe takes that for a module that is loaded already.
  assert.match(refused.stderr, /Device or resource busy/);
  assert.match(run('dmesg'), new RegExp(`sysinfo_so2: /proc/sysinfo_sot_${CARNET} exists already: unload`));
  assert.ok(!existsSync(`/proc/sysinfo_so2_${CARNET}`));
  assert.ok(existsSync(`/proc/sysinfo_sot_${CARNET}`));
  run('rmmod', 'sysinfo_so1');
  rmSync(other);
  load();
});

test("container_info=1 adds the earlier module's file, and its analyser reads it", async () => {
  unload();
  run('insmod', join(ROOT, 'kernel/continfo_so1.ko'), `carnet=${CARNET}`, 'container_info=1');
  const path = `/proc/container_info_${CARNET}`;
  await using _ = await startCrowd(40, 12);
  const text = readFileSync(path, 'utf8');
  const report = JSON.parse(text);
  const ours = containers();
  assert.deepEqual(Object.keys(report), [
    ...['total_memory_kb', 'free_memory_kb', 'used_memory_kb', 'processes'],
  ]);
  assert.equal(Number(report.total_memory_kb), Number(report.free_memory_kb) + Number(report.used_memory_kb));
  assert.deepEqual(
    report.processes.map((entry: { container_id: string; pid: string }) => [entry.container_id, entry.pid]),
    ours.map(({ id, pid }) => [id, `${pid}`]),
  );
  assert.ok(ours.length >= 12);
  for (const entry of report.processes) {
    assert.deepEqual(Object.keys(entry), [
      ...['process_name', 'pid', 'container_id', 'vsz_kb', 'rss_kb'],
      ...['memory_usage_percent', 'cpu_usage_percent'],
    ]);
    for (const [key, value] of Object.entries(entry)) {
      assert.match(`${value}`, /percent/.test(key) ? /^\d+\.\d\d$/ : /./, key);
      assert.equal(typeof value, 'string', key);
    }
  }
  const classified = spawnSync(process.execPath, ['daemon/src/cli/vigia.ts', 'classify', '--json', path], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const { shape, low, high } = JSON.parse(classified.stdout);
  assert.equal(shape, 'container_info');
  assert.equal(low.length + high.length, report.processes.length);
  run('rmmod', 'continfo_so1');
  assert.ok(!existsSync(path));
  load();
});

test('loading and unloading write one line each to the kernel log, with the version', () => {
  unload();
  writeFileSync('/dev/kmsg', 'vigia-test: here\n');
  load();
  unload();
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const log = run('dmesg').split('vigia-test: here\n').at(-1) ?? '';
  assert.deepEqual(
    log
      .split('\n')
      .map((line) => line.replace(/^\[[^\]]*\] /, ''))
      .filter((line) => !/module verification failed|taints kernel/.test(line)),
    ['continfo_so1: version % loaded', 'sysinfo_so1: version % loaded']
      .concat(['sysinfo_so1: version % unloaded', 'continfo_so1: version % unloaded'])
      .map((line) => line.replace('%', version)),
  );
  for (const module of ['continfo_so1', 'sysinfo_so1'])
    assert.equal(run('modinfo', '--field', 'version', join(ROOT, `kernel/${module}.ko`)), version);
  load();
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
  // The messages about refused parameters and a taken name are expected; any other line is a complaint.
  assert.deepEqual(
    kernelComplaints().filter((line) => !/: invalid \w+.*: must be|exists already/.test(line)),
    [],
  );
});
