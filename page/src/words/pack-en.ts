import { LABELS, TITLES } from '../../../daemon/src/panels/english.ts';
import { english } from '../../../daemon/src/words/english.ts';
import { en } from './en.ts';
import type { Pack } from './index.ts';

export const pack: Pack = {
  language: 'en',
  words: en,
  catalogue: english,
  titles: TITLES,
  labels: LABELS,
  invariants: {},
  simulation: null,
  later: () => import('./later-en.ts'),
};
