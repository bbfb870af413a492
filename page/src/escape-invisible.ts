/**
 * Control characters, invisible ones, and marks that change the direction of writing. Names of containers may contain
 * them.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the characters to be escaped
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Writes invisible characters as escapes, such as \x07 or \u202e, so that no name can hide or imitate another. */
export const escapeInvisible = (text: string): string =>
  text.replace(INVISIBLE, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code}`;
  });
