import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Candidate, Outcome } from '../model/decision.ts';
import type { Reason } from '../model/reason.ts';
import { fromJson, unpack } from './packed.ts';
import { asReason } from './reason-columns.ts';

type Row = Record<string, SQLOutputValue>;
/** A row of `action` with its reasons as data. */
type ActionRow = Row & { readonly because: Reason; readonly detail: Reason };

/** The candidates of a cycle that acted, and the outcomes of its actions. */
interface Evidence {
  readonly candidates: readonly Candidate[];
  readonly outcomes: readonly Outcome[];
}

/** Length of a stored ID, as the engine's own tools show it. */
const ID_DIGITS = 12;
const shorten = (id: string): string => id.slice(0, ID_DIGITS);
/** Shares keep four digits, since more would take up half of the space; dates stay as they are. */
const round = (score: number): number => (Math.abs(score) < 1 ? Number(score.toPrecision(4)) : score);

/** The evidence as it is kept for months, with shortened IDs and shares: half of the bytes. */
export function evidenceOf(candidates: readonly Candidate[], outcomes: readonly Outcome[]): Evidence {
  return {
    candidates: candidates.map((candidate) => ({
      ...candidate,
      id: shorten(candidate.id),
      score: candidate.score.map(round),
      share: round(candidate.share),
    })),
    outcomes: outcomes.map(({ action, id, tookMs, ...rest }) => ({
      ...rest,
      action: action.kind === 'start' ? action : { ...action, id: shorten(action.id) },
      id: id === null ? null : shorten(id),
      tookMs: Math.round(10 * tookMs) / 10,
    })),
  };
}

/** The candidates of a cycle as JSON; `[]` where there were none, or they are no longer kept. */
export function candidatesOf(db: DatabaseSync, tick: SQLOutputValue): string {
  const found = db
    .prepare(
      'SELECT y.candidates, e.body FROM cycle AS y LEFT JOIN evidence AS e ON e.tick = y.tick WHERE y.tick = ?',
    )
    .get(tick);
  if (found?.['body'] instanceof Uint8Array) return JSON.stringify(evidence(found['body']).candidates);
  return typeof found?.['candidates'] === 'string' ? found['candidates'] : '[]';
}

/** The newest of the last 200 cycles with candidates that has this container among them. */
export function newestCycleConsidering(db: DatabaseSync, id: string): Row | null {
  const cycles = db.prepare(`
    SELECT y.tick, y.at, y.candidates, e.body FROM cycle AS y LEFT JOIN evidence AS e ON e.tick = y.tick
    WHERE e.body IS NOT NULL OR y.candidates <> '[]' ORDER BY y.tick DESC LIMIT 200`);
  for (const { body, ...cycle } of cycles.iterate()) {
    const candidates =
      body instanceof Uint8Array ? JSON.stringify(evidence(body).candidates) : String(cycle['candidates']);
    if (candidates.includes(shorten(id))) return { ...cycle, candidates };
  }
  return null;
}

/** Actions that have no rows of their own any more, from the evidence, the newest first, each with its candidates. */
export function olderActions(
  db: DatabaseSync,
  wanted: { readonly sinceSeconds: number; readonly container: string; readonly limit: number },
): ActionRow[] {
  const { sinceSeconds, container, limit } = wanted;
  // For a named container its life says when it was removed, so that only that evidence is unpacked.
  const named = `AND y.at IN (SELECT removed_at FROM life
    WHERE instr(name, :container) > 0 OR substr(id, 1, length(:short)) = :short)`;
  const cycles = db.prepare(`
    SELECT y.tick, y.at, e.body FROM evidence AS e JOIN cycle AS y ON y.tick = e.tick
    WHERE y.tick < (SELECT coalesce(min(tick), 9e15) FROM action) AND y.at >= :since ${container === '' ? '' : named}
    ORDER BY y.tick DESC`);
  const rows: ActionRow[] = [];
  const names = container === '' ? {} : { container, short: shorten(container) };
  for (const cycle of cycles.iterate({ since: sinceSeconds, ...names })) {
    for (const row of actionsIn(cycle).reverse()) {
      const isWanted =
        String(row['name']).includes(container) || String(row['container_id']).startsWith(shorten(container));
      if (isWanted && rows.length < limit) rows.push(row);
    }
    if (rows.length >= limit) break;
  }
  return rows;
}

/** Actions on a container that has only a row in `life` left; its removal time says which cycle's evidence to read. */
export function olderActionsOn(db: DatabaseSync, life: Row): ActionRow[] {
  const cycles = db
    .prepare(
      'SELECT y.tick, y.at, e.body FROM cycle AS y JOIN evidence AS e ON e.tick = y.tick WHERE y.at = ?',
    )
    .all(life['removed_at'] ?? null);
  return cycles.flatMap(actionsIn).filter((row) => row['container_id'] === shorten(String(life['id'])));
}

/** The actions of a cycle in the form of `action` rows. */
function actionsIn({ tick = null, at = null, body }: Row): ActionRow[] {
  const { candidates, outcomes } = evidence(body);
  return outcomes.map(({ action, id, result, detail, tookMs }) => {
    const row: Row = {
      id: null,
      tick,
      at,
      kind: action.kind,
      level: action.level,
      result,
      name: action.kind === 'start' ? action.image : action.name,
      container_id: id,
      took_ms: tookMs,
      candidates: JSON.stringify(candidates),
    };
    const reasons = {
      because: asReason(action.because) ?? UNREADABLE,
      detail: asReason(detail) ?? UNREADABLE,
    };
    return Object.assign(row, reasons);
  });
}

const UNREADABLE: Reason = { code: 'recorded-text', text: '?' };

/** Parses a body without checks, since this program wrote it. */
function evidence(body: unknown): Evidence {
  return fromJson(unpack(body)) as Evidence;
}
