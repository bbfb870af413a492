import type { RowsAnswer } from '../../../daemon/src/show/api.ts';
import { digits, time } from '../format-values.ts';
import { containerPath } from '../router.tsx';
import { words } from '../words/index.ts';

/** Removals of one interval, as `/api/marks` answers; epoch seconds. */
export interface Mark {
  readonly from: number;
  readonly until: number;
  readonly removed: number;
  /** Of the newest; null where it is no longer recorded one by one. */
  readonly name: string | null;
  readonly container: string | null;
  readonly text: string | null;
}

export const marksOf = (answer: RowsAnswer | null): readonly Mark[] =>
  (answer?.rows ?? []).map(([from, until, removed, name, container, text]) => ({
    from: Number(from),
    until: Number(until),
    removed: Number(removed),
    name: textOf(name),
    container: textOf(container),
    text: textOf(text),
  }));

const textOf = (cell: string | number | null | undefined): string | null =>
  typeof cell === 'string' ? cell : null;

export const middleOf = ({ from, until }: Mark): number => (from + until) / 2;

/** What was removed, when, and the newest of it with its reason. */
export function describeMark({ from, until, removed, name, text }: Mark): string {
  const { panel } = words();
  const what = `${panel.removed(digits(removed, 0))}, ${time(from)} – ${time(until)}`;
  if (name === null) return what;
  return `${what}; ${removed === 1 ? '' : `${panel.lastOf} `}${name}: ${text ?? ''}`;
}

/** The view about it: the container where it is one, otherwise the decisions of the interval. */
export function markPath({ from, until, removed, container }: Mark): string {
  if (removed === 1 && container !== null) return containerPath(container);
  return `/decisions?kind=remove&from=${from * 1000}&to=${until * 1000 - 1}`;
}
