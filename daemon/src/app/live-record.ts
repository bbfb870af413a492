import { chmodSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { Config } from '../model/config.ts';
import type { Decision } from '../model/decision.ts';
import { errorMessage } from '../model/error-message.ts';
import { closeCleanly, isDamage, openForWriting, setAside, waitAtMost } from '../record/database.ts';
import { type FileChange, OpenFile } from '../record/open-file.ts';
import { Store } from '../record/store.ts';
import { recorder } from './recorder.ts';

/** So long another program's writing holds the loop up; then the cycle waits to be written with a later one. */
const PATIENCE_MS = 100;
/** The journal is shortened to this after each checkpoint; while it is longer, a reader prevents them. */
const JOURNAL_BYTES = 64 * 1024 * 1024;

const HAPPENED: Readonly<Record<FileChange, string>> = {
  gone: 'was moved or deleted',
  replaced: 'was replaced by another file',
  cut: 'was cut off',
  'journal-gone': 'lost its journal (-wal)',
};

/**
 * The record of a running daemon. Where its file is damaged, moved, deleted, replaced or cut off, that is noticed at the
 * next cycle, and a new record begins. A damaged file is renamed to `….damaged-<time>`, as at a start.
 */
export class LiveRecord implements Disposable {
  readonly #rssKb: () => number;
  readonly #warn: (message: string) => void;
  /** Cycles that are not written yet. */
  readonly #waiting: Decision[] = [];
  #db!: DatabaseSync;
  #file!: OpenFile;
  #store!: Store;
  #write!: (decision: Decision) => void;
  #isOpen = false;
  #isJournalLong = false;
  #config: Config;

  constructor(config: Config, rssKb: () => number, warn: (message: string) => void) {
    this.#config = config;
    this.#rssKb = rssKb;
    this.#warn = warn;
    this.#open();
  }

  /** The open database. Read it before each use: another one may have taken its place. */
  get db(): DatabaseSync {
    return this.#db;
  }

  /** The configuration of the following cycles. */
  use(config: Config): void {
    this.#config = config;
    this.#store.use(config);
  }

  /** Writes a cycle, or keeps it for a later one. Never throws. */
  write(decision: Decision): void {
    const change = this.#isOpen ? this.#file.change() : null;
    if (change !== null) {
      this.#warn(
        `the database ${this.#config.database} ${HAPPENED[change]}; the record goes on in a new one`,
      );
      this.#close();
    }
    try {
      if (!this.#isOpen) this.#open((this.#waiting[0] ?? decision).snapshot.tick);
      this.#write(decision);
    } catch (error) {
      if (isDamage(error)) this.#beginAnew(decision);
      else this.#keep(decision, error);
    }
    if (this.#isOpen) this.#file.written();
    this.#watchJournal();
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    if (this.#file.change() === null) closeCleanly(this.#db);
    else this.#close();
  }

  #beginAnew(decision: Decision): void {
    try {
      this.#close();
      this.#open((this.#waiting[0] ?? decision).snapshot.tick);
      this.#write(decision);
    } catch (error) {
      this.#keep(decision, error);
    }
  }

  /** `tick`: a file that has this cycle or later ones is another host's or another time's; it is kept under another name. */
  #open(tick = Number.POSITIVE_INFINITY): void {
    const { database } = this.#config;
    this.#db = openForWriting(database, this.#warn);
    if (newestTick(this.#db) >= tick) {
      this.#db.close();
      this.#warn(
        `the database ${database} has later cycles than this one; it is kept as ${setAside(database, 'other')}`,
      );
      this.#db = openForWriting(database, this.#warn);
    }
    chmodSync(database, 0o640);
    waitAtMost(this.#db, PATIENCE_MS);
    this.#db.exec(`PRAGMA journal_size_limit = ${JOURNAL_BYTES}`);
    this.#file = new OpenFile(database);
    this.#store = new Store(this.#db, this.#config);
    this.#write = recorder(this.#db, this.#store, this.#config, this.#rssKb, this.#warn, this.#waiting);
    this.#isOpen = true;
  }

  #close(): void {
    this.#isOpen = false;
    try {
      this.#file.close(this.#db);
    } catch (error) {
      this.#warn(`the old database was not closed in order: ${errorMessage(error)}`);
    }
  }

  #keep(decision: Decision, error: unknown): void {
    if (this.#waiting.at(-1) !== decision) this.#waiting.push(decision);
    this.#warn(
      `cycle ${decision.snapshot.tick} was not recorded: no new database: ${errorMessage(error)}; ${this.#waiting.length} wait`,
    );
  }

  /** Says once that the journal grows: a checkpoint waits for every reader. */
  #watchJournal(): void {
    const { database } = this.#config;
    const bytes = statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    const isLong = bytes > 2 * JOURNAL_BYTES;
    if (isLong && !this.#isJournalLong)
      this.#warn(
        `the journal of ${database} has ${Math.round(bytes / 2 ** 20)} MiB and grows, since some program does not end its reading: fuser -v ${database}`,
      );
    this.#isJournalLong = isLong;
  }
}

const newestTick = (db: DatabaseSync): number =>
  Number(db.prepare('SELECT coalesce(max(tick), -1) AS tick FROM cycle').get()?.['tick']);
