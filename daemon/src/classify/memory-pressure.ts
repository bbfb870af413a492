import type { Config } from '../model/config.ts';
import type { MemoryPressure } from '../model/history.ts';
import { type Reason, rounded } from '../model/reason.ts';
import type { PressureReading, Snapshot } from '../model/snapshot.ts';

/** The pressure reading of a snapshot; null when its host could not be read. */
export function pressureReadingOf({ host, monotonicNs }: Snapshot): PressureReading | null {
  if (host === null) return null;
  const { totalKb, availableKb, memoryFullAvg10 } = host;
  return { monotonicNs, totalKb, availableKb, memoryFullAvg10 };
}

/** Updates since when PSI has been above its limit, and whether memory has recovered (with hysteresis). */
export function updateMemoryPressure(
  memoryPressure: MemoryPressure,
  reading: PressureReading | null,
  config: Config,
): MemoryPressure {
  if (reading === null) return memoryPressure;
  const available = (100 * reading.availableKb) / reading.totalKb;
  const hasRecovered =
    memoryPressure.hasRecovered ||
    available >= config.pressure.availablePercent / config.classify.releaseRatio;
  const isHigh = (reading.memoryFullAvg10 ?? 0) > config.pressure.fullAvg10;
  return {
    ...memoryPressure,
    hasRecovered,
    fullSinceNs: isHigh ? (memoryPressure.fullSinceNs ?? reading.monotonicNs) : null,
  };
}

/** Why the host is short of memory right now, or null. These are the hard thresholds, without a grace period. */
export function memoryShortage(
  memoryPressure: MemoryPressure,
  reading: PressureReading | null,
  config: Config,
): Reason | null {
  if (reading === null) return null;
  const isCalm = reading.monotonicNs < memoryPressure.coolDownUntilNs;
  const { availablePercent, fullAvg10, fullSeconds } = config.pressure;
  const available = (100 * reading.availableKb) / reading.totalKb;
  const back = availablePercent / config.classify.releaseRatio;
  const isShort = available < availablePercent || (memoryPressure.isPreempted && available < back);
  if (isShort && (!isCalm || memoryPressure.hasRecovered)) {
    const limit = available < availablePercent ? availablePercent : back;
    return { code: 'memory-short', available: rounded(available), threshold: rounded(limit) };
  }
  const heldSeconds =
    memoryPressure.fullSinceNs === null ? -1 : (reading.monotonicNs - memoryPressure.fullSinceNs) / 1e9;
  // PSI is an average over 10 s: for seconds after a kill it still shows the time before.
  if (!isCalm && heldSeconds >= fullSeconds && reading.memoryFullAvg10 !== null) {
    return {
      code: 'memory-stalled',
      full: rounded(reading.memoryFullAvg10),
      threshold: fullAvg10,
      seconds: Math.round(heldSeconds),
    };
  }
  return null;
}

/**
 * Milliseconds until MemAvailable is below its limit, at the pace at which it fell between two readings. Infinity when it
 * does not fall or is below the limit already.
 */
export function msUntilShort(before: PressureReading, now: PressureReading, config: Config): number {
  const leftKb = now.availableKb - (config.pressure.availablePercent / 100) * now.totalKb;
  const fallenKb = before.availableKb - now.availableKb;
  if (leftKb < 0 || fallenKb <= 0) return Number.POSITIVE_INFINITY;
  return (leftKb / fallenKb) * ((now.monotonicNs - before.monotonicNs) / 1e6);
}
