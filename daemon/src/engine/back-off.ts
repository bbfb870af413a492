import type { Reason } from '../model/reason.ts';
import type { Nanoseconds } from '../model/units.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import { EngineError } from './unix-http.ts';

const FIRST_SECONDS = 15;
const LONGEST_SECONDS = 115;

/**
 * Asks an engine that fails less and less often: a hung one costs its whole deadline each time. The waits end shortly
 * before a cycle of 20 s, so that the next cycle asks, then every second, every fourth, and so on up to two minutes.
 */
export class BackOff {
  #failures = 0;
  #notBeforeNs: Nanoseconds = 0;
  #lastReason: Reason = { code: 'message', text: '' };

  /** What `work` resolves to; EngineError at once while it is not yet time to ask again. */
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
