import type { History } from '../model/history.ts';
import type { SensorFault, Snapshot } from '../model/snapshot.ts';

/** A removal is believed only when a newer snapshot misses the container; what still shows is planned for again. */
export function unconfirmedRemovals(history: History, now: Snapshot): SensorFault[] {
  return now.containers
    .filter(({ id }) => history.removed.has(id))
    .map(({ name }) => ({
      sensor: 'verify',
      message: `${name} was removed in cycle ${history.tick} and is still there`,
      blind: false,
    }));
}
