import type { Config } from '../model/config.ts';
import type { Outcome } from '../model/decision.ts';
import type { Cgroups, Engine } from '../model/engine.ts';
import type { Clock } from '../model/ports.ts';

/** What every action works with. */
export interface ActionContext {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly config: Config;
  readonly cgroups: Cgroups;
}

/** What one action came to; a thrown error becomes a failed one. */
export type ActionResult = Pick<Outcome, 'result' | 'detail' | 'id'>;
