import type { Config } from '../model/config.ts';
import type { MemoryPressure } from '../model/history.ts';
import type { PressureReading, Snapshot } from '../model/snapshot.ts';

/** The same reading out of a snapshot; null when its host could not be read. */
export function pressureReadingOf({ host, monotonicNs }: Snapshot): PressureReading | null {
  if (host === null) return null;
  const { totalKb, availableKb, memoryFullAvg10 } = host;
  return { monotonicNs, totalKb, availableKb, memoryFullAvg10 };
}

/** Goes on counting how long PSI has been above its limit, and notes that memory has come back, with hysteresis. */
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

/** Why memory is running out right now, or null: the hard thresholds, which know no grace. */
export function memoryShortage(
  memoryPressure: MemoryPressure,
  reading: PressureReading | null,
  config: Config,
): string | null {
  if (reading === null) return null;
  const isCalm = reading.monotonicNs < memoryPressure.coolDownUntilNs;
  const { availablePercent, fullAvg10, fullSeconds } = config.pressure;
  const available = (100 * reading.availableKb) / reading.totalKb;
  const back = availablePercent / config.classify.releaseRatio;
  const isShort = available < availablePercent || (memoryPressure.isPreempted && available < back);
  if (isShort && (!isCalm || memoryPressure.hasRecovered)) {
    const limit = available < availablePercent ? availablePercent : back;
    return `memory runs out: ${available.toFixed(1)} % available < ${limit} %`;
  }
  const heldSeconds =
    memoryPressure.fullSinceNs === null ? -1 : (reading.monotonicNs - memoryPressure.fullSinceNs) / 1e9;
  // PSI is an average: for seconds after a kill it still shows what was.
  if (!isCalm && heldSeconds >= fullSeconds && reading.memoryFullAvg10 !== null) {
    return `memory stalls every task: PSI full ${reading.memoryFullAvg10} % > ${fullAvg10} % for ${heldSeconds.toFixed(0)} s`;
  }
  return null;
}

/**
 * How soon MemAvailable could be below its limit, at the pace at which it fell between two readings: ms, or Infinity
 * where it does not fall, or is below it already.
 */
export function msUntilShort(before: PressureReading, now: PressureReading, config: Config): number {
  const leftKb = now.availableKb - (config.pressure.availablePercent / 100) * now.totalKb;
  const fallenKb = before.availableKb - now.availableKb;
  if (leftKb < 0 || fallenKb <= 0) return Number.POSITIVE_INFINITY;
  return (leftKb / fallenKb) * ((now.monotonicNs - before.monotonicNs) / 1e6);
}
