import { uptime } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../model/ports.ts';
import type { Seconds } from '../model/units.ts';

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

/** Wall-clock time of the boot. A minute early: the clock may have been set since then. */
export const bootedAt = (): Seconds => Date.now() / 1000 - uptime() - 60;
