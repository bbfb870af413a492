import { LOADING_ENGLISH } from '../../../daemon/src/words/loading-english.ts';
import type { Later } from './index.ts';

export const LATER: Later = { sentences: LOADING_ENGLISH, invariants: {} };
