import type { Clock } from '../model/ports.ts';

/** A pending sleep. */
interface Sleeper {
  readonly atMs: number;
  readonly life: Life;
  readonly wake: () => void;
  cancelled: boolean;
}

/** One run of the daemon, from its start to its end or crash. `dead` stops all of its sleeps for ever. */
export interface Life {
  dead: boolean;
}

/**
 * Time that advances only while every task sleeps, so that months of waiting take seconds and the same seed always
 * gives the same order of events. `nowMs` counts from the boot of the modelled host.
 */
export class VirtualTime {
  nowMs = 0;
  /** Sorted by time; the last one wakes next. */
  readonly #sleepers: Sleeper[] = [];

  /** The clock for one life of the daemon. `wallMs` gives the wall time, which may be wrong and may jump. */
  clockOf(life: Life, wallMs: () => number): Clock {
    return {
      now: () => Math.floor(wallMs()),
      monotonicNs: () => Math.round(this.nowMs * 1e6),
      sleep: (ms, signal) => this.#sleep(life, Math.max(0, ms), signal),
    };
  }

  /** Advances time to `untilMs`, or until `done` returns true. Sleepers of a dead life never wake. */
  async run(untilMs: number, done: () => boolean): Promise<void> {
    for (;;) {
      // Lets every runnable task run up to its next sleep.
      await new Promise((resolve) => setImmediate(resolve));
      if (done()) return;
      const next = this.#pop(untilMs);
      if (next === null) {
        this.nowMs = untilMs;
        return;
      }
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.wake();
    }
  }

  #sleep(life: Life, ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const onAbort = () => {
      sleeper.cancelled = true;
      resolve();
    };
    const sleeper = {
      atMs: this.nowMs + ms,
      life,
      cancelled: false,
      wake() {
        signal.removeEventListener('abort', onAbort);
        resolve();
      },
    };
    signal.addEventListener('abort', onAbort);
    this.#push(sleeper);
    return promise;
  }

  /**
   * Inserts in order: for so few sleepers a sorted list is as fast as a heap. At the same time, first in wakes first.
   */
  #push(sleeper: Sleeper): void {
    let at = this.#sleepers.length;
    while (at > 0 && (this.#sleepers[at - 1]?.atMs ?? 0) <= sleeper.atMs) at -= 1;
    this.#sleepers.splice(at, 0, sleeper);
  }

  #pop(untilMs: number): Sleeper | null {
    for (;;) {
      const next = this.#sleepers.at(-1);
      if (next === undefined) return null;
      if (next.life.dead || next.cancelled) {
        this.#sleepers.pop();
        continue;
      }
      if (next.atMs > untilMs) return null;
      this.#sleepers.pop();
      return next;
    }
  }
}
