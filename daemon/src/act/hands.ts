import type { DockerEngine } from '../engine/docker-engine.ts';
import type { Config } from '../model/config.ts';
import type { Outcome } from '../model/decision.ts';
import type { Clock } from '../model/ports.ts';

/** What every deed works with. */
export interface Hands {
  readonly engine: DockerEngine;
  readonly clock: Clock;
  readonly config: Config;
}

/** What came of one deed; a thrown error becomes a failed one. */
export type Deed = Pick<Outcome, 'result' | 'detail' | 'id'>;
