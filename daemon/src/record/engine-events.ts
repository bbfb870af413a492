import type { DatabaseSync } from 'node:sqlite';
import type { EngineEvent, OomEvidence, OurAct } from '../model/engine-event.ts';
import type { Reason } from '../model/reason.ts';
import type { ContainerId, Seconds } from '../model/units.ts';
import { boundedName } from './bounded.ts';
import { inTransaction, statement } from './database.ts';
import type { Because, Row } from './queries.ts';
import { reasonColumns, withReasons } from './reason-columns.ts';

export interface JudgedEvent {
  readonly event: EngineEvent;
  /** Of `die` and `oom`; null of others. */
  readonly because: Reason | null;
  readonly evidence: OomEvidence | null;
}

/** Some 5 MB: a host whose containers restart all day does not fill the record with that. */
const MOST_ROWS = 20_000;

/** Writes events in one transaction of their own; what is recorded already stays as it is. */
export function saveEngineEvents(db: DatabaseSync, judged: readonly JudgedEvent[]): void {
  const insert = statement(
    db,
    `INSERT OR IGNORE INTO engine_event (at, moment, kind, container_id, name, image, exit_code, signal, health,
                                         because, because_es, because_code, evidence)
     VALUES (:at, :moment, :kind, :container_id, :name, :image, :exit_code, :signal, :health,
             :because, :because_es, :because_code, :evidence)`,
  );
  inTransaction(db, () => {
    for (const { event, because, evidence } of judged) {
      insert.run({
        ...{ at: Math.floor(event.at / 1000), moment: event.moment, kind: event.kind },
        ...{ container_id: event.id, name: boundedName(event.name), image: boundedName(event.image) },
        ...{ exit_code: event.exitCode, signal: event.signal, health: event.health },
        ...reasonColumns('because', because),
        evidence: evidence && JSON.stringify(evidence),
      });
    }
    statement(db, 'DELETE FROM engine_event WHERE id <= (SELECT max(id) FROM engine_event) - ?').run(
      MOST_ROWS,
    );
  });
}

/** The newest time in the record, so that nothing is missed after it; null in a new record. */
export function newestRecorded(db: DatabaseSync): Seconds | null {
  const at = db
    .prepare('SELECT coalesce((SELECT max(at) FROM engine_event), (SELECT max(at) FROM cycle)) AS at')
    .get()?.['at'];
  return typeof at === 'number' ? at : null;
}

export interface EngineEventFilter {
  readonly limit: number;
  /** Part of a container's name, or the beginning of its ID. */
  readonly container?: string;
  readonly sinceSeconds?: Seconds;
  readonly kinds?: readonly string[];
}

/** Events, the newest first, each with its reason: for `die` and `oom` the verdict. */
export function readEngineEvents(
  db: DatabaseSync,
  { limit, container = '', sinceSeconds = 0, kinds = [] }: EngineEventFilter,
): Because[] {
  return db
    .prepare(`
      SELECT id, at, kind, container_id, name, image, exit_code, signal, health, because, because_code, evidence
      FROM engine_event
      WHERE at >= :since AND (:kinds = '[]' OR kind IN (SELECT value FROM json_each(:kinds)))
        AND (:container = '' OR instr(name, :container) > 0
             OR substr(container_id, 1, length(:container)) = :container)
      ORDER BY at DESC, id DESC LIMIT :limit`)
    .all({ since: sinceSeconds, container, limit, kinds: JSON.stringify(kinds) })
    .map((row) => {
      const read = withReasons(row, 'because');
      return Object.assign(read, { because: read.because ?? reasonOf(row) });
    });
}

/** Our actions since then that end a container, as they are recorded. */
export function readOurActs(
  db: DatabaseSync,
  sinceSeconds: Seconds,
): (OurAct & { readonly id: ContainerId })[] {
  return db
    .prepare(`
      SELECT container_id, kind, tick, at FROM action
      WHERE at >= ? AND result <> 'skipped' AND container_id IS NOT NULL
        AND kind IN ('remove', 'restart', 'stop', 'kill')`)
    .all(sinceSeconds)
    .map((row) => ({
      id: String(row['container_id']),
      kind: String(row['kind']),
      tick: Number(row['tick']),
      at: 1000 * Number(row['at']),
    }));
}

function reasonOf(row: Row): Reason {
  switch (row['kind']) {
    case 'start':
      return { code: 'container-started' };
    case 'kill':
      return { code: 'signal-sent', signal: row['signal'] === null ? null : Number(row['signal']) };
    case 'stop':
      return { code: 'stopped-through-engine' };
    default:
      return { code: 'health-turned', health: String(row['health'] ?? '') };
  }
}

/** The newest event's `id`; 0 without any. */
export const lastEngineEvent = (db: DatabaseSync): number =>
  Number(db.prepare('SELECT max(id) AS id FROM engine_event').get()?.['id'] ?? 0);

/** What the kernel's OOM killer ended after event `id`, the oldest first, each with its reason and its container's kind. */
export function readOomAfter(db: DatabaseSync, id: number, limit: number): Because[] {
  return db
    .prepare(`
      SELECT e.id, e.at, e.name, c.kind, c.kind AS container_kind, e.because, e.because_code
      FROM engine_event AS e LEFT JOIN container AS c ON c.id = e.container_id
      WHERE e.id > ? AND (e.kind = 'die' AND instr(e.because_code, '"code":"oom-') > 0
                          OR e.kind = 'oom' AND instr(e.because_code, '"died":false') > 0)
      ORDER BY e.id LIMIT ?`)
    .all(id, limit)
    .map((row) => withReasons(row, 'because'));
}
