import type { ContainerSample } from '../model/snapshot.ts';
import type { KiB } from '../model/units.ts';

const TOLERATED_SHARE = 0.2;
const TOLERATED_KB = 32 * 1024;

/**
 * Two sources must agree before anything destructive: why the sensor and the cgroup contradict each other on this
 * container, or null. Each read the same counter, a moment apart. Where memory runs out that moment may be long, and who
 * has grown in it is the culprit: then only less by the cgroup, which is read later, contradicts.
 */
export function sourceDisagreement({ usage }: ContainerSample, mayGrow = false): string | null {
  const [sensor, cgroup] = [usage?.memoryCurrentKb ?? null, usage?.cgroupMemoryKb ?? null];
  if (sensor === null || cgroup === null) return null;
  const apart = mayGrow ? sensor - cgroup : Math.abs(sensor - cgroup);
  if (apart <= TOLERATED_KB || apart <= TOLERATED_SHARE * Math.max(sensor, cgroup)) return null;
  return `its two sources disagree: ${megabytes(sensor)} by the sensor, ${megabytes(cgroup)} by its cgroup`;
}

const megabytes = (kb: KiB): string => `${Math.round(kb / 1024)} MiB`;
