import type { DatabaseSync } from 'node:sqlite';
import type { Config } from '../model/config.ts';
import { inTransaction } from './database.ts';

const DAY_SECONDS = 86_400;

/** Deletes what is older than the configuration keeps. Cheap when there is nothing: every table has an index on its time. */
export function prune(db: DatabaseSync, retention: Config['retention'], nowSeconds: number): void {
  const before = (days: number): number => nowSeconds - days * DAY_SECONDS;
  inTransaction(db, () => {
    for (const table of ['host_sample', 'container_sample', 'process_sample', 'process_count']) {
      db.prepare(`DELETE FROM ${table} WHERE at < ?`).run(before(retention.samplesDays));
    }
    db.prepare('DELETE FROM container WHERE last_seen < ?').run(before(retention.lifetimesDays));
    db.prepare('DELETE FROM cycle WHERE at < ?').run(before(retention.decisionsDays));
    db.prepare('DELETE FROM observation WHERE at < ?').run(before(retention.lifetimesDays));
    db.prepare('DELETE FROM fault WHERE at < ?').run(before(retention.decisionsDays));
  });
}
