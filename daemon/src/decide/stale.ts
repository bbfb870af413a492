import type { History } from '../model/history.ts';
import type { SensorFault, Snapshot } from '../model/snapshot.ts';

/** A reading that is no newer than the one before says nothing about now: striking by it could hit what has changed. */
export function staleReading(history: History, now: Snapshot): SensorFault[] {
  if (history.readNs === null || now.monotonicNs > history.readNs) return [];
  return [{ sensor: 'verify', message: 'the reading is no newer than the one before', blind: true }];
}
