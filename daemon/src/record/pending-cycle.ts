import type { DatabaseSync } from 'node:sqlite';
import type { Decision } from '../model/decision.ts';
import { statement, withoutWaiting } from './database.ts';
import { fromJson, pack, toJson, unpack } from './packed.ts';

/** A decision before it is carried out. */
export type PendingCycle = Pick<Decision, 'snapshot' | 'classifications' | 'plan' | 'before'>;

/**
 * Notes what is about to be done. Nobody is struck later for it: while another program holds the file it throws at once.
 * Of what was sensed and judged only what concerns those to be struck is kept.
 */
export function writePendingCycle(
  db: DatabaseSync,
  { snapshot, classifications, plan, before }: PendingCycle,
): void {
  const targets = new Set(
    plan.kind === 'act' ? plan.actions.map((a) => (a.kind === 'start' ? '' : a.id)) : [],
  );
  const pending: PendingCycle = {
    snapshot: { ...snapshot, host: null, containers: [], processes: [], processCounts: null },
    classifications: classifications.filter(({ id }) => targets.has(id)),
    plan,
    before,
  };
  const body = pack(toJson(pending));
  withoutWaiting(db, () =>
    statement(db, 'INSERT OR REPLACE INTO begun (tick, body) VALUES (?, ?)').run(snapshot.tick, body),
  );
}

/** Within the transaction that records the cycle. */
export function deletePendingCycles(db: DatabaseSync, tick: number): void {
  statement(db, 'DELETE FROM begun WHERE tick <= ?').run(tick);
}

/** What was begun and never recorded, the oldest first. */
export function readPendingCycles(db: DatabaseSync): PendingCycle[] {
  return db
    .prepare('SELECT body FROM begun ORDER BY tick')
    .all()
    .map(({ body }) => fromJson(unpack(body)) as PendingCycle);
}
