import { DatabaseSync } from 'node:sqlite';
import { migrate } from './database.ts';

/** The names of the columns that a query over the record has, by an empty record. */
export function columnsOf(sql: string): string[] {
  using db = new DatabaseSync(':memory:');
  migrate(db);
  return db
    .prepare(sql)
    .columns()
    .map(({ name }) => name);
}
