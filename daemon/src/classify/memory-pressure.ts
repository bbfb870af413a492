import type { Config } from '../model/config.ts';
import type { MemoryPressure } from '../model/history.ts';
import { thresholdKb } from '../model/memory-threshold.ts';
import { type Reason, rounded } from '../model/reason.ts';
import type { PressureReading, Snapshot } from '../model/snapshot.ts';
import type { KiB } from '../model/units.ts';

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
  const hasRecovered = memoryPressure.hasRecovered || reading.availableKb >= recoveredKb(reading, config);
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
  const { fullAvg10, fullSeconds, fullBelowPercent } = config.pressure;
  const { availableKb, totalKb } = reading;
  const percentOf = (kb: KiB) => rounded((100 * kb) / totalKb);
  const [limitKb, backKb] = [thresholdKb(reading, config), recoveredKb(reading, config)];
  const isShort = availableKb < limitKb || (memoryPressure.isPreempted && availableKb < backKb);
  if (isShort && (!isCalm || memoryPressure.hasRecovered)) {
    const threshold = percentOf(availableKb < limitKb ? limitKb : backKb);
    return { code: 'memory-short', available: percentOf(availableKb), threshold };
  }
  // A container that stalls at a limit of its own, on a host with plenty of memory, is no shortage.
  if (100 * availableKb >= fullBelowPercent * totalKb) return null;
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

/** Memory has recovered when this much is available. */
export function recoveredKb(reading: Pick<PressureReading, 'totalKb'>, config: Config): KiB {
  return thresholdKb(reading, config) / config.classify.releaseRatio;
}

/**
 * Milliseconds until MemAvailable is below its limit, at the pace at which it fell between two readings. Infinity when it
 * does not fall or is below the limit already.
 */
export function msUntilShort(before: PressureReading, now: PressureReading, config: Config): number {
  const leftKb = now.availableKb - thresholdKb(now, config);
  const fallenKb = before.availableKb - now.availableKb;
  if (leftKb < 0 || fallenKb <= 0) return Number.POSITIVE_INFINITY;
  return (leftKb / fallenKb) * ((now.monotonicNs - before.monotonicNs) / 1e6);
}
