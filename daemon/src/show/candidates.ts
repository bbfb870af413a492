import type { Reason } from '../model/reason.ts';
import { asReason } from '../record/reason-columns.ts';

/** A candidate of a cycle as the evidence keeps it. */
export interface RecordedCandidate {
  /** The first digits of the container's ID. */
  readonly id: string;
  readonly name: string;
  readonly level: string;
  /** Share of the host, 0 to 1; null in evidence of an older version. */
  readonly share: number | null;
  /** Why it was not selected; null when it was. */
  readonly excluded: Reason | null;
}

export interface Rank {
  readonly rank: number;
  readonly chosen: number;
  readonly candidates: number;
  readonly share: number | null;
  readonly next: Pick<RecordedCandidate, 'name' | 'share' | 'excluded'> | null;
}

/**
 * The container's place among the selected candidates of its class, and the next one; null when it was not selected.
 */
export function rankOf(candidates: readonly RecordedCandidate[], id: string): Rank | null {
  const own = findCandidate(candidates, id);
  if (own === undefined) return null;
  const selected = candidates.filter(({ level, excluded }) => level === own.level && excluded === null);
  const rank = selected.indexOf(own);
  if (rank < 0) return null;
  const next =
    selected[rank + 1] ??
    candidates.find(({ excluded }) => excluded?.code === 'one-at-a-time') ??
    candidates.find(({ level, excluded }) => level === own.level && excluded !== null);
  return {
    rank: rank + 1,
    chosen: selected.length,
    candidates: candidates.length,
    share: own.share,
    next: next === undefined ? null : { name: next.name, share: next.share, excluded: next.excluded },
  };
}

export const findCandidate = (
  candidates: readonly RecordedCandidate[],
  id: string,
): RecordedCandidate | undefined => candidates.find((candidate) => id.startsWith(candidate.id));

/** Reads `candidates` of a recorded action. Written by this program; an older version may have left out fields. */
export function parseCandidates(json: unknown): readonly RecordedCandidate[] {
  const list: unknown = JSON.parse(typeof json === 'string' ? json : '[]');
  if (!Array.isArray(list)) return [];
  return list.map((candidate) => ({
    id: String(candidate.id),
    name: String(candidate.name),
    level: String(candidate.level),
    share: typeof candidate.share === 'number' ? candidate.share : null,
    excluded: asReason(candidate.excluded),
  }));
}
