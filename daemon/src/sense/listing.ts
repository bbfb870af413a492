import type { BackOff } from '../engine/back-off.ts';
import type { Engine } from '../model/engine.ts';
import type { Clock } from '../model/ports.ts';
import type { EngineContainer } from '../model/snapshot.ts';
import { unlessUrgent } from './unless-urgent.ts';

interface Asked {
  readonly engine: Pick<Engine, 'list'>;
  readonly backOff: BackOff;
  readonly clock: Clock;
}

/**
 * Asks the engine for its list, once at a time. A cycle that no longer awaits an answer leaves its request behind; the
 * next one first lets that end, so that requests do not pile up in a hung engine. An answer to an earlier cycle is never
 * used: it may be older than what that cycle did.
 */
export class Listing {
  #last: Promise<unknown> = Promise.resolve();

  /** Rejects when the engine fails or is not asked (back-off), and as soon as `urgent` aborts. */
  ask({ engine, backOff, clock }: Asked, urgent?: AbortSignal): Promise<EngineContainer[]> {
    return unlessUrgent(() => {
      const askNow = () => backOff.attempt(clock.monotonicNs(), () => engine.list());
      const asked = this.#last.then(() => {
        if (urgent?.aborted === true) throw urgent.reason;
        return askNow();
      });
      this.#last = asked.catch(() => {});
      return asked;
    }, urgent);
  }
}
