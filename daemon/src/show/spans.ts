/** A piece of a terminal line with its style. A line is cut to its cells first and coloured last. */
export interface Span {
  readonly text: string;
  readonly style?: Style;
}
export type Style = 'bold' | 'dim' | 'inverse' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta';
export type Paint = (style: Style, text: string) => string;

export const span = (text: string, style?: Style): Span => (style === undefined ? { text } : { text, style });

/**
 * Untrusted text as one cell per character: a character that could move the cursor, change colours, join its neighbours
 * or take two cells becomes a `?`. Latin letters and the signs of Vigía's own texts are kept.
 */
export const cells = (text: string): string =>
  text.replace(/[^\u0020-\u007e\u00a1-\u00ac\u00ae-\u024f\u2013\u2014\u2026\u2192\u2264\u2265]/gu, '?');

/** The text in exactly `width` cells: cut with an ellipsis, or padded. */
export function fit(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  if (width <= 0) return '';
  if (text.length > width) return `${text.slice(0, width - 1)}…`;
  return side === 'left' ? text.padEnd(width) : text.padStart(width);
}

/** The same, cut in the middle: a container's name begins with its kind and ends with its number. */
export function fitMiddle(text: string, width: number): string {
  if (text.length <= width || width < 5) return fit(text, width);
  const tail = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - tail)}…${text.slice(text.length - tail)}`;
}

/** The spans as one line of at most `width` cells, painted. */
export function paintLine(spans: readonly Span[], width: number, paint: Paint): string {
  let left = width;
  let line = '';
  for (const { text, style } of spans) {
    const piece = text.slice(0, left);
    left -= piece.length;
    line += style === undefined || piece === '' ? piece : paint(style, piece);
  }
  return line.trimEnd();
}

/** A horizontal bar; `share` is from 0 to 1. */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.max(0, Math.min(1, share)) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

const LEVELS = '▁▂▃▄▅▆▇█';

/** One sign per share from 0 to 1, the newest at the right; a blank for an unknown one. */
export function sparkline(shares: readonly (number | null)[], width: number): string {
  const signs = shares
    .slice(Math.max(0, shares.length - width))
    .map((share) =>
      share === null ? ' ' : (LEVELS[Math.max(0, Math.min(7, Math.floor(share * 8)))] ?? ' '),
    );
  return signs.join('').padStart(width);
}
