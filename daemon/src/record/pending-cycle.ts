import type { DatabaseSync } from 'node:sqlite';
import type { Decision } from '../model/decision.ts';
import { statement, withoutWaiting } from './database.ts';
import { fromJson, pack, toJson, unpack } from './packed.ts';
import { upgradeRecorded } from './upgrade-recorded.ts';

/** A cycle whose plan is about to be carried out. */
export type PendingCycle = Pick<Decision, 'snapshot' | 'classifications' | 'plan' | 'before'>;

/**
 * Notes a plan before it is carried out. Throws at once while another program holds the file, so that no action waits
 * for it. Of the snapshot and the classifications only what concerns the targets is kept.
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
    statement(db, 'INSERT OR REPLACE INTO pending_cycle (tick, body) VALUES (?, ?)').run(snapshot.tick, body),
  );
}

/** To be called within the transaction that records the cycle. */
export function deletePendingCycles(db: DatabaseSync, tick: number): void {
  statement(db, 'DELETE FROM pending_cycle WHERE tick <= ?').run(tick);
}

/** Plans that were noted and never recorded, the oldest first. */
export function readPendingCycles(db: DatabaseSync): PendingCycle[] {
  return db
    .prepare('SELECT body FROM pending_cycle ORDER BY tick')
    .all()
    .map(({ body }) => upgraded(fromJson(unpack(body))));
}

/** A daemon of version 0.1.0 may have left it. */
const upgraded = (body: unknown): PendingCycle =>
  (typeof body === 'object' && body !== null && 'verdicts' in body
    ? upgradeRecorded(body)
    : body) as PendingCycle;
