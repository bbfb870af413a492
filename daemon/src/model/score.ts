import type { Candidate } from './decision.ts';

/** Parts of the score of a candidate for trimming, in the order in which they are compared. */
export const TRIM_SCORE_PARTS = [
  'pendingRemoval',
  'negatedPriority',
  'atOwnLimit',
  'resourceShare',
  'createdAt',
] as const;

/** Parts of the score of a candidate for eviction, in the order in which they are compared. */
export const EVICTION_SCORE_PARTS = [
  'isVictim',
  'isCulprit',
  'grownShare',
  'heldShare',
  'createdAt',
] as const;

/** Builds a score: the values in the order of `parts`. */
export function scoreOf<Part extends string>(
  parts: readonly Part[],
  values: Readonly<Record<Part, number>>,
): number[] {
  return parts.map((part) => values[part]);
}

/** Reads one part of a score. Throws when the score was not built from `parts`: an index would read another part. */
export function scorePart<Part extends string>(
  { name, score }: Pick<Candidate, 'name' | 'score'>,
  parts: readonly Part[],
  part: NoInfer<Part>,
): number {
  const value = score.length === parts.length ? score[parts.indexOf(part)] : undefined;
  if (value === undefined) throw new Error(`the score of ${name} is not ${parts.join(', ')}`);
  return value;
}
