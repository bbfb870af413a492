import type { Engine } from '../model/engine.ts';
import { ReasonedError } from '../words/reasoned-error.ts';

/**
 * The same engine until memory runs out; from then on every call is refused. The engine completes what it has begun, but
 * no action takes its next step while the following cycle already acts.
 */
export function untilUrgent(engine: Engine, urgent: AbortSignal): Engine {
  function guarded<A extends unknown[], R>(call: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
    return async (...args) => {
      if (urgent.aborted) throw new ReasonedError({ code: 'preempted' });
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
