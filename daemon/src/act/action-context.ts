import type { Config } from '../model/config.ts';
import type { Action, Outcome } from '../model/decision.ts';
import type { Cgroups, Engine } from '../model/engine.ts';
import type { Clock } from '../model/ports.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** What every action works with. */
export interface ActionContext {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly config: Config;
  readonly cgroups: Cgroups;
  /**
   * Runs the owner's scripts before a service is stopped or restarted. Resolves to the path of the script that vetoes it,
   * or to null. Absent: no script runs.
   */
  readonly ask?: (
    action: Extract<Action, { kind: 'stop' | 'restart' }>,
    snapshot: Snapshot,
    urgent: AbortSignal,
  ) => Promise<string | null>;
}

/** What one action came to; a thrown error becomes a failed one. */
export type ActionResult = Pick<Outcome, 'result' | 'detail' | 'id'>;
