import type { Clock } from '../model/ports.ts';

const LOOK_EVERY_MS = 50;

/** Whether the condition becomes true within the time. */
export async function within(ms: number, clock: Clock, isTrue: () => Promise<boolean>): Promise<boolean> {
  const deadlineNs = clock.monotonicNs() + ms * 1e6;
  for (;;) {
    if (await isTrue()) return true;
    if (clock.monotonicNs() >= deadlineNs) return false;
    await clock.sleep(LOOK_EVERY_MS, new AbortController().signal);
  }
}
