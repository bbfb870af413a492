import { accessSync, constants, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { MIGRATIONS } from '../layout/paths.ts';
import { errorMessage } from '../model/error-message.ts';
import { TerminalError } from '../words/terminal-error.ts';

/** The file belongs to a newer version, or cannot be used; the message says what to do. */
export class DatabaseError extends TerminalError {
  override readonly name = 'DatabaseError';
}

/**
 * Opens or creates the database for its only writer and migrates it to the newest version. A damaged file is renamed,
 * never deleted, and reported to `onDamage`; a file from a newer version is refused.
 */
export function openForWriting(path: string, onDamage: (message: string) => void): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  try {
    return openChecked(path);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = setAside(path, 'damaged');
    onDamage(`the database was damaged (${error.message}); it is kept as ${aside} and a new one was begun`);
    return openChecked(path);
  }
}

/** Renames a database that is not open here, and returns its new name. */
export function setAside(path: string, why: 'damaged' | 'other' | 'before-restore'): string {
  const aside = `${path}.${why}-${new Date().toISOString().replaceAll(':', '-')}`;
  for (const suffix of ['', '-wal', '-shm']) renameIfThere(path + suffix, aside + suffix);
  return aside;
}

/**
 * Opens the database read-only, as the commands and the page do. Its statements wait for a busy writer. A file of an
 * older version lacks columns that today's queries name: it is refused unless `anyVersion` is set.
 */
export function openForReading(path: string, { anyVersion = false } = {}): DatabaseSync {
  try {
    const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    db.prepare('SELECT 1 FROM cycle LIMIT 1').all();
    const version = versionOf(db);
    if (anyVersion || version >= migrations().length) return db;
    db.close();
    throw new DatabaseError(({ database }) => database.olderVersion(path, version));
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    const problem = explain(error, path);
    throw new DatabaseError(({ database }) => database[problem](path, errorMessage(error)), { cause: error });
  }
}

/** SQLite reports a file without read permission as it does a missing one. */
function explain(error: unknown, path: string): 'damaged' | 'noPermission' | 'cannotOpen' {
  if (isDamage(error)) return 'damaged';
  try {
    accessSync(path, constants.R_OK);
  } catch (refused) {
    if (refused instanceof Error && 'code' in refused && refused.code === 'EACCES') return 'noPermission';
  }
  return 'cannotOpen';
}

/**
 * Closes the database as one plain file without a WAL, since a reader without write permission on the directory can
 * open only that. Waits for present readers; if one stays connected, the file keeps its WAL and is still complete.
 */
export function closeCleanly(db: DatabaseSync): void {
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const until = performance.now() + READER_PATIENCE_MS;
  while (!leaveWal(db) && performance.now() < until) waitMs(READER_PAUSE_MS);
  db.close();
}

const READER_PATIENCE_MS = 5000;
const READER_PAUSE_MS = 50;

function leaveWal(db: DatabaseSync): boolean {
  try {
    db.exec('PRAGMA journal_mode = DELETE');
    return true;
  } catch (error) {
    if (codeOf(error) === SQLITE_BUSY) return false;
    throw error;
  }
}

/** Blocks the thread: at shutdown it has nothing else to do. */
function waitMs(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const prepared = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/** The prepared statement, compiled once per open file, for queries that run every cycle. */
export function statement(db: DatabaseSync, sql: string): StatementSync {
  const known = prepared.get(db) ?? new Map<string, StatementSync>();
  prepared.set(db, known);
  const found = known.get(sql) ?? db.prepare(sql);
  known.set(sql, found);
  return found;
}

/** Runs `work` in a transaction, or as a part of the present one. Rolls back and rethrows when it throws. */
export function inTransaction(db: DatabaseSync, work: () => void): void {
  if (db.isTransaction) {
    work();
    return;
  }
  db.exec('BEGIN IMMEDIATE');
  try {
    work();
    db.exec('COMMIT');
  } catch (error) {
    // SQLite itself rolls back when the disk is full.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** How long a statement waits for another program that writes. */
const PATIENCE_MS = 5000;

/** How long the statements of this connection wait for another program that writes. */
export function waitAtMost(db: DatabaseSync, ms: number): void {
  db.exec(`PRAGMA busy_timeout = ${ms}`);
}

/** Runs `work`; where it would have to wait for another writer, it throws at once. */
export function withoutWaiting(db: DatabaseSync, work: () => void): void {
  const before = Number(db.prepare('PRAGMA busy_timeout').get()?.['timeout']);
  waitAtMost(db, 0);
  try {
    work();
  } finally {
    waitAtMost(db, before);
  }
}

/** Applies the migrations that the file lacks, each in a transaction. `user_version` counts them. */
/** The migrations' file names, in their order. The database's version is the number of those it has. */
const migrations = (): string[] =>
  readdirSync(MIGRATIONS)
    .filter((name) => /^\d{3}-.*\.sql$/.test(name))
    .sort();

const versionOf = (db: DatabaseSync): number =>
  Number(db.prepare('PRAGMA user_version').get()?.['user_version']);

export function migrate(db: DatabaseSync): void {
  const files = migrations();
  const version = versionOf(db);
  if (version > files.length) {
    throw new DatabaseError(({ database }) => database.newerVersion(version, files.length));
  }
  for (const [i, file] of files.entries()) {
    if (i < version) continue;
    inTransaction(db, () => {
      db.exec(readFileSync(join(MIGRATIONS, file), 'utf8'));
      db.exec(`PRAGMA user_version = ${i + 1}`);
    });
  }
}

function openChecked(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: PATIENCE_MS });
  try {
    // Applies only to a new file. It lets retention return free pages to the disk in small steps.
    db.exec('PRAGMA auto_vacuum = INCREMENTAL');
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
    const result = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (result !== 'ok') throw Object.assign(new Error(String(result)), { errcode: SQLITE_CORRUPT });
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** Whether SQLite reports that the file is not an intact database. */
export function isDamage(error: unknown): error is Error {
  const code = codeOf(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

function codeOf(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // -wal and -shm may not exist.
  }
}
