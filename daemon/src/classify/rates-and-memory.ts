import type { Config } from '../model/config.ts';
import type { ContainerMemory } from '../model/history.ts';
import { runId } from '../model/run-id.ts';
import type { ContainerUsage, Snapshot } from '../model/snapshot.ts';
import type { KiB, Nanoseconds, Percent } from '../model/units.ts';

/**
 * CPU rate since the remembered reading of the same run of this container; 100 is one core. null without such a
 * reading, or when it is too old to say what the container does now. Readings closer than `minSeconds` keep the known
 * rate, since a short burst would count too much.
 */
export function cpuRate(
  before: ContainerMemory | undefined,
  usage: ContainerUsage,
  nowNs: Nanoseconds,
  config: Config,
): Percent | null {
  if (before === undefined || !isSameRun(before, usage) || isStale(before, nowNs, config)) return null;
  if (!isFarEnough(before, nowNs, config.classify.minSeconds)) return before.cpuPercent;
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

/**
 * Whether the newest reading lies more than three cycles back, as after a suspend, or hours without a daemon. That which
 * the rate is computed against may be up to `minSeconds` older, after emergency cycles that followed each other closely.
 */
export function isStale(
  { memoryNs }: Pick<ContainerMemory, 'memoryNs'>,
  nowNs: Nanoseconds,
  { cycleSeconds, classify }: Config,
): boolean {
  return nowNs - memoryNs > 3e9 * Math.max(cycleSeconds, classify.minSeconds);
}

/** Memory that would come back if the container ended: the cgroup's figure, else the sum of RSS. */
export function usedMemoryKb({ memoryUsedKb, rssKb }: ContainerUsage): KiB {
  return memoryUsedKb ?? rssKb;
}

/** The same in percent of RAM; by RSS while the host is unknown. */
export function usedMemoryPercent(usage: ContainerUsage, { host }: Pick<Snapshot, 'host'>): Percent {
  return host === null ? usage.memPercent : (100 * usedMemoryKb(usage)) / host.totalKb;
}
