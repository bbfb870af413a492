import { readFileSync, readlinkSync } from 'node:fs';
import { memoryCurrentKb, memoryLimitKb } from '../engine/cgroup.ts';
import type { ProcessSample, SensedUsage } from '../model/snapshot.ts';
import type { KiB, Nanoseconds } from '../model/units.ts';

/**
 * Adds up the processes of one container, for readings that do not come summed up. The oldest process counts as its init.
 * null without any process.
 */
export function sumUsage(
  cgroup: string,
  processes: readonly ProcessSample[],
  totalKb: KiB,
  bootNs: Nanoseconds,
  root?: string,
): SensedUsage | null {
  const [first, ...others] = processes;
  if (first === undefined) return null;
  const init = others.reduce((a, b) => (isEarlier(b, a) ? b : a), first);
  const sum = (pick: (process: ProcessSample) => number): number =>
    processes.reduce((total, process) => total + pick(process), 0);
  const sumKnown = (pick: (process: ProcessSample) => number | null): number | null =>
    processes.some((process) => pick(process) !== null) ? sum((process) => pick(process) ?? 0) : null;
  const rssKb = sum(({ rssKb }) => rssKb);
  const cpuTimeNs = sum(({ cpuTimeNs }) => cpuTimeNs);
  return {
    pid: init.pid,
    startNs: init.startNs,
    processName: init.name,
    cgroup,
    processCount: processes.length,
    vszKb: sum(({ vszKb }) => vszKb),
    rssKb,
    memPercent: (rssKb / totalKb) * 100,
    cpuTimeNs,
    cpuPercent: lifetimePercent(cpuTimeNs, init.startNs, bootNs),
    memoryCurrentKb: memoryCurrentKb(cgroup, root),
    memoryLimitKb: memoryLimitKb(cgroup, root),
    ioReadBytes: sumKnown(({ ioReadBytes }) => ioReadBytes),
    ioWriteBytes: sumKnown(({ ioWriteBytes }) => ioWriteBytes),
    ...readNetwork(init.pid),
  };
}

/** Average use of CPU since `startNs`; `bootNs` is now. */
export const lifetimePercent = (cpuTimeNs: Nanoseconds, startNs: Nanoseconds, bootNs: Nanoseconds): number =>
  bootNs > startNs ? (cpuTimeNs / (bootNs - startNs)) * 100 : 0;

/** Bytes on all interfaces but loopback in the process's network namespace; null when that is the host's. */
function readNetwork(pid: number): Pick<SensedUsage, 'netRxBytes' | 'netTxBytes'> {
  const none = { netRxBytes: null, netTxBytes: null };
  try {
    if (readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/1/ns/net')) return none;
    let [rx, tx] = [0, 0];
    for (const line of readFileSync(`/proc/${pid}/net/dev`, 'utf8').split('\n')) {
      const [, device, counters] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? [];
      if (device === undefined || counters === undefined || device === 'lo') continue;
      const numbers = counters.split(/\s+/).map(Number);
      rx += numbers[0] ?? 0;
      tx += numbers[8] ?? 0;
    }
    return { netRxBytes: rx, netTxBytes: tx };
  } catch {
    // It ended meanwhile.
    return none;
  }
}

const isEarlier = (a: ProcessSample, b: ProcessSample): boolean =>
  a.startNs < b.startNs || (a.startNs === b.startNs && a.pid < b.pid);
