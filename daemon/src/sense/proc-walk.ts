import { readdirSync, readFileSync } from 'node:fs';
import { cgroupPathsOf } from '../engine/cgroup.ts';
import { type ContainerCgroup, containerOf } from '../engine/container-path.ts';
import type { ProcessSample } from '../model/snapshot.ts';
import type { ContainerId, KiB } from '../model/units.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import { ContainerSums } from './container-sums.ts';
import { type ProcProcess, ProcProcesses } from './proc-process.ts';
import { type Reading, SensorError } from './reading.ts';
import { lifetimePercent } from './sum-usage.ts';

/** Processes that a reading lists. More are counted, and added to their containers, but not listed. */
export const MOST_LISTED = 50_000;

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
  const sums = new ContainerSums();
  const byState: Record<string, number> = {};
  let total = 0;
  for (const entry of readdirSync(proc)) {
    const found = isPid(entry) ? reader.read(Number(entry)) : null;
    if (found === null) continue;
    total += 1;
    byState[found.state] = (byState[found.state] ?? 0) + 1;
    const container = placeOf(found.cgroups, known);
    const process =
      listed.length < mostListed ? toSample(found, container?.id ?? null, memory.totalKb, uptimeNs) : null;
    if (process !== null) listed.push(process);
    if (container !== null) sums.add(found, container, process);
  }
  return {
    kind: 'procfs',
    cpus: (text(`${proc}/stat`).match(/^cpu\d+ /gm) ?? []).length,
    memory,
    processCounts: { total, byState },
    ...sums.finish(listed, memory.totalKb, uptimeNs),
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

/** RAM of the host. Throws SensorError when /proc/meminfo lacks a figure. */
export function readMemory(proc = '/proc'): Reading['memory'] {
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
