import type { Config } from '../model/config.ts';
import type { Classification } from '../model/decision.ts';
import type { ContainerMemory, History } from '../model/history.ts';
import type { ContainerSample } from '../model/snapshot.ts';
import type { Nanoseconds } from '../model/units.ts';

/**
 * Whether we have limited its CPU, by what the container itself shows: a daemon that was killed before it could record
 * that, or the end of it, is not missed. What was recorded counts where the kernel does not tell.
 */
export function isThrottled(
  { id, usage }: Pick<ContainerSample, 'id' | 'usage'>,
  containers: History['containers'],
): boolean {
  return usage?.isLimitOurs ?? containers.get(id)?.isThrottled ?? false;
}

/**
 * Since when a throttled container has left part of what it is allowed, this reading included; null while it has not.
 * One that uses all of it still wants more.
 */
export function easedSince(
  known: Pick<ContainerMemory, 'isThrottled' | 'easedSinceNs'>,
  { cpuPercent, breaches }: Classification,
  nowNs: Nanoseconds,
  config: Config,
): Nanoseconds | null {
  const leavesPart =
    cpuPercent !== null && cpuPercent < config.classify.releaseRatio * config.soft.throttlePercent;
  if (!known.isThrottled || !leavesPart || breaches.length > 0) return null;
  return known.easedSinceNs ?? nowNs;
}
