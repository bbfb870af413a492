import type { DatabaseSync } from 'node:sqlite';
import type { Reason } from '../model/reason.ts';
import { COUNTS_FOR_QUOTAS } from './kinds.ts';
import type { Row } from './queries.ts';
import { withReasons } from './reason-columns.ts';

/** The newest cycle and the totals since the database was created: a few rows, whatever the size of the host. */
export interface Metrics {
  readonly cycle: (Row & { readonly because: Reason | null }) | null;
  readonly host: Row | null;
  /** The file systems of the engine and of the record. */
  readonly disks: readonly Row[];
  /** Disposable containers by class: `level`, `rss_kb`, `cpu_percent`. */
  readonly classes: readonly Row[];
  /** Running containers by kind: `kind`, `count`. */
  readonly kinds: readonly Row[];
  /** Containers whose last three removals, in the last ten minutes, all failed. */
  readonly setAside: number;
  /** `kind`, `result`, `value`. */
  readonly totals: readonly Row[];
  /** How many sensors the newest cycle could not read, so that it held. */
  readonly blindSensors: number;
  readonly databaseBytes: number;
}

const SET_ASIDE = `
  WITH tried AS (
    SELECT container_id, result, row_number() OVER (PARTITION BY container_id ORDER BY id DESC) AS nth
    FROM action WHERE kind = 'remove' AND result <> 'skipped' AND at > :at - 600
  )
  SELECT count(*) AS count FROM (
    SELECT 1 FROM tried WHERE nth <= 3 GROUP BY container_id HAVING count(*) = 3 AND min(result = 'failed') = 1
  )`;

export function readMetrics(db: DatabaseSync): Metrics {
  const cycle = db.prepare('SELECT * FROM cycle ORDER BY tick DESC LIMIT 1').get() ?? null;
  const at = cycle?.['at'] ?? null;
  const size = db
    .prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')
    .get();
  const blind = db
    .prepare('SELECT count(DISTINCT sensor) AS sensors FROM fault WHERE tick = ? AND blind = 1 AND at = ?')
    .get(cycle?.['tick'] ?? null, at);
  return {
    cycle: cycle && withReasons(cycle, 'because'),
    host: db.prepare('SELECT * FROM host_sample WHERE at = ?').get(at) ?? null,
    disks: db.prepare('SELECT * FROM disk_sample WHERE at = ? ORDER BY holds').all(at),
    classes: db
      .prepare(`
        SELECT s.level, sum(s.rss_kb) AS rss_kb, total(s.cpu_percent) AS cpu_percent
        FROM container_sample AS s JOIN container AS c ON c.key = s.container
        WHERE s.at = ? AND ${COUNTS_FOR_QUOTAS} GROUP BY s.level`)
      .all(at),
    kinds: db
      .prepare(`
        SELECT coalesce(c.kind, CASE WHEN c.protected THEN 'protected' WHEN c.managed THEN 'disposable' ELSE 'foreign' END)
                 AS kind, count(*) AS count
        FROM container_sample AS s JOIN container AS c ON c.key = s.container WHERE s.at = ? GROUP BY 1`)
      .all(at),
    setAside: Number(db.prepare(SET_ASIDE).get({ at })?.['count']),
    totals: db.prepare('SELECT kind, result, value FROM total ORDER BY kind, result').all(),
    blindSensors: Number(blind?.['sensors']),
    databaseBytes: Number(size?.['bytes']),
  };
}
