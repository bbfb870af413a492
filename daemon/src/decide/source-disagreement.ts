import type { Reason } from '../model/reason.ts';
import type { ContainerSample } from '../model/snapshot.ts';
import type { KiB } from '../model/units.ts';

const TOLERATED_SHARE = 0.2;
const TOLERATED_KB = 32 * 1024;

/**
 * Whether sensor and cgroup disagree on the container's memory; null when they agree or one is missing. Both read the
 * same counter, a moment apart, and no destructive action is taken while they disagree. In an emergency that moment may
 * be long and the culprit grows in it: with `mayGrow` only a smaller figure of the cgroup, which is read later, counts.
 */
export function sourceDisagreement({ usage }: ContainerSample, mayGrow = false): Reason | null {
  const [sensor, cgroup] = [usage?.memoryCurrentKb ?? null, usage?.cgroupMemoryKb ?? null];
  if (sensor === null || cgroup === null) return null;
  const apart = mayGrow ? sensor - cgroup : Math.abs(sensor - cgroup);
  if (apart <= TOLERATED_KB || apart <= TOLERATED_SHARE * Math.max(sensor, cgroup)) return null;
  return { code: 'sources-disagree', sensorMib: mebibytes(sensor), cgroupMib: mebibytes(cgroup) };
}

const mebibytes = (kb: KiB): number => Math.round(kb / 1024);
