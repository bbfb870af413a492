import type { Language } from '../words/language.ts';
import { notifyWords } from '../words/notify-words.ts';

/** How to see more about a container, and what keeps Vigía off it: commands that exist. */
export function undoHint(name: string, language: Language): string {
  const say = notifyWords(language);
  const quoted = /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
  return `${say.explain}vigia explain ${quoted} · ${say.protect}vigia protect ${quoted}`;
}
