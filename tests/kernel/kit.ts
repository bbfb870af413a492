import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from '../../daemon/src/engine/unix-http.ts';
import { run } from '../lab/guest.ts';

/** Helpers of the module tests, which run inside the lab machine without the daemon. */
export const ROOT = join(import.meta.dirname, '../..');
export const CARNET = '201903553';
export const CONTINFO = `/proc/continfo_so1_${CARNET}`;
export const SYSINFO = `/proc/sysinfo_so1_${CARNET}`;
export const TOOLS = join(ROOT, 'kernel/test/build');

export const load = (...options: string[]): string =>
  run(join(ROOT, 'scripts/load-modules.sh'), '--carnet', CARNET, ...options);
export const unload = (): string => run(join(ROOT, 'scripts/unload-modules.sh'), '--wait', '60');

export interface Process {
  pid: number;
  ppid: number;
  name: string;
  cmdline: string | null;
  state: string;
  threads: number;
  cpu_time_ns: number;
  container_id: string | null;
}

export interface Container {
  id: string;
  runtime: string | null;
  cgroup: string;
  pid: number;
  name: string;
  cmdline: string | null;
  process_count: number;
  rss_kb: number;
  cpu_time_ns: number;
  start_ns: number;
  memory_current_kb: number | null;
  memory_limit_kb: number | null;
  io_read_bytes: number | null;
  io_write_bytes: number | null;
  net_rx_bytes: number | null;
  net_tx_bytes: number | null;
  processes: Process[];
}

export const containers = (): Container[] => JSON.parse(readFileSync(CONTINFO, 'utf8')).containers;
export const processes = (): Process[] => JSON.parse(readFileSync(SYSINFO, 'utf8')).processes;

/** The failed lines and the last lines of a TAP output, which has a line for every check. */
function excerpt(output: string): string {
  const lines = output.split('\n');
  return [...lines.filter((line) => line.startsWith('not ok')), ...lines.slice(-20)].join('\n');
}

/** Runs one of the kernel's own test programs to its end; what it prints is TAP. */
export function program(name: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(join(TOOLS, name), args, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  assert.equal(status, 0, `${name}:\n${excerpt(stdout)}${stderr}`);
  return stdout;
}

/** Runs one of them in the background. */
export function programBeside(name: string, ...args: string[]): Promise<void> {
  const child = spawn(join(TOOLS, name), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${name} ended with ${code}:\n${excerpt(output)}`));
    });
  });
}

/** The stress test of both modules; at its end that many processes exit at once. */
export function storm(t: TestContext, processes: number): void {
  const { status, stdout, stderr } = spawnSync(
    join(ROOT, 'kernel/test/storm.sh'),
    ['30', join(ROOT, 'kernel'), `${processes}`],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  for (const line of stdout.split('\n')) if (/^(not )?ok/.test(line)) t.diagnostic(line);
  assert.equal(status, 0, stdout + stderr);
}

/** Calls Docker's API: unrounded figures, and no process for each call. */
export async function engine<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T> {
  const address = { socket: '/var/run/docker.sock', timeoutSeconds: 180 };
  const answer = await request(address, { method, path, body });
  assert.ok(answer.status < 400, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as T;
}

/** A root file system of two static binaries: an image for Docker, a directory for Podman. */
export const BOX = '/tmp/box';

/** The same, owned by the root of a user namespace, whose runtime creates mount points in it. */
export const MAPPED_BOX = '/tmp/box-mapped';
export const MAPPED_ROOT = 100_000;

export function makeBox(): void {
  const script = `mkdir -p ${BOX}/bin ${BOX}/proc ${BOX}/sys ${BOX}/dev ${BOX}/tmp && cp /bin/busybox ${BOX}/bin/ &&
    for name in sh cat head true; do ln -sf busybox ${BOX}/bin/$name; done &&
    cp ${join(TOOLS, 'container_workload')} ${BOX}/workload && tar -C ${BOX} -c . | docker import - box &&
    rm -rf ${MAPPED_BOX} && cp -a ${BOX} ${MAPPED_BOX} && chown -hR ${MAPPED_ROOT}:${MAPPED_ROOT} ${MAPPED_BOX}`;
  run('sh', '-c', script);
}

export async function create(command: readonly string[], options: object = {}): Promise<string> {
  const { HostConfig = {}, ...others } = options as { HostConfig?: object };
  const { Id } = await engine<{ Id: string }>('POST', '/containers/create', {
    Image: 'box',
    Cmd: command,
    HostConfig: { NetworkMode: 'none', ...HostConfig },
    ...others,
  });
  await engine('POST', `/containers/${Id}/start`);
  return Id;
}

/**
 * Removes a container. The engine gives up on the exit of a process after 10 seconds, which a machine under emulation may
 * need when many containers end at once: the container is then removed by a later call.
 */
export async function remove(id: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await engine('DELETE', `/containers/${id}?force=true`);
      return;
    } catch (error) {
      if (/No such container/.test(String(error))) return;
      if (tries === 10 || !/exit event|already in progress/.test(String(error))) throw error;
      await sleep(1000);
    }
  }
}

/** Some Debian releases have no suitable Podman: there the kernel is tested with Docker alone, and the tests say so. */
export const hasPodman = existsSync('/usr/bin/podman');

const V1 = existsSync('/sys/fs/cgroup/memory/cgroup.procs');

/** Reads a file of a container's cgroup; `file` is its name in version 2. */
export function cgroupFile(cgroup: string, file: 'cpu' | 'io' | 'cgroup.procs'): string {
  const paths = V1
    ? { cpu: `cpuacct${cgroup}/cpuacct.usage`, io: '', 'cgroup.procs': `memory${cgroup}/cgroup.procs` }
    : { cpu: `${cgroup}/cpu.stat`, io: `${cgroup}/io.stat`, 'cgroup.procs': `${cgroup}/cgroup.procs` };
  return paths[file] === '' ? '' : readFileSync(join('/sys/fs/cgroup', paths[file]), 'utf8');
}

/** CPU time of every process that ever ran in a container, as its cgroup counts it. */
export function cgroupCpuNs(cgroup: string): number {
  const text = cgroupFile(cgroup, 'cpu');
  return V1 ? Number(text) : Number(/^usage_usec (\d+)$/m.exec(text)?.[1]) * 1000;
}

/** Where a privileged container finds its own cgroup. */
export const OWN_CGROUP = V1 ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup';
