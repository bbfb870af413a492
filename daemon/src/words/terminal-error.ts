import type { Language } from './language.ts';
import { terminalWords } from './terminal.ts';
import type { TerminalWords } from './terminal-catalogue.ts';

/** An error for the person at the terminal, in each language; its message is the English one. */
export class TerminalError extends Error {
  override readonly name: string = 'TerminalError';
  readonly #say: (words: TerminalWords) => string;

  constructor(say: (words: TerminalWords) => string, options?: ErrorOptions) {
    super(say(terminalWords('en')), options);
    this.#say = say;
  }

  in(language: Language): string {
    return this.#say(terminalWords(language));
  }
}
