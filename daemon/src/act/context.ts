import type { Config } from '../model/config.ts';
import type { Outcome } from '../model/decision.ts';
import type { Engine } from '../model/engine.ts';
import type { Clock } from '../model/ports.ts';

/** What every deed works with. */
export interface ActionContext {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly config: Config;
  /** Whether the kernel still keeps a container's cgroup: some process of it has not been reaped. */
  readonly cgroupExists: (path: string) => boolean;
  /** SIGKILL to all that is in it, at once and by the kernel itself; false where the kernel cannot, or it is gone. */
  readonly cgroupKill: (path: string) => boolean;
}

/** What came of one deed; a thrown error becomes a failed one. */
export type ActionResult = Pick<Outcome, 'result' | 'detail' | 'id'>;
