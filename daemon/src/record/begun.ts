import type { DatabaseSync } from 'node:sqlite';
import type { Decision } from '../model/decision.ts';
import { statement, withoutWaiting } from './database.ts';
import { fromJson, pack, toJson, unpack } from './packed.ts';

/** A decision before it is carried out. */
export type Begun = Pick<Decision, 'snapshot' | 'verdicts' | 'plan' | 'before'>;

/**
 * Notes what is about to be done. Nobody is struck later for it: while another program holds the file it throws at once.
 * Of what was sensed and judged only what concerns those to be struck is kept.
 */
export function writeBegun(db: DatabaseSync, { snapshot, verdicts, plan, before }: Begun): void {
  const targets = new Set(
    plan.kind === 'act' ? plan.actions.map((a) => (a.kind === 'start' ? '' : a.id)) : [],
  );
  const begun: Begun = {
    snapshot: { ...snapshot, host: null, containers: [], processes: [], processCounts: null },
    verdicts: verdicts.filter(({ id }) => targets.has(id)),
    plan,
    before,
  };
  const body = pack(toJson(begun));
  withoutWaiting(db, () =>
    statement(db, 'INSERT OR REPLACE INTO begun (tick, body) VALUES (?, ?)').run(snapshot.tick, body),
  );
}

/** Within the transaction that records the cycle. */
export function forgetBegun(db: DatabaseSync, tick: number): void {
  statement(db, 'DELETE FROM begun WHERE tick <= ?').run(tick);
}

/** What was begun and never recorded, the oldest first. */
export function readBegun(db: DatabaseSync): Begun[] {
  return db
    .prepare('SELECT body FROM begun ORDER BY tick')
    .all()
    .map(({ body }) => fromJson(unpack(body)) as Begun);
}
