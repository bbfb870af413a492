import { memoryShortage, msUntilShort, updateMemoryPressure } from '../classify/memory-pressure.ts';
import type { Config } from '../model/config.ts';
import type { MemoryPressure } from '../model/history.ts';
import type { Ports } from '../model/ports.ts';
import type { Reason } from '../model/reason.ts';
import type { PressureReading } from '../model/snapshot.ts';
import type { Nanoseconds } from '../model/units.ts';

export interface Watched {
  readonly memoryPressure: MemoryPressure;
  /** Why it ended early: memory runs out. */
  readonly alarm: Reason | null;
}

/** However fast memory falls, no more than ten looks a second. */
const SOONEST_MS = 100;

/**
 * Looks at the pressure every second until the moment comes, the signal aborts, or memory runs out. While memory falls
 * towards its limit it looks as much sooner as half the way there takes: a second would be most of what is left to act in.
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
    waitMs = Math.min(watchMs, Math.max(SOONEST_MS, shortMs / 2));
    last = reading;
  }
  return { memoryPressure, alarm: null };
}
