import type { DatabaseSync } from 'node:sqlite';
import { errorMessage } from '../model/error-message.ts';
import type { Seconds } from '../model/units.ts';
import { TIME_COLUMNS, tablesOf } from './export.ts';
import { STEPS } from './roll-up.ts';

export interface TableStats {
  readonly table: string;
  readonly rows: number;
  /** Size on disk, indexes included. */
  readonly bytes: number;
  readonly oldest: Seconds | null;
  readonly newest: Seconds | null;
}

export interface DatabaseStats {
  readonly bytes: number;
  /** The part of `bytes` that is free for new rows. */
  readonly freeBytes: number;
  readonly version: number;
  /** The time up to which each tier is written, by the seconds in its buckets. */
  readonly rolledUpTo: Readonly<Record<number, Seconds>>;
  readonly tables: readonly TableStats[];
}

/** Sizes, row counts and time ranges, the largest table first. Reads the whole file: seconds for a gigabyte. */
export function readStats(db: DatabaseSync): DatabaseStats {
  const sizes = new Map(
    db
      .prepare(`
        SELECT coalesce(m.tbl_name, s.name) AS name, sum(s.pgsize) AS bytes
        FROM dbstat AS s LEFT JOIN sqlite_schema AS m ON m.name = s.name WHERE s.aggregate = 1 GROUP BY 1`)
      .all()
      .map(({ name, bytes }) => [String(name), Number(bytes)]),
  );
  const tables = tablesOf(db).map((table): TableStats => {
    const time = TIME_COLUMNS.find((column) => columnsOf(db, table).includes(column));
    const range =
      time === undefined
        ? 'NULL AS oldest, NULL AS newest'
        : `min(${time}) AS oldest, max(${time}) AS newest`;
    const row = db.prepare(`SELECT count(*) AS rows, ${range} FROM ${table}`).get();
    return {
      table,
      rows: Number(row?.['rows']),
      bytes: sizes.get(table) ?? 0,
      oldest: row?.['oldest'] === null ? null : Number(row?.['oldest']),
      newest: row?.['newest'] === null ? null : Number(row?.['newest']),
    };
  });
  const pageSize = pragma(db, 'page_size');
  return {
    bytes: pageSize * pragma(db, 'page_count'),
    freeBytes: pageSize * pragma(db, 'freelist_count'),
    version: pragma(db, 'user_version'),
    rolledUpTo: Object.fromEntries(
      STEPS.map((step) => [
        step,
        Number(db.prepare('SELECT done FROM tier WHERE step = ?').get(step)?.['done']),
      ]),
    ),
    tables: tables.toSorted((a, b) => b.bytes - a.bytes),
  };
}

/** One thing that is wrong with the file. */
export type Damage =
  | { readonly code: 'sqlite'; readonly message: string }
  /** Rows of `table` refer to a row of `parent` that does not exist. */
  | {
      readonly code: 'missing-parent';
      readonly rows: number;
      readonly table: string;
      readonly parent: string;
    };

/** Everything that is wrong with the file; empty when it is sound. Reads the whole file. */
export function findDamage(db: DatabaseSync): Damage[] {
  try {
    const pages = db.prepare('PRAGMA integrity_check(20)').all();
    const orphans = db
      .prepare('SELECT "table", parent, count(*) AS n FROM pragma_foreign_key_check GROUP BY 1, 2')
      .all();
    return [
      ...pages
        .map((row) => String(row['integrity_check']))
        .filter((result) => result !== 'ok')
        .map((message): Damage => ({ code: 'sqlite', message })),
      ...orphans.map(
        ({ table, parent, n }): Damage => ({
          code: 'missing-parent',
          rows: Number(n),
          table: String(table),
          parent: String(parent),
        }),
      ),
    ];
  } catch (error) {
    // The file is too damaged to be checked.
    return [{ code: 'sqlite', message: errorMessage(error) }];
  }
}

const columnsOf = (db: DatabaseSync, table: string): string[] =>
  db
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map(({ name }) => String(name));

const pragma = (db: DatabaseSync, name: string): number => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
