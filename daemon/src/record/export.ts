import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Seconds } from '../model/units.ts';
import { DatabaseError } from './database.ts';

/** Columns that can hold a row's time; a range applies to the first one that the table has. */
export const TIME_COLUMNS = ['at', 'last_seen', 'day'];

export interface Wanted {
  /** The name of a table or view, or an SQL query. */
  readonly what: string;
  readonly since: Seconds | null;
  readonly until: Seconds | null;
}

export type Format = 'csv' | 'json';

export const tablesOf = (db: DatabaseSync): string[] =>
  db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all()
    .map(({ name }) => String(name));

/**
 * The rows as text, streamed: CSV as in RFC 4180, or a JSON array of objects. Integers beyond 2^53 keep their digits
 * (in JSON as strings), bytes become base64, times stay epoch seconds.
 */
export function* exportRows(
  db: DatabaseSync,
  { what, since, until }: Wanted,
  format: Format,
): Generator<string> {
  const statement = db.prepare(sqlFor(db, what, since !== null || until !== null));
  statement.setReadBigInts(true);
  const columns = statement.columns().map(({ name }) => name);
  if (format === 'csv') yield `${columns.map(csv).join(',')}\r\n`;
  else yield '[';
  let isFirst = true;
  const range =
    since === null && until === null ? {} : { since: since ?? 0, until: until ?? Number.MAX_SAFE_INTEGER };
  for (const row of statement.iterate(range)) {
    if (format === 'csv') yield `${columns.map((column) => csv(plain(row[column]))).join(',')}\r\n`;
    else {
      const values = columns.map((column) => [column, plain(row[column])]);
      yield `${isFirst ? '\n' : ',\n'}${JSON.stringify(Object.fromEntries(values))}`;
    }
    isFirst = false;
  }
  if (format === 'json') yield '\n]\n';
}

/** A text with white space in it is a query, and is run as it is: the file is open read-only. */
function sqlFor(db: DatabaseSync, what: string, hasRange: boolean): string {
  if (/\s/.test(what.trim())) {
    if (hasRange) throw new DatabaseError(({ database }) => database.queryHasRange);
    return what;
  }
  const found = db
    .prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ?")
    .get(what);
  if (found === undefined)
    throw new DatabaseError(({ database }) => database.noTable(what, [...tablesOf(db), 'life'].join(', ')));
  if (!hasRange) return `SELECT * FROM ${what}`;
  const columns = db
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all(what)
    .map(({ name }) => String(name));
  const time = TIME_COLUMNS.find((column) => columns.includes(column));
  if (time === undefined) throw new DatabaseError(({ database }) => database.noTime(what));
  return `SELECT * FROM ${what} WHERE ${time} BETWEEN :since AND :until ORDER BY ${time}`;
}

type Plain = string | number | null;

function plain(value: SQLOutputValue | undefined): Plain {
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value !== 'bigint') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

function csv(value: Plain): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
