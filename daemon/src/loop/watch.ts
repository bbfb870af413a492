import { memoryShortage, msUntilShort, updateMemoryPressure } from '../classify/memory-pressure.ts';
import type { Config } from '../model/config.ts';
import type { MemoryPressure } from '../model/history.ts';
import type { Ports } from '../model/ports.ts';
import type { Reason } from '../model/reason.ts';
import type { PressureReading } from '../model/snapshot.ts';
import type { Nanoseconds } from '../model/units.ts';

export interface Watched {
  readonly memoryPressure: MemoryPressure;
  /** Why the watch ended early, because memory runs out; null when it did not. */
  readonly alarm: Reason | null;
}

/** The shortest time between two readings. */
const SHORTEST_WAIT_MS = 100;

/**
 * Reads memory pressure every `pressure.watchSeconds` until `untilNs`, until the signal aborts, or until memory runs
 * out. While available memory falls, the next reading comes after half the time that it needs to reach the limit: a
 * full second could be most of the time left to act.
 */
export async function watch(
  ports: Ports,
  config: Config,
  start: MemoryPressure,
  untilNs: Nanoseconds,
  signal: AbortSignal,
): Promise<Watched> {
  let memoryPressure = start;
  let last: PressureReading | null = null;
  const watchMs = config.pressure.watchSeconds * 1000;
  let waitMs = watchMs;
  while (!signal.aborted) {
    const leftMs = (untilNs - ports.clock.monotonicNs()) / 1e6;
    await ports.clock.sleep(Math.max(0, Math.min(waitMs, leftMs)), signal);
    if (leftMs <= waitMs || signal.aborted) break;
    const reading = ports.pressure();
    memoryPressure = updateMemoryPressure(memoryPressure, reading, config);
    const alarm = memoryShortage(memoryPressure, reading, config);
    if (alarm !== null) return { memoryPressure, alarm };
    const shortMs = last && reading ? msUntilShort(last, reading, config) : Number.POSITIVE_INFINITY;
    waitMs = Math.min(watchMs, Math.max(SHORTEST_WAIT_MS, shortMs / 2));
    last = reading;
  }
  return { memoryPressure, alarm: null };
}
