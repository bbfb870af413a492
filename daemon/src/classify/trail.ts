import type { Config } from '../model/config.ts';
import type { TrailPoint } from '../model/history.ts';
import type { ContainerUsage } from '../model/snapshot.ts';
import type { Nanoseconds } from '../model/units.ts';
import { usedMemoryKb } from './rates-and-memory.ts';

/** The trail of one run with this reading as its newest point; points older than the leak's window are dropped. */
export function extendTrail(
  trail: readonly TrailPoint[],
  usage: ContainerUsage,
  nowNs: Nanoseconds,
  config: Config,
): readonly TrailPoint[] {
  const { blockReadBytes: read, blockWriteBytes: written } = usage;
  const point = {
    monotonicNs: nowNs,
    memoryKb: usedMemoryKb(usage),
    processCount: usage.processCount,
    blockBytes: read === null || written === null ? null : read + written,
  };
  const sinceNs = nowNs - config.patterns.leak.windowSeconds * 1e9;
  const kept = trail.filter(({ monotonicNs }) => monotonicNs >= sinceNs);
  // Emergency cycles follow each other closely: only the newest of them is kept.
  const isCrowded = nowNs - (kept.at(-2)?.monotonicNs ?? 0) < config.classify.minSeconds * 1e9;
  return isCrowded && kept.length > 1 ? [...kept.slice(0, -1), point] : [...kept, point];
}
