import type { Reason } from '../model/reason.ts';
import type { Catalogue } from './catalogue.ts';
import { english } from './english.ts';
import { LOADING_ENGLISH } from './loading-english.ts';
import { LOADING_SPANISH } from './loading-spanish.ts';
import { renderReason } from './render.ts';
import { spanish } from './spanish.ts';

export type Language = 'en' | 'es';

export const CATALOGUES: Readonly<Record<Language, Catalogue>> = {
  en: { ...english, sentences: { ...english.sentences, ...LOADING_ENGLISH } },
  es: { ...spanish, sentences: { ...spanish.sentences, ...LOADING_SPANISH } },
};

/** The sentence of a reason in one language. */
export const render = (reason: Reason, language: Language): string =>
  renderReason(reason, CATALOGUES[language]);

/**
 * The language that a terminal asks for, as setlocale(3) has it: the first of LC_ALL, LC_MESSAGES and LANG that is set
 * and not empty. Spanish for `es…`, English otherwise.
 */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const { LC_ALL, LC_MESSAGES, LANG } = environment;
  const locale = [LC_ALL, LC_MESSAGES, LANG].find((value) => value !== undefined && value !== '') ?? '';
  return /^es(?![a-z])/i.test(locale) ? 'es' : 'en';
}
