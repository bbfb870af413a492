import type { Config } from '../model/config.ts';
import type { Classification } from '../model/decision.ts';
import type { ContainerMemory, History } from '../model/history.ts';
import type { ContainerSample } from '../model/snapshot.ts';
import type { Nanoseconds } from '../model/units.ts';

/**
 * Whether Vigía has limited the container's CPU. The limit on the container itself decides, so that a daemon killed
 * before it could record a limit, or its removal, still knows. Where the kernel does not tell, the record decides.
 */
export function isThrottled(
  { id, usage }: Pick<ContainerSample, 'id' | 'usage'>,
  containers: History['containers'],
): boolean {
  return usage?.isLimitOurs ?? containers.get(id)?.isThrottled ?? false;
}

/**
 * Since when a throttled container has used clearly less than its limit, this reading included; null while it has not.
 * One that uses all of it needs the limit still.
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
