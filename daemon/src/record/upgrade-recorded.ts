import { asReason } from './reason-columns.ts';

/** Names that version 0.1.0 wrote into packed JSON, each with today's. */
const RENAMED: Readonly<Record<string, string>> = {
  strain: 'memoryPressure',
  verdicts: 'classifications',
  unfinished: 'pendingRemovals',
  isCut: 'isPreempted',
  isBack: 'hasRecovered',
  calmUntilNs: 'coolDownUntilNs',
  turnsNs: 'restartTimesNs',
  memoryPressure: 'memoryPsi',
  cpuPressure: 'cpuPsi',
  ioPressure: 'ioPsi',
};

/** Fields that held prose and hold reasons today. */
const REASONS: ReadonlySet<string> = new Set(['because', 'detail', 'excluded']);

/** Packed JSON of version 0.1.0 under today's names, its prose as reasons. Other values are returned as they are. */
export function upgradeRecorded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(upgradeRecorded);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, upgradeRecorded(item)]));
  if (typeof value !== 'object' || value === null || value instanceof Set) return value;
  const isFault = 'blind' in value && 'message' in value;
  const renamed = Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (isFault && key === 'message') return ['reason', asReason(item)];
      if (REASONS.has(key) && typeof item === 'string') return [key, asReason(item)];
      return [RENAMED[key] ?? key, upgradeRecorded(item)];
    }),
  );
  return { ...missingIn(renamed), ...renamed };
}

/** What version 0.1.0 did not record, by the shape of the object: nothing of it was known. */
function missingIn(value: Readonly<Record<string, unknown>>): object {
  if ('monotonicNs' in value && Array.isArray(value['containers'])) return { lastKnown: [], holders: null };
  if ('createdAt' in value && 'labels' in value) return { health: null, restartCount: null };
  if ('memoryUsedKb' in value) return { squeezedToKb: null, pidsLimitedTo: null, ioLimitedTo: null };
  if ('cpuSomeAvg10' in value && 'availableKb' in value) return { cgroupVersion: 2 };
  if ('breachSinceNs' in value)
    return { limits: {}, timesLimited: {}, nextLevel: value['level'] ?? 'unknown' };
  return {};
}
