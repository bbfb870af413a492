import type { Database, Row } from './queries.ts';

/** A recorded host and the containers that ran on it. Times are epoch seconds. */
export interface Observed {
  readonly host: Row | null;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Each with its mean resource use; null where it was never measured. */
  readonly containers: readonly Row[];
}

export function readObserved(db: Database): Observed {
  const span = db.prepare('SELECT min(at) AS first_at, max(at) AS last_at FROM cycle').get();
  return {
    host:
      db
        .prepare(`
          SELECT h.cpus, h.total_kb, avg(h.used_kb) - (
                   SELECT avg(rss) FROM (SELECT sum(rss_kb) AS rss FROM container_sample GROUP BY at)) AS system_kb
          FROM host_sample AS h GROUP BY h.cpus, h.total_kb ORDER BY count(*) DESC LIMIT 1`)
        .get() ?? null,
    firstAt: Number(span?.['first_at'] ?? 0),
    lastAt: Number(span?.['last_at'] ?? 0),
    containers: db
      .prepare(`
        SELECT c.name, c.image, c.managed, c.protected, c.first_seen, c.last_seen, c.removed_because_code,
               avg(s.cpu_percent) AS cpu_percent, avg(coalesce(s.memory_used_kb, s.rss_kb)) AS rss_kb,
               max(s.process_count) AS process_count
        FROM container AS c LEFT JOIN container_sample AS s ON s.container = c.key AND s.cpu_percent IS NOT NULL
        GROUP BY c.key ORDER BY c.key`)
      .all(),
  };
}
