import { english } from '../../../daemon/src/words/english.ts';
import { en } from './en.ts';
import type { Pack } from './index.ts';
import { LABELS, TITLES } from './panels-en.ts';

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
