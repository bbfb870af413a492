import { INVARIANTS_SPANISH } from '../../../daemon/src/words/invariants-spanish.ts';
import { LOADING_SPANISH } from '../../../daemon/src/words/loading-spanish.ts';
import type { Later } from './index.ts';
import { SIMULATION_ES } from './simulation-es.ts';

export const LATER: Later = {
  sentences: LOADING_SPANISH,
  invariants: INVARIANTS_SPANISH,
  simulation: SIMULATION_ES,
};
