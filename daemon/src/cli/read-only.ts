import { existsSync } from 'node:fs';
import type { Config } from '../model/config.ts';
import { openForReading } from '../record/database.ts';
import type { Database } from '../record/queries.ts';

/** What a query of the record gives; null while there is no record. */
export function readOnly<T>({ database }: Pick<Config, 'database'>, query: (db: Database) => T): T | null {
  if (!existsSync(database)) return null;
  const db = openForReading(database);
  try {
    return query(db);
  } finally {
    db.close();
  }
}
