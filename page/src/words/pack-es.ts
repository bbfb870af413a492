import { spanish } from '../../../daemon/src/words/spanish.ts';
import { es } from './es.ts';
import type { Pack } from './index.ts';

/** Panels are written in Spanish. */
export const pack: Pack = {
  language: 'es',
  words: es,
  catalogue: spanish,
  titles: {},
  labels: {},
  invariants: {},
  simulation: null,
  later: () => import('./later-es.ts'),
};
