import type { Reason } from '../model/reason.ts';
import { candidatesOf } from './evidence.ts';
import type { Database, Row } from './queries.ts';
import { withReasons } from './reason-columns.ts';

/** Cycles after this one, the oldest first, each with its actions (`candidates`: JSON) and faults. */
export function readCyclesAfter(db: Database, tick: number, limit: number) {
  const cycles = db
    .prepare(`SELECT tick, at, because, because_code, low_after, high_after, low_keep, high_keep
              FROM cycle WHERE tick > ? ORDER BY tick LIMIT ?`)
    .all(tick, limit);
  const actions = db.prepare(`
    SELECT a.kind, coalesce(c.name, a.name) AS name, a.container_id, c.kind AS container_kind, a.result,
           a.because, a.because_code, a.detail, a.detail_code
    FROM action AS a LEFT JOIN container AS c ON c.id = a.container_id
    WHERE a.at = :at AND a.tick = :tick ORDER BY a.id LIMIT 500`);
  const faults = db.prepare(
    'SELECT sensor, message, message_code, blind FROM fault WHERE at = :at AND tick = :tick ORDER BY id LIMIT 500',
  );
  return cycles.map((row) => {
    const key = { at: row['at'] ?? null, tick: row['tick'] ?? null };
    const done = actions.all(key);
    return {
      cycle: withReasons(row, 'because') as Row & { readonly because: Reason | null },
      actions: done.map((action) => withReasons(action, 'because', 'detail')),
      candidates: done.length > 0 ? candidatesOf(db, key.tick) : '[]',
      faults: faults.all(key).map((fault) => withReasons(fault, 'message')),
    };
  });
}

/** The newest cycle up to that time; 0 when there is none. */
export const tickUntil = (db: Database, at: number): number =>
  Number(db.prepare('SELECT max(tick) AS tick FROM cycle WHERE at <= ?').get(at)?.['tick'] ?? 0);
