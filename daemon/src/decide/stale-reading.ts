import type { SensorFault, Snapshot } from '../model/snapshot.ts';
import type { Nanoseconds } from '../model/units.ts';

/** A reading that is older than the question says nothing about now: striking by it could hit what has changed. */
export function staleReading(now: Snapshot, askedNs: Nanoseconds): SensorFault[] {
  if (now.monotonicNs >= askedNs) return [];
  return [{ sensor: 'verify', message: 'the reading is older than the question', blind: true }];
}
