import { readdirSync, readFileSync } from 'node:fs';
import { cgroupPathOf, containerOf, deepestFirst } from '../engine/cgroup.ts';
import type { ProcessSample, SensedUsage } from '../model/snapshot.ts';
import type { ContainerId, KiB, Nanoseconds } from '../model/units.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import { type Reading, type Sensor, SensorError } from './reading.ts';
import { lifetimePercent, sumUsage } from './sum-usage.ts';

/** /proc/<pid>/stat counts in USER_HZ, which is 100 per second on every Linux that Node runs on. */
const NS_PER_TICK = 1e7;

/** A process in a container. */
export interface Member {
  /** Path of the container's cgroup. */
  readonly cgroup: string;
  readonly process: ProcessSample;
}

/**
 * Sensor that reads /proc and cgroupfs, for hosts without the modules. It costs more, and counts CPU in 10 ms steps.
 */
export class Procfs implements Sensor {
  async read(known: ReadonlySet<ContainerId> = new Set()): Promise<Reading> {
    const memory = readMemory();
    const uptimeNs = Number(text('/proc/uptime').split(' ')[0]) * 1e9;
    const processes: ProcessSample[] = [];
    const members: Member[] = [];
    const byState: Record<string, number> = {};
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      const found = readProcess(Number(entry), memory.totalKb, uptimeNs, known);
      if (found === null) continue;
      processes.push(found.process);
      byState[found.process.state] = (byState[found.process.state] ?? 0) + 1;
      if (found.cgroup !== null) members.push({ cgroup: found.cgroup.path, process: found.process });
    }
    return {
      kind: 'procfs',
      cpus: (text('/proc/stat').match(/^cpu\d+ /gm) ?? []).length,
      memory,
      processes,
      processCounts: { total: processes.length, byState },
      containers: sumByContainer(members, memory.totalKb, uptimeNs),
    };
  }
}

/** RAM of the host. Throws SensorError when /proc/meminfo lacks a figure. */
export function readMemory() {
  const meminfo = text('/proc/meminfo');
  const field = (name: string): KiB => {
    const kb = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1];
    if (kb === undefined) throw new SensorError('procfs', { code: 'meminfo-lacks', field: name });
    return Number(kb);
  };
  return { totalKb: field('MemTotal'), freeKb: field('MemFree'), availableKb: field('MemAvailable') };
}

/** Reads one process; null when it ended while it was read. */
function readProcess(pid: number, totalKb: KiB, uptimeNs: Nanoseconds, known: ReadonlySet<ContainerId>) {
  const dir = `/proc/${pid}`;
  const stat = attempt(() => readFileSync(`${dir}/stat`, 'utf8'));
  const status = attempt(() => readFileSync(`${dir}/status`, 'utf8'));
  if (stat === null || status === null) return null;
  // The name may contain spaces and parentheses: the other fields begin after the last parenthesis.
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  const inStatus = (key: string): number =>
    Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  const cmdline = attempt(() => readFileSync(`${dir}/cmdline`, 'utf8'));
  const io = attempt(() => readFileSync(`${dir}/io`, 'utf8'));
  const ioBytes = (key: string): number | null => {
    const bytes = io === null ? undefined : new RegExp(`^${key}: (\\d+)$`, 'm').exec(io)?.[1];
    return bytes === undefined ? null : Number(bytes);
  };
  const cgroupPath = attempt(() => cgroupPathOf(readFileSync(`${dir}/cgroup`, 'utf8')));
  const cgroup = cgroupPath === null ? null : containerOf(cgroupPath, (id) => known.has(id));
  const rssKb = inStatus('VmRSS');
  const startNs = field(22) * NS_PER_TICK;
  const cpuTimeNs = (field(14) + field(15)) * NS_PER_TICK;
  const process: ProcessSample = {
    pid,
    ppid: field(4),
    uid: inStatus('Uid'),
    name,
    cmdline: cmdline?.replace(/\0+$/, '').replaceAll('\0', ' ') ?? null,
    state: fields[0] ?? '?',
    threads: field(20),
    vszKb: inStatus('VmSize'),
    rssKb,
    memPercent: (rssKb / totalKb) * 100,
    cpuPercent: lifetimePercent(cpuTimeNs, startNs, uptimeNs),
    cpuTimeNs,
    startNs,
    ioReadBytes: ioBytes('read_bytes'),
    ioWriteBytes: ioBytes('write_bytes'),
    containerId: cgroup?.id ?? null,
  };
  return { process, cgroup };
}

/** Adds up the processes of each container. */
export function sumByContainer(
  members: readonly Member[],
  totalKb: KiB,
  uptimeNs: Nanoseconds,
): Map<ContainerId, SensedUsage> {
  const containers = new Map<ContainerId, SensedUsage>();
  // When two cgroups name the same container, the last one counts: see deepestFirst.
  const cgroups = [...Map.groupBy(members, ({ cgroup }) => cgroup)].sort(([a], [b]) => deepestFirst(a, b));
  for (const [cgroup, inside] of cgroups) {
    const id = inside[0]?.process.containerId;
    const usage = sumUsage(
      cgroup,
      inside.map(({ process }) => process),
      totalKb,
      uptimeNs,
    );
    if (id != null && usage !== null) containers.set(id, usage);
  }
  return containers;
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SensorError('procfs', { code: 'file-unreadable', path, error: reasonOf(error) });
  }
}

/** What `read` returns; null when it throws. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
