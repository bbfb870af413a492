import { computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { HealthAnswer } from '../../daemon/src/show/api.ts';
import { useAnswer } from './api-client.ts';
import { connection, cycleCount, newestCycle } from './live-updates.ts';
import { now, setServerNow } from './page-clock.ts';

/** Asked for at this interval too, because a stopped daemon announces no cycles. */
const REFRESH_SECONDS = 15;
/** Cycles that may be missed before the data counts as old, as in the daemon's show/health.ts. */
const MISSED_CYCLES = 3;

export type Severity = 'good' | 'warn' | 'bad';

/** What the bar shows on every view; null until the first answer. */
export const health = signal<HealthAnswer | null>(null);

/** Age of the newest cycle in seconds; null when none is known. */
export const dataAge = computed(() => {
  const at = newestCycle.value.at ?? health.value?.cycle?.at ?? null;
  return at === null ? null : now.value - at;
});

export const isStale = computed(() => {
  const limit = MISSED_CYCLES * (health.value?.cycle_seconds ?? 20);
  return dataAge.value !== null && Math.abs(dataAge.value) > limit;
});

/** The most serious of what is wrong; null until it is known. */
export const severity = computed((): Severity | null => {
  if (connection.value === 'lost' || isStale.value) return 'bad';
  return health.value === null ? null : (health.value.findings[0]?.severity ?? 'good');
});

/** Keeps `health` and the server's time up to date, whatever view is shown. */
export function HealthWatch() {
  const { data } = useAnswer(
    '/api/health',
    {},
    `${cycleCount.value} ${Math.floor(now.value / REFRESH_SECONDS)}`,
  );
  useEffect(() => {
    if (data === null) return;
    health.value = data;
    setServerNow(data.now, data.simulated);
  }, [data]);
  return null;
}
