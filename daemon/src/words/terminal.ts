import type { Language } from './language.ts';
import type { TerminalWords } from './terminal-catalogue.ts';
import { terminalEnglish } from './terminal-english.ts';
import { terminalSpanish } from './terminal-spanish.ts';

const TERMINAL: Readonly<Record<Language, TerminalWords>> = { en: terminalEnglish, es: terminalSpanish };

/** What the commands print, in one language. */
export const terminalWords = (language: Language): TerminalWords => TERMINAL[language];
