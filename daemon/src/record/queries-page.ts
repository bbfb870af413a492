import { statSync } from 'node:fs';
import type { Database, Row, Value } from './queries.ts';

/** Rows as arrays, in the order of the columns. */
export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

/** Runs a statement; `:name` parameters are bound and never become part of the text. */
export function readRows(db: Database, sql: string, parameters: Record<string, string> = {}): Rows {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  return {
    columns: statement.columns().map(({ name }) => name),
    rows: statement.all(parameters) as unknown as Value[][],
  };
}

export interface Processes {
  /** Epoch seconds; null before the first cycle. */
  readonly at: Value;
  readonly total: Value;
  readonly states: readonly Row[];
  readonly processes: readonly Row[];
}

/** The largest processes of the newest cycle, and how many processes are in each state. */
export function readProcesses(db: Database): Processes {
  const at = db.prepare('SELECT max(at) AS at FROM cycle').get()?.['at'] ?? null;
  if (at === null) return { at, total: null, states: [], processes: [] };
  return {
    at,
    total:
      db.prepare('SELECT process_total FROM host_sample WHERE at = ?').get(at)?.['process_total'] ?? null,
    states: db.prepare('SELECT state, count FROM process_count WHERE at = ? ORDER BY count DESC').all(at),
    processes: db
      .prepare(`${PROCESSES} WHERE p.at = ? ORDER BY p.cpu_percent DESC, p.rss_kb DESC, p.pid`)
      .all(at),
  };
}

/** The processes of one container that are among the largest of the host. */
export function readProcessesOf(db: Database, id: string): Row[] {
  return db
    .prepare(
      `${PROCESSES} WHERE p.at = (SELECT max(at) FROM cycle) AND p.container_id = ? ORDER BY p.rss_kb DESC, p.pid`,
    )
    .all(id);
}

const PROCESSES = `
  SELECT p.pid, p.name, p.cmdline, p.state, p.uid, p.cpu_percent, p.vsz_kb, p.rss_kb, p.mem_percent, p.io_read_bytes,
         p.io_write_bytes, p.container_id, c.name AS container
  FROM process_sample AS p LEFT JOIN container AS c ON c.id = p.container_id`;

/** The newest cycle's number and time; null before the first. */
export function readNewest(db: Database): Row | null {
  return db.prepare('SELECT tick, at FROM cycle ORDER BY tick DESC LIMIT 1').get() ?? null;
}

/**
 * A text that differs after every commit. `PRAGMA data_version` would need a connection that stays open, and with one
 * the daemon cannot leave a plain file when it stops.
 */
export function changeMark(database: string): string {
  return [database, `${database}-wal`]
    .map((file) => statSync(file, { throwIfNoEntry: false }))
    .map((stat) => (stat === undefined ? '-' : `${stat.ino}/${stat.size}/${stat.mtimeMs}`))
    .join(' ');
}
