import { readlinkSync } from 'node:fs';
import { memoryCurrentKb, memoryLimitKb } from '../engine/cgroup.ts';
import type { ProcessSample, SensedUsage } from '../model/snapshot.ts';
import type { KiB, Nanoseconds } from '../model/units.ts';
import { FileStart } from './file-start.ts';

/** What a sum needs of a process. */
export type Summed = Pick<
  ProcessSample,
  'pid' | 'startNs' | 'name' | 'vszKb' | 'rssKb' | 'cpuTimeNs' | 'ioReadBytes' | 'ioWriteBytes'
>;

/** Some two thousand network devices. */
const MOST_NET_BYTES = 262_144;
const netDevices = new FileStart(MOST_NET_BYTES);

/** Adds up the processes of one container, for readings that do not come summed up. The oldest one counts as its init. */
export class UsageSum {
  readonly #cgroup: string;
  #init: Summed | null = null;
  #processCount = 0;
  #vszKb = 0;
  #rssKb = 0;
  #cpuTimeNs = 0;
  #ioReadBytes: number | null = null;
  #ioWriteBytes: number | null = null;

  constructor(cgroup: string) {
    this.#cgroup = cgroup;
  }

  add(process: Summed): void {
    if (this.#init === null || isEarlier(process, this.#init)) this.#init = process;
    this.#processCount += 1;
    this.#vszKb += process.vszKb;
    this.#rssKb += process.rssKb;
    this.#cpuTimeNs += process.cpuTimeNs;
    this.#ioReadBytes = plusKnown(this.#ioReadBytes, process.ioReadBytes);
    this.#ioWriteBytes = plusKnown(this.#ioWriteBytes, process.ioWriteBytes);
  }

  /** null without any process. */
  usage(totalKb: KiB, bootNs: Nanoseconds, root?: string): SensedUsage | null {
    const init = this.#init;
    if (init === null) return null;
    return {
      pid: init.pid,
      startNs: init.startNs,
      processName: init.name,
      cgroup: this.#cgroup,
      processCount: this.#processCount,
      vszKb: this.#vszKb,
      rssKb: this.#rssKb,
      memPercent: (this.#rssKb / totalKb) * 100,
      cpuTimeNs: this.#cpuTimeNs,
      cpuPercent: lifetimePercent(this.#cpuTimeNs, init.startNs, bootNs),
      memoryCurrentKb: memoryCurrentKb(this.#cgroup, root),
      memoryLimitKb: memoryLimitKb(this.#cgroup, root),
      ioReadBytes: this.#ioReadBytes,
      ioWriteBytes: this.#ioWriteBytes,
      ...readNetwork(init.pid),
    };
  }
}

/** The sum of these processes; null without any. */
export function sumUsage(
  cgroup: string,
  processes: readonly Summed[],
  totalKb: KiB,
  bootNs: Nanoseconds,
  root?: string,
): SensedUsage | null {
  const sum = new UsageSum(cgroup);
  for (const process of processes) sum.add(process);
  return sum.usage(totalKb, bootNs, root);
}

/** Average use of CPU since `startNs`; `bootNs` is now. */
export const lifetimePercent = (cpuTimeNs: Nanoseconds, startNs: Nanoseconds, bootNs: Nanoseconds): number =>
  bootNs > startNs ? (cpuTimeNs / (bootNs - startNs)) * 100 : 0;

/** Bytes on all interfaces but loopback in the process's network namespace; null when that is the host's. */
function readNetwork(pid: number): Pick<SensedUsage, 'netRxBytes' | 'netTxBytes'> {
  const none = { netRxBytes: null, netTxBytes: null };
  try {
    if (readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/1/ns/net')) return none;
  } catch {
    // It ended meanwhile.
    return none;
  }
  const devices = netDevices.read(`/proc/${pid}/net/dev`);
  // A container may own any number of devices. A part of them is no sum.
  if (devices === null || devices.length === MOST_NET_BYTES) return none;
  let [rx, tx] = [0, 0];
  for (const line of devices.toString('latin1').split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0 || line.slice(0, colon).trim() === 'lo') continue;
    const counters = line
      .slice(colon + 1)
      .split(' ')
      .filter((word) => word !== '');
    rx += Number(counters[0]);
    tx += Number(counters[8]);
  }
  return { netRxBytes: rx, netTxBytes: tx };
}

const plusKnown = (sum: number | null, more: number | null): number | null =>
  more === null ? sum : (sum ?? 0) + more;

const isEarlier = (a: Summed, b: Summed): boolean =>
  a.startNs < b.startNs || (a.startNs === b.startNs && a.pid < b.pid);
