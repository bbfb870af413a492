import { renameSync, rmSync, type Stats, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** What happened to an open database from outside. SQLite itself goes on writing to a file that has no name any more. */
export type FileChange = 'gone' | 'replaced' | 'cut' | 'journal-gone';

/** The files of an open database, as they were when it was opened. */
export class OpenFile {
  readonly #path: string;
  readonly #main: Stats | undefined;
  #journal: Stats | undefined;
  /** After the last write. */
  #size: number;

  constructor(path: string) {
    this.#path = path;
    this.#main = statOf(path);
    this.#size = this.#main?.size ?? 0;
    this.#journal = statOf(`${path}-wal`);
  }

  /** What happened to them since; null when nothing did. */
  change(): FileChange | null {
    const now = statOf(this.#path);
    if (now === undefined) return 'gone';
    if (!isSame(now, this.#main)) return 'replaced';
    // An empty file is not even opened: SQLite would delete its journal.
    if (now.size < this.#size && (now.size === 0 || !isSound(this.#path))) return 'cut';
    const journal = statOf(`${this.#path}-wal`);
    this.#journal ??= journal;
    return isSame(journal, this.#journal) ? null : 'journal-gone';
  }

  /** This connection has written: what it made of the file is no change from outside. */
  written(): void {
    this.#size = statOf(this.#path)?.size ?? 0;
  }

  /**
   * Closes the database whatever has happened to its files: what is in the journal goes into the file, wherever that is
   * now. The journal must not stay for the next file of this name, of which it would be no part; and a journal that came
   * with such a file stays.
   */
  close(db: DatabaseSync): void {
    const journal = `${this.#path}-wal`;
    const isOthers = !isSame(statOf(journal), this.#journal) && statOf(journal) !== undefined;
    const aside = `${journal}.kept`;
    if (isOthers) renameSync(journal, aside);
    try {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } finally {
      db.close();
      for (const file of [journal, `${this.#path}-shm`]) rmSync(file, { force: true });
      if (isOthers) renameSync(aside, journal);
    }
  }
}

/** By a connection of its own: the one that is open still has pages in memory that the file may have lost. */
function isSound(path: string): boolean {
  try {
    using db = new DatabaseSync(path, { readOnly: true });
    return db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] === 'ok';
  } catch {
    return false;
  }
}

const statOf = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

const isSame = (a: Stats | undefined, b: Stats | undefined): boolean =>
  a?.dev === b?.dev && a?.ino === b?.ino;
