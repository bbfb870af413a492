import { chmodSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { Config } from '../model/config.ts';
import type { Decision } from '../model/decision.ts';
import { closeCleanly, isDamage, openForWriting } from '../record/database.ts';
import { Store } from '../record/store.ts';
import { recorder } from './recorder.ts';

/**
 * The record of a running daemon. A damaged file is renamed to `….damaged-<time>`, as at a start, and a new one created.
 */
export class LiveRecord implements Disposable {
  readonly #open: () => void;
  #db!: DatabaseSync;
  #write!: (decision: Decision) => void;

  #store!: Store;
  #config: Config;

  constructor(config: Config, rssKb: () => number, warn: (message: string) => void) {
    this.#config = config;
    this.#open = () => {
      this.#db = openForWriting(config.database, warn);
      chmodSync(config.database, 0o640);
      this.#store = new Store(this.#db, this.#config);
      this.#write = recorder(this.#db, this.#store, config, rssKb, warn);
    };
    this.#open();
  }

  /** The open database. Read it before each use: after damage, a new file replaces it. */
  get db(): DatabaseSync {
    return this.#db;
  }

  /** The configuration of the following cycles. */
  use(config: Config): void {
    this.#config = config;
    this.#store.use(config);
  }

  /**
   * Writes a cycle. Throws when the file is damaged and no new one can be created: then the caller must end the daemon.
   */
  write(decision: Decision): void {
    try {
      this.#write(decision);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#db.close();
      this.#open();
      this.#write(decision);
    }
  }

  [Symbol.dispose](): void {
    closeCleanly(this.#db);
  }
}
