import type { Engine } from '../model/engine.ts';

/**
 * The same engine until memory runs out: from then on it is asked for nothing more. What it has begun it ends, but no
 * deed goes on to its next step behind the back of the cycle that follows.
 */
export function untilUrgent(engine: Engine, urgent: AbortSignal): Engine {
  function guarded<A extends unknown[], R>(call: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
    return async (...args) => {
      if (urgent.aborted) throw new Error('left alone: memory runs out');
      return call(...args);
    };
  }
  return {
    list: guarded(() => engine.list()),
    inspect: guarded((id) => engine.inspect(id)),
    stop: guarded((id, graceSeconds) => engine.stop(id, graceSeconds)),
    restart: guarded((id, graceSeconds) => engine.restart(id, graceSeconds)),
    remove: guarded((id) => engine.remove(id)),
    limitCpu: guarded((id, percent) => engine.limitCpu(id, percent)),
    start: guarded((container) => engine.start(container)),
  };
}
