/** Control bytes, and marks that turn the direction of writing: names of strangers may hold them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the eye unseen
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** The same text with what cannot be seen written out: a name can then neither hide nor pose as another. */
export const inert = (text: string): string =>
  text.replace(UNSEEN, (mark) => {
    const code = mark.charCodeAt(0).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code}`;
  });
