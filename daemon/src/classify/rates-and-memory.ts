import type { ContainerMemory } from '../model/history.ts';
import { runId } from '../model/run-id.ts';
import type { ContainerUsage, Snapshot } from '../model/snapshot.ts';
import type { KiB, Nanoseconds, Percent } from '../model/units.ts';

/**
 * CPU rate since the remembered reading of the same run of this container; 100 is one core. null without such a
 * reading. Readings closer than `minSeconds` keep the known rate, since a short burst would count too much.
 */
export function cpuRate(
  before: ContainerMemory | undefined,
  usage: ContainerUsage,
  nowNs: Nanoseconds,
  minSeconds: number,
): Percent | null {
  if (before === undefined || !isSameRun(before, usage)) return null;
  if (!isFarEnough(before, nowNs, minSeconds)) return before.cpuPercent;
  const used = usage.cpuTimeNs - before.cpuTimeNs;
  // A counter that decreased comes from another source (no cgroup, the sum of living processes instead).
  return used < 0 ? before.cpuPercent : (used / (nowNs - before.monotonicNs)) * 100;
}

export function isSameRun(before: ContainerMemory, usage: ContainerUsage): boolean {
  return runId(before) === runId(usage);
}

export function isFarEnough(before: ContainerMemory, nowNs: Nanoseconds, minSeconds: number): boolean {
  return nowNs - before.monotonicNs >= minSeconds * 1e9;
}

/** Memory that the container uses: the cgroup's figure without inactive page cache, else the sum of RSS. */
export function usedMemoryKb({ memoryUsedKb, rssKb }: ContainerUsage): KiB {
  return memoryUsedKb ?? rssKb;
}

/** The same in percent of RAM; 0 while the host is unknown. */
export function usedMemoryPercent(usage: ContainerUsage, { host }: Snapshot): Percent {
  return host === null ? 0 : (100 * usedMemoryKb(usage)) / host.totalKb;
}

/** Memory growth in KiB per second since the remembered reading of the same run; 0 when there is none. */
export function growthOf(
  before: ContainerMemory | undefined,
  usage: ContainerUsage,
  nowNs: Nanoseconds,
): number {
  if (before === undefined || !isSameRun(before, usage) || nowNs <= before.memoryNs) return 0;
  return ((usedMemoryKb(usage) - before.memoryKb) * 1e9) / (nowNs - before.memoryNs);
}
