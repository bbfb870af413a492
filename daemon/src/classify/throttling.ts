import type { Config } from '../model/config.ts';
import type { Verdict } from '../model/decision.ts';
import type { ContainerMemory } from '../model/history.ts';
import type { Nanoseconds } from '../model/units.ts';

/**
 * Since when a throttled container has left part of what it is allowed, this reading included; null while it has not.
 * One that uses all of it still wants more.
 */
export function easedSince(
  before: Pick<ContainerMemory, 'isThrottled' | 'easedSinceNs'>,
  { cpuPercent, breaches }: Verdict,
  nowNs: Nanoseconds,
  config: Config,
): Nanoseconds | null {
  const leavesPart =
    cpuPercent !== null && cpuPercent < config.classify.releaseRatio * config.soft.throttlePercent;
  if (!before.isThrottled || !leavesPart || breaches.length > 0) return null;
  return before.easedSinceNs ?? nowNs;
}
