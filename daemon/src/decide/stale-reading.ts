import type { SensorFault, Snapshot } from '../model/snapshot.ts';
import type { Nanoseconds } from '../model/units.ts';

/** A fault if the reading was taken before it was asked for: an action based on it could hit a container that changed. */
export function staleReading(now: Snapshot, askedNs: Nanoseconds): SensorFault[] {
  if (now.monotonicNs >= askedNs) return [];
  return [{ sensor: 'verify', reason: { code: 'reading-too-old' }, blind: true }];
}
