import { readdirSync, readFileSync, statSync } from 'node:fs';
import { cgroupPathsOf } from '../engine/cgroup.ts';
import { CGROUP_ROOT, memoryTree } from '../engine/cgroup-files.ts';
import { type ContainerCgroup, containerOf, deepestFirst } from '../engine/container-path.ts';
import type { ProcessSample, SensedUsage } from '../model/snapshot.ts';
import type { ContainerId, KiB } from '../model/units.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import { type ProcProcess, ProcProcesses } from './proc-process.ts';
import { type Reading, SensorError } from './reading.ts';
import { lifetimePercent, UsageSum } from './sum-usage.ts';

/** Processes that a reading lists. More are counted, and added to their containers, but not listed. */
export const MOST_LISTED = 50_000;

/** The container of a process, by the process's own cgroup. */
interface Placed {
  readonly process: ProcessSample;
  readonly cgroup: string;
}

/**
 * One reading of /proc and cgroupfs, without command lines. What it takes is linear in the number of processes and
 * threads; none of it waits for a process.
 */
export function walkProc(
  known: ReadonlySet<ContainerId>,
  proc = '/proc',
  mostListed: number = MOST_LISTED,
): Reading {
  const memory = readMemory(proc);
  const uptimeNs = Number(text(`${proc}/uptime`).split(' ')[0]) * 1e9;
  const reader = new ProcProcesses(proc, pageKb());
  const listed: ProcessSample[] = [];
  const placed: Placed[] = [];
  const sums = new Map<string, { id: ContainerId; sum: UsageSum }>();
  const byState: Record<string, number> = {};
  let total = 0;
  for (const entry of readdirSync(proc)) {
    const found = isPid(entry) ? reader.read(Number(entry)) : null;
    if (found === null) continue;
    total += 1;
    byState[found.state] = (byState[found.state] ?? 0) + 1;
    const container = placeOf(found.cgroups, known);
    if (container !== null) sumOf(sums, container).add(found);
    if (listed.length >= mostListed) continue;
    const process = toSample(found, container?.id ?? null, memory.totalKb, uptimeNs);
    listed.push(process);
    if (container !== null) placed.push({ process, cgroup: container.path });
  }
  const chosen = chooseCgroups(sums);
  return {
    kind: 'procfs',
    cpus: (text(`${proc}/stat`).match(/^cpu\d+ /gm) ?? []).length,
    memory,
    processes: withoutImitations(listed, placed, chosen),
    processCounts: { total, byState },
    containers: usages(sums, chosen, memory.totalKb, uptimeNs),
  };
}

/** The container of a process: by v1's memory controller or v2; where that tells none, by any other hierarchy. */
function placeOf(cgroups: string, known: ReadonlySet<ContainerId>): ContainerCgroup | null {
  for (const path of cgroupPathsOf(cgroups)) {
    const container = containerOf(path, (id) => known.has(id));
    if (container !== null) return container;
  }
  return null;
}

function sumOf(
  sums: Map<string, { id: ContainerId; sum: UsageSum }>,
  { id, path }: ContainerCgroup,
): UsageSum {
  const { sum } = sums.get(path) ?? { sum: new UsageSum(path) };
  sums.set(path, { id, sum });
  return sum;
}

/** The cgroup of each container. Of several with the same ID it is one in a directory of root's, and the least deep. */
function chooseCgroups(sums: ReadonlyMap<string, { id: ContainerId }>): ReadonlyMap<ContainerId, string> {
  const byId = Map.groupBy(sums.keys(), (path) => sums.get(path)?.id ?? '');
  return new Map(
    [...byId].map(([id, paths]): [ContainerId, string] => [
      id,
      paths.length === 1
        ? (paths[0] ?? '')
        : (paths.sort(deepestFirst).findLast(isInRootsDirectory) ?? paths.at(-1) ?? ''),
    ]),
  );
}

/** Whether only root can have made this cgroup. */
function isInRootsDirectory(path: string): boolean {
  const parent = path.slice(0, path.lastIndexOf('/'));
  try {
    return statSync(`${memoryTree(CGROUP_ROOT)}${parent}`).uid === 0;
  } catch {
    return false;
  }
}

/** A process in another cgroup that bears a container's ID is not that container's. */
function withoutImitations(
  listed: readonly ProcessSample[],
  placed: readonly Placed[],
  chosen: ReadonlyMap<ContainerId, string>,
): readonly ProcessSample[] {
  const imitations = new Set(
    placed
      .filter(({ process, cgroup }) => chosen.get(process.containerId ?? '') !== cgroup)
      .map((one) => one.process),
  );
  if (imitations.size === 0) return listed;
  return listed.map((process) => (imitations.has(process) ? { ...process, containerId: null } : process));
}

function usages(
  sums: ReadonlyMap<string, { sum: UsageSum }>,
  chosen: ReadonlyMap<ContainerId, string>,
  totalKb: KiB,
  uptimeNs: number,
): ReadonlyMap<ContainerId, SensedUsage> {
  const containers = new Map<ContainerId, SensedUsage>();
  for (const [id, cgroup] of chosen) {
    const usage = sums.get(cgroup)?.sum.usage(totalKb, uptimeNs) ?? null;
    if (usage !== null) containers.set(id, usage);
  }
  return containers;
}

function toSample(
  { cgroups: _, ...process }: ProcProcess,
  containerId: ContainerId | null,
  totalKb: KiB,
  uptimeNs: number,
): ProcessSample {
  return {
    ...process,
    cmdline: null,
    memPercent: (process.rssKb / totalKb) * 100,
    cpuPercent: lifetimePercent(process.cpuTimeNs, process.startNs, uptimeNs),
    containerId,
  };
}

function readMemory(proc: string): Reading['memory'] {
  const meminfo = text(`${proc}/meminfo`);
  const field = (name: string): KiB => {
    const kb = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1];
    if (kb === undefined) throw new SensorError('procfs', { code: 'meminfo-lacks', field: name });
    return Number(kb);
  };
  return { totalKb: field('MemTotal'), freeKb: field('MemFree'), availableKb: field('MemAvailable') };
}

/** Size of a page, 4 KiB on amd64: /proc/<pid>/statm counts in pages, `status` of this process in KiB. */
function pageKb(): KiB {
  const pages = Number(text('/proc/self/statm').split(' ')[0]);
  const vszKb = Number(/^VmSize:\s+(\d+) kB$/m.exec(text('/proc/self/status'))?.[1]);
  // The size may have changed in between; a page's is a power of two.
  const kb = 2 ** Math.round(Math.log2(vszKb / pages));
  return Number.isFinite(kb) ? kb : 4;
}

const isPid = (entry: string): boolean => entry >= '0' && entry <= ':' && /^\d+$/.test(entry);

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SensorError('procfs', { code: 'file-unreadable', path, error: reasonOf(error) });
  }
}
