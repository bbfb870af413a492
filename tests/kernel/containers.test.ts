import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cgroupKill } from '../../daemon/src/engine/cgroup.ts';
import { docker, run, status, until } from '../lab/guest.ts';
import {
  BOX,
  CONTINFO,
  cgroupCpuNs,
  cgroupFile,
  containers,
  create,
  engine,
  hasPodman,
  load,
  MAPPED_BOX,
  MAPPED_ROOT,
  makeBox,
  OWN_CGROUP,
  processes,
  program,
  programBeside,
  remove,
  SYSINFO,
  unload,
} from './kit.ts';

/** Real containers of every kind, compared with cgroupfs, /proc and what their engine reports. */
const MB = 1 << 20;
const TRAFFIC = 1_000_000;
const podman = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)('podman', args, { encoding: 'utf8' })).stdout.trim();

let ids: Record<
  'threads' | 'leaderless' | 'mapped' | 'nested' | 'disk' | 'limited' | 'receiver' | 'sender',
  string
>;
let podmans: string[] = [];

const find = (id: string) => containers().find((container) => container.id === id);
const listed = (id: string) => {
  const found = find(id);
  assert.ok(found, `${id.slice(0, 12)} is not in ${CONTINFO}`);
  return found;
};

before(async () => {
  load();
  makeBox();
  await engine('POST', '/networks/create', {
    Name: 'kinds',
    Driver: 'bridge',
    IPAM: { Config: [{ Subnet: '10.77.0.0/24' }] },
  });
  const onBridge = (address: string) => ({
    HostConfig: { NetworkMode: 'kinds' },
    NetworkingConfig: { EndpointsConfig: { kinds: { IPAMConfig: { IPv4Address: address } } } },
  });
  const kinds = {
    threads: create(['/workload', 'threads', '32']),
    leaderless: create(['/workload', 'leaderless', '32']),
    mapped: create(['/workload', 'mapped', '/file', '16']),
    nested: create(['/workload', 'tree', '5', OWN_CGROUP], {
      HostConfig: { Privileged: true },
    }),
    disk: create(['/workload', 'disk', '/file', '4'], { HostConfig: { NetworkMode: 'host' } }),
    limited: create(['/workload', 'idle'], { HostConfig: { Memory: 64 * MB, NanoCpus: 5e8 } }),
    receiver: create(['/workload', 'listen', '5000'], onBridge('10.77.0.2')),
    sender: create(['/workload', 'send', '10.77.0.2', '5000', `${TRAFFIC}`], onBridge('10.77.0.3')),
  };
  const pods = hasPodman
    ? [
        podman('run', '--detach', '--network', 'none', '--rootfs', BOX, '/workload', 'threads', '4'),
        podman(
          ...['run', '--detach', '--network', 'none', '--uidmap', `0:${MAPPED_ROOT}:65536`],
          ...['--rootfs', MAPPED_BOX, '/workload', 'tree', '3'],
        ),
      ]
    : [];
  const entries = Object.entries(kinds).map(async ([name, id]) => [name, await id]);
  ids = Object.fromEntries(await Promise.all(entries));
  podmans = await Promise.all(pods);
  await until('every container rests', 120, () => {
    const all = containers();
    return [...Object.values(ids), ...podmans].every((id) => {
      const found = all.find((container) => container.id === id);
      const rests = id === ids.leaderless ? 'Z' : 'S';
      return found?.processes.every(({ name, state }) => name === 'ready' && state === rests);
    });
  });
});

after(async () => {
  // For runc a container ends when its thread group leader exits; the other threads are left running.
  const left = find(ids.leaderless);
  if (left) process.kill(left.pid, 'SIGKILL');
  await Promise.all([
    ...Object.values(ids).map(remove),
    ...(hasPodman ? [podman('rm', '--all', '--force', '--time', '0')] : []),
  ]);
  await engine('DELETE', '/networks/kinds');
  unload();
});

test('every field of every container and process agrees with cgroupfs and /proc', (t) => {
  const output = program(
    'differential',
    ...['--rounds', '3', '--json', '/tmp/truth.json', SYSINFO, CONTINFO],
  );
  for (const line of output.split('\n')) if (line.startsWith('# ')) t.diagnostic(line.slice(2));
  const table: { field: string; against: string; exactly: number; compared: number }[] = JSON.parse(
    readFileSync('/tmp/truth.json', 'utf8'),
  );
  // Every field must have been compared. These can only be compared within bounds, not exactly.
  const bounded =
    /^(timestamp_ns|walk_ns|start_ns|container pid|memory\.|container cpu_time_ns|container net_)|utime/;
  const kinds = Object.keys(ids).length + podmans.length;
  assert.ok(table.length > 30, `${table.length} fields`);
  for (const { field, against, compared, exactly } of table) {
    if (/exact before 6\.2/.test(against)) continue;
    const minimum =
      field === 'container net_*_bytes null' ? 1 : field.startsWith('container ') ? kinds - 2 : 1;
    assert.ok(
      compared >= minimum,
      `${field} against ${against}: ${compared} compared, at least ${minimum} expected`,
    );
    assert.ok(bounded.test(field) || bounded.test(against) || exactly > 0, `${field}: never exactly`);
  }
});

test('Docker reports the same of its containers', async () => {
  for (const [kind, id] of Object.entries(ids)) {
    const { State, Created } = await engine<{
      State: { Pid: number; StartedAt: string };
      Created: string;
    }>('GET', `/containers/${id}/json`);
    const { boot_time_s } = JSON.parse(readFileSync(CONTINFO, 'utf8'));
    const container = listed(id);
    assert.equal(container.pid, State.Pid, kind);
    assert.equal(container.runtime, 'docker', kind);
    // boot_time_s is truncated to the second.
    const started = boot_time_s + container.start_ns / 1e9;
    assert.ok(started + 1 >= Date.parse(Created) / 1000, `${kind}: ${started} not before ${Created}`);
    assert.ok(started - 1 <= Date.parse(State.StartedAt) / 1000, `${kind}: ${started} after its start`);
  }
});

interface Stats {
  pids_stats: { current: number };
  memory_stats: { usage: number; limit: number };
  networks?: Record<string, { rx_bytes: number; tx_bytes: number }>;
}

test('docker stats counts the same threads, memory, limit and traffic', async () => {
  const stats = (id: string) => engine<Stats>('GET', `/containers/${id}/stats?stream=false&one-shot=true`);
  for (const [kind, id] of Object.entries(ids)) {
    // Memory may be given back late: the value is compared only when it is the same before and after.
    for (let tries = 1; ; tries += 1) {
      const [earlier, container, later] = [await stats(id), listed(id), await stats(id)];
      if (earlier.memory_stats.usage !== later.memory_stats.usage && tries < 20) continue;
      assert.equal(container.memory_current_kb, later.memory_stats.usage / 1024, kind);
      if (container.memory_limit_kb !== null)
        assert.equal(container.memory_limit_kb, later.memory_stats.limit / 1024, kind);
      const threads = container.processes.reduce((sum, process) => sum + process.threads, 0);
      assert.equal(later.pids_stats.current, threads, kind);
      if (later.networks === undefined) break;
      const sum = (stats: Stats, key: 'rx_bytes' | 'tx_bytes') =>
        Object.values(stats.networks ?? {}).reduce((total, device) => total + device[key], 0);
      for (const [key, value] of [
        ['rx_bytes', container.net_rx_bytes],
        ['tx_bytes', container.net_tx_bytes],
      ] as const) {
        const bounds = `${kind}: ${key} ${sum(earlier, key)} ≤ ${value} ≤ ${sum(later, key)}`;
        assert.ok(value !== null && sum(earlier, key) <= value && value <= sum(later, key), bounds);
      }
      break;
    }
  }
});

test('threads are counted although their leader never runs, and after it has exited', () => {
  const [many] = listed(ids.threads).processes;
  assert.equal(many?.threads, 33);
  assert.ok(many.cpu_time_ns >= 32 * 10e6, `${many.cpu_time_ns} ns`);
  const container = listed(ids.leaderless);
  assert.deepEqual(
    container.processes.map(({ state, threads }) => [state, threads]),
    [['Z', 2]],
  );
  assert.ok(container.rss_kb >= 32 * 1024, `${container.rss_kb} KB`);
  // Its network namespace has only the loopback device, which is known to have no traffic.
  assert.deepEqual([container.net_rx_bytes, container.net_tx_bytes], [0, 0]);
});

test('CPU time of an exited child is in the cgroup and no longer in the sum of the processes', async () => {
  const { cgroup, cpu_time_ns } = listed(ids.limited);
  const usage = cgroupCpuNs(cgroup);
  docker('exec', ids.limited, '/workload', 'burn', '300');
  await until('the child is gone', 120, () => listed(ids.limited).process_count === 1);
  const used = cgroupCpuNs(cgroup) - usage;
  assert.ok(used >= 300e6, `${used} ns`);
  assert.equal(listed(ids.limited).cpu_time_ns, cpu_time_ns, 'the remaining process has not run');
});

test('shared pages count once in memory_current_kb and for every process in rss_kb', () => {
  const container = listed(ids.mapped);
  assert.equal(container.process_count, 2);
  // A mapped file and shared memory of 16 MB each. FIELDS.md says how much RSS may lag behind.
  const [major = 0, minor = 0] = run('uname', '-r').split('.').map(Number);
  const lag = major > 6 || (major === 6 && minor >= 2) ? 0 : 64 * 16 * 4;
  assert.ok(container.rss_kb >= 2 * (32 * 1024 - lag), `${container.rss_kb} KB`);
  assert.ok((container.memory_current_kb ?? 0) < 2 * 32 * 1024, `${container.memory_current_kb} KB`);
  assert.ok((container.memory_current_kb ?? 0) >= 32 * 1024, `${container.memory_current_kb} KB`);
});

test('a process in a cgroup below that of a container belongs to the container, however deep', () => {
  const container = listed(ids.nested);
  assert.equal(container.process_count, 5);
  assert.equal(cgroupFile(container.cgroup, 'cgroup.procs').trim(), `${container.pid}`);
  assert.equal(
    readFileSync(`/proc/${container.processes[4]?.pid}/cgroup`, 'utf8').match(/inner/g)?.length,
    4,
  );
});

test('a process of docker exec belongs to the container, which keeps its first process', async () => {
  const first = listed(ids.threads).pid;
  docker('exec', '--detach', ids.threads, '/workload', 'tree', '3');
  const container = await until('four processes', 60, () => {
    const found = listed(ids.threads);
    return found.process_count === 4 ? found : null;
  });
  assert.equal(container.pid, first);
});

test("traffic and disk I/O are reported, and no traffic on the host's network", (t) => {
  assert.ok((listed(ids.receiver).net_rx_bytes ?? 0) >= TRAFFIC);
  assert.ok((listed(ids.sender).net_tx_bytes ?? 0) >= TRAFFIC);
  const disk = listed(ids.disk);
  assert.deepEqual([disk.net_rx_bytes, disk.net_tx_bytes], [null, null]);
  assert.ok((disk.io_read_bytes ?? 0) >= 4 * MB, `${disk.io_read_bytes} bytes read`);
  assert.ok((disk.io_write_bytes ?? 0) >= 4 * MB, `${disk.io_write_bytes} bytes written`);
  const stat = cgroupFile(disk.cgroup, 'io');
  t.diagnostic(
    `read ${disk.io_read_bytes}, written ${disk.io_write_bytes}; io.stat: ${stat.trim() || 'none'}`,
  );
});

test('a paused container uses no CPU and is still listed', async () => {
  await engine('POST', `/containers/${ids.mapped}/pause`);
  const paused = listed(ids.mapped);
  assert.equal(paused.process_count, 2);
  assert.equal(paused.cpu_time_ns, listed(ids.mapped).cpu_time_ns);
  await engine('POST', `/containers/${ids.mapped}/unpause`);
  assert.equal(listed(ids.mapped).process_count, 2);
});

/**
 * Starts a container again. Remains of its first run may prevent that for a moment after the engine has reported its
 * end.
 */
async function startAgain(id: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await engine('POST', `/containers/${id}/start`);
      return;
    } catch (error) {
      if (tries === 30 || !/id already in use/.test(String(error))) throw error;
      await sleep(1000);
    }
  }
}

test('a stopped container is not listed; started again it has the same id, another PID and a later start', async () => {
  const { start_ns, pid } = listed(ids.disk);
  await engine('POST', `/containers/${ids.disk}/stop?t=0`);
  assert.equal(find(ids.disk), undefined);
  await startAgain(ids.disk);
  const again = await until('the container is back', 60, () => find(ids.disk));
  assert.ok(again.start_ns > start_ns && again.pid !== pid);
});

test('containers of Podman are listed as such, and conmon belongs to no container', () => {
  // As in lab/guest/packages.
  const without = /^VERSION_CODENAME=(bullseye|bookworm)$/m.test(readFileSync('/etc/os-release', 'utf8'));
  assert.equal(hasPodman, !without);
  for (const id of podmans) assert.equal(listed(id).runtime, 'podman');
  assert.deepEqual(podmans.map((id) => listed(id).process_count).sort(), without ? [] : [1, 3]);
  const monitors = processes().filter(({ name }) => name === 'conmon');
  assert.equal(monitors.length, podmans.length);
  for (const monitor of monitors) assert.equal(monitor.container_id, null);
});

test('root in a container cannot open the files: default, privileged, user namespace', async (t) => {
  const refused = (tool: string, id: string, why: RegExp) => {
    for (const file of [CONTINFO, SYSINFO]) {
      assert.throws(
        () => run(tool, 'exec', id, '/bin/head', '-c', '1', file),
        ({ stderr }: { stderr: string }) => why.test(stderr),
        `${tool} ${id.slice(0, 12)} ${file}`,
      );
    }
  };
  refused('docker', ids.limited, /Operation not permitted/);
  refused('docker', ids.nested, /Operation not permitted/);
  if (!hasPodman) {
    t.diagnostic('no Podman here: user namespaces are left to kernel/test/namespaces.c');
    return;
  }
  // Its root is another user on the host, so the file mode refuses it. Where it is the host's root, the module refuses.
  refused('podman', podmans[1] ?? '', /Permission denied|Operation not permitted/);
  const sameRoot = await podman(
    ...['run', '--detach', '--network', 'none', '--uidmap', '0:0:65536', '--rootfs', BOX],
    ...['/workload', 'idle'],
  );
  refused('podman', sameRoot, /Operation not permitted/);
});

test('with --pid=host root in a container can open the files, as documented', () => {
  const head = docker(
    ...['run', '--rm', '--pid', 'host', '--network', 'none', 'box', '/bin/head', '-c', '10', SYSINFO],
  );
  assert.equal(head, '{"schema":');
});

test('cgroup.kill ends every process of a container; without it (v1, before 5.14) nothing happens', async () => {
  const id = await create(['/workload', 'threads', '4']);
  await until('its threads', 60, () => find(id)?.processes[0]?.threads === 5);
  const { cgroup } = listed(id);
  const isSupported = existsSync(`/sys/fs/cgroup${cgroup}/cgroup.kill`);
  cgroupKill(cgroup);
  if (isSupported) await until('its end', 60, () => find(id) === undefined);
  else assert.equal(find(id)?.processes[0]?.threads, 5);
  await remove(id);
});

test('the files stay valid while containers come and go', async () => {
  const reading = programBeside('reader', '12', '4', SYSINFO, CONTINFO);
  let done = false;
  const end = () => {
    done = true;
  };
  reading.then(end, end);
  let count = 0;
  while (!done) {
    await Promise.all([1, 2].map(async () => remove(await create(['/workload', 'tree', '4']))));
    count += 2;
  }
  await reading;
  assert.ok(count > 0);
  assert.equal(status('sh', '-c', `grep -q complete ${CONTINFO}`), 0);
});
