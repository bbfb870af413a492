import type { History } from '../model/history.ts';
import type { SensorFault, Snapshot } from '../model/snapshot.ts';

/** A fault for each container that the last cycle removed and that this snapshot still shows; it is planned for again. */
export function unconfirmedRemovals(history: History, now: Snapshot): SensorFault[] {
  return now.containers
    .filter(({ id }) => history.removed.has(id))
    .map(({ name }) => ({
      sensor: 'verify',
      reason: { code: 'removal-not-confirmed', name, tick: history.tick },
      blind: false,
    }));
}
