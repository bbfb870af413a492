import type { Clock } from '../model/ports.ts';

interface Sleeper {
  readonly atMs: number;
  readonly life: Life;
  readonly wake: () => void;
  cancelled: boolean;
}

/** One run of the daemon, from its start to its end or its crash. */
export interface Life {
  dead: boolean;
}

/**
 * Time that passes only when everybody sleeps: months of waiting take seconds, and the same seed always gives the
 * same order of events. `nowMs` counts from the boot of the modelled host.
 */
export class VirtualTime {
  nowMs = 0;
  /** The next to wake is the last. */
  readonly #sleepers: Sleeper[] = [];

  /** The clocks of one life of the daemon. The wall clock may be wrong, and may jump. */
  clockOf(life: Life, wallMs: () => number): Clock {
    return {
      now: () => Math.floor(wallMs()),
      monotonicNs: () => Math.round(this.nowMs * 1e6),
      sleep: (ms, signal) => this.#sleep(life, Math.max(0, ms), signal),
    };
  }

  /** Lets time pass until the moment comes or `done` says so. Nothing that sleeps in a dead life wakes again. */
  async run(untilMs: number, done: () => boolean): Promise<void> {
    for (;;) {
      // Everybody who can go on does so, up to the next sleep.
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

  /** Few sleep at a time: a sorted list is as quick as a heap. Of the same moment, who lay down first wakes first. */
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
