import { LOADING_ENGLISH } from '../../../daemon/src/words/loading-english.ts';
import type { Later } from './index.ts';
import { SIMULATION_EN } from './simulation-en.ts';

export const LATER: Later = { sentences: LOADING_ENGLISH, invariants: {}, simulation: SIMULATION_EN };
