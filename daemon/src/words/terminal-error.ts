import type { Language } from './language.ts';
import { terminalWords } from './terminal.ts';
import type { TerminalWords } from './terminal-catalogue.ts';

/** An error for the person at the terminal, in each language; its message is the English one. */
export class TerminalError extends Error {
  override readonly name: string = 'TerminalError';
  readonly #texts: Readonly<Record<Language, string>>;

  constructor(say: (words: TerminalWords, language: Language) => string, options?: ErrorOptions) {
    const texts = { en: say(terminalWords('en'), 'en'), es: say(terminalWords('es'), 'es') };
    super(texts.en, options);
    this.#texts = texts;
  }

  in(language: Language): string {
    return this.#texts[language];
  }
}
