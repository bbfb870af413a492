import type { Sentences } from './catalogue.ts';
import type { LOADING_ENGLISH } from './loading-english.ts';

/** The sentences of the page's first view; the others come after it. */
export type FirstSentences = Omit<Sentences, keyof typeof LOADING_ENGLISH>;
