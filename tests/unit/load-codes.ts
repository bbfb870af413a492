import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The codes that files of scripts/loading have a sentence for, in alphabetical order. */
export const codesOf = (...files: readonly string[]): string[] =>
  files
    .map((file) => readFileSync(join(import.meta.dirname, '../../scripts/loading', file), 'utf8'))
    .flatMap((script) => [...script.matchAll(/^ {2}\[([a-z-]+)\]=/gm)].map(([, code]) => code ?? ''))
    .sort();
