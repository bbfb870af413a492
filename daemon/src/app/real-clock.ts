import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../model/ports.ts';

/** The real clock. Nothing else in the daemon reads real time to decide. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonicNs: () => Number(process.hrtime.bigint()),
  async sleep(ms, signal) {
    try {
      await sleep(Math.max(0, ms), undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};
