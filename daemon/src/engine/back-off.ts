import type { Reason } from '../model/reason.ts';
import type { Nanoseconds } from '../model/units.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import { EngineError } from './unix-http.ts';

const FIRST_SECONDS = 15;
const LONGEST_SECONDS = 115;

/**
 * Exponential back-off for calls to a failing engine: each attempt at a hung one costs a whole deadline. The waits grow
 * from 15 s to 115 s and end 5 s before a multiple of 20 s, the default cycle: attempts come 20, 40, 80 and then every
 * 120 s after a failure.
 */
export class BackOff {
  #failures = 0;
  #notBeforeNs: Nanoseconds = 0;
  #lastReason: Reason = { code: 'message', text: '' };

  /** Runs `work` and returns its result. Throws EngineError without running it while the wait is not over. */
  async attempt<T>(nowNs: Nanoseconds, work: () => Promise<T>): Promise<T> {
    if (nowNs < this.#notBeforeNs) {
      const seconds = Math.ceil((this.#notBeforeNs - nowNs) / 1e9);
      throw new EngineError({
        code: 'engine-backing-off',
        last: this.#lastReason,
        failures: this.#failures,
        seconds,
      });
    }
    try {
      const result = await work();
      this.#failures = 0;
      return result;
    } catch (error) {
      this.#failures += 1;
      const seconds = Math.min((FIRST_SECONDS + 5) * 2 ** (this.#failures - 1) - 5, LONGEST_SECONDS);
      this.#notBeforeNs = nowNs + seconds * 1e9;
      this.#lastReason = reasonOf(error);
      throw error;
    }
  }
}
