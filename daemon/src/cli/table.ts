import { wrapped } from '../show/wrapped.ts';

export interface Column<T> {
  readonly title: string;
  readonly right?: boolean;
  /** Its text is broken into several lines where the terminal is narrow. */
  readonly wraps?: boolean;
  /** Left out where the terminal is narrow, the highest number first. */
  readonly spare?: number;
  readonly value: (row: T) => string;
}

const GAP = 2;
/** A column that wraps gets at least so many cells, or what its text needs. */
const LEAST_WRAPPED = 24;

/**
 * Rows in aligned columns below their titles, the titles first, within `width` cells where that can be: columns are left
 * out, and long texts broken, until the lines fit.
 */
export function alignedLines<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  width: number = Number.POSITIVE_INFINITY,
): string[] {
  const all = columns.map((column) => {
    const texts = rows.map(column.value);
    return { ...column, texts, natural: Math.max(column.title.length, ...texts.map(({ length }) => length)) };
  });
  const least = (column: (typeof all)[number]): number =>
    column.wraps ? Math.min(column.natural, LEAST_WRAPPED) : column.natural;
  let kept = all;
  const takes = (): number => total(kept.map(least));
  for (const { spare } of all.filter((one) => one.spare !== undefined).sort(bySpare))
    if (takes() > width) kept = kept.filter((one) => one.spare !== spare);
  const widths = shared(
    kept.map(least),
    kept.map(({ natural }) => natural),
    width,
  );
  const blocks = [kept.map(({ title }) => [title]), ...rows.map((_, row) => kept.map(cellOf(row)))];
  return blocks.flatMap((cells) => {
    const height = Math.max(1, ...cells.map(({ length }) => length));
    return Array.from({ length: height }, (_, at) => line(cells.map((cell) => cell[at] ?? '')));
  });

  function cellOf(row: number) {
    return ({ texts, wraps }: (typeof all)[number], column: number): string[] => {
      const text = texts[row] ?? '';
      return wraps ? wrapped(text, widths[column] ?? text.length) : [text];
    };
  }
  function line(texts: readonly string[]): string {
    return texts
      .map((text, i) => (kept[i]?.right ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)))
      .join(' '.repeat(GAP))
      .trimEnd();
  }
}

const bySpare = (a: { spare?: number }, b: { spare?: number }): number => (b.spare ?? 0) - (a.spare ?? 0);

const total = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, widths.length - 1);

/** The widths of columns: each has at least its least, and what is left goes to those that need more, evenly. */
function shared(least: readonly number[], natural: readonly number[], width: number): number[] {
  if (total(natural) <= width) return [...natural];
  const widths = [...least];
  let left = Math.max(0, width - total(least));
  for (;;) {
    const wanting = widths.flatMap((now, i) => (now < (natural[i] ?? 0) ? [i] : []));
    if (wanting.length === 0 || left === 0) return widths;
    const step = Math.max(1, Math.floor(left / wanting.length));
    for (const i of wanting) {
      const more = Math.min(step, left, (natural[i] ?? 0) - (widths[i] ?? 0));
      widths[i] = (widths[i] ?? 0) + more;
      left -= more;
    }
  }
}
