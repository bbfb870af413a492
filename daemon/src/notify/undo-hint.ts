import { UNDOABLE } from '../model/orders.ts';
import type { Language } from '../words/language.ts';
import { notifyWords } from '../words/notify-words.ts';

/** How an action on a container is undone, or how it is kept from happening again, and where to read more. */
export function undoHint(
  action: { kind: string; name: string; result: string },
  language: Language,
): string[] {
  const say = notifyWords(language);
  const name = quoted(action.name);
  const more = `${say.explain}: vigia explain ${name}`;
  // What was started has the image's name only.
  if (action.kind === 'start') return [];
  if (action.kind === 'release' || action.result !== 'done') return [more];
  const isUndoable = UNDOABLE.some((kind) => kind === action.kind);
  const undo = isUndoable
    ? `${say.undo}: sudo vigia undo ${name}`
    : `${say.noUndo}: sudo vigia protect ${name}`;
  return [undo, more];
}

export const explainHint = (name: string, language: Language): string =>
  `${notifyWords(language).explain}: vigia explain ${quoted(name)}`;

/** As a word of a shell's command line. */
const quoted = (name: string): string =>
  /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
