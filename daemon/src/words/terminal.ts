import type { Language } from './language.ts';
import { terminalEnglish } from './terminal-english.ts';
import { terminalSpanish } from './terminal-spanish.ts';

/**
 * The texts that the commands print besides reasons: headings, notes, sentences. Figures are passed formatted. There is
 * one catalogue per language; a text that is missing in one does not compile.
 */
export interface TerminalWords {
  readonly explain: {
    /** What was done to the container, as the predicate of a sentence whose subject is the cycle. */
    readonly did: Readonly<Record<string, string>>;
    action(tick: number, time: string, did: string, because: string): string;
    outcome(result: string, detail: string, ms: string): string;
    readonly ownership: Readonly<Record<'protected' | 'managed' | 'foreign', string>>;
    introduction(container: {
      readonly name: string;
      readonly id: string;
      readonly image: string;
      readonly declared: string | null;
      readonly ownership: string;
      readonly first: string;
      readonly last: string;
      readonly removed: string | null;
    }): string;
    lastClass(level: string, because: string, cpu: string, rss: string): string;
    shareOfHost(share: string): string;
    rank(rank: number, chosen: number, candidates: number, share: string): string;
    readonly noOther: string;
    nextSelected(name: string, share: string): string;
    nextExcluded(name: string, share: string, because: string): string;
    readonly neverTouched: string;
    readonly notConsidered: string;
    notSelected(tick: number, time: string, share: string, because: string): string;
    readonly superseded: string;
  };
}

const TERMINAL: Readonly<Record<Language, TerminalWords>> = { en: terminalEnglish, es: terminalSpanish };

export const terminalWords = (language: Language): TerminalWords => TERMINAL[language];
