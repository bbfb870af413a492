import type { Config } from '../model/config.ts';
import type { Outcome } from '../model/decision.ts';
import type { Engine } from '../model/engine.ts';
import type { Clock } from '../model/ports.ts';

/** What every action works with. */
export interface ActionContext {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly config: Config;
  /** Whether the container's cgroup still exists, that is, some process of it has not been reaped. */
  readonly cgroupExists: (path: string) => boolean;
  /** Sends SIGKILL to every process in the cgroup through `cgroup.kill`; false where the kernel lacks it (before 5.14, v1). */
  readonly cgroupKill: (path: string) => boolean;
}

/** What one action came to; a thrown error becomes a failed one. */
export type ActionResult = Pick<Outcome, 'result' | 'detail' | 'id'>;
