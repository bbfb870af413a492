import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './database.ts';

/** A message that waits for its channel. */
export interface Waiting {
  readonly id: number;
  readonly at: number;
  /** JSON. */
  readonly message: string;
}

/** How many messages of a channel may wait; the oldest is given up for one more. */
const MOST_WAITING = 1000;
const KEPT_SECONDS = 7 * 86_400;

/** The notifier's own file: how far it has read, what it has told, and what waits to be sent. */
export class Outbox {
  readonly #db: DatabaseSync;
  readonly #lock: DatabaseSync;

  /** Throws when another notifier uses the file. */
  constructor(file: string) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
    // Held until this process ends, however it ends.
    this.#lock = new DatabaseSync(`${file}.lock`);
    try {
      this.#lock.exec('BEGIN EXCLUSIVE');
    } catch {
      throw new Error(`another "vigia notify run" uses ${file}`);
    }
    this.#db = new DatabaseSync(file);
    this.#db.exec(`
      CREATE TABLE IF NOT EXISTS position (one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS told (channel TEXT, key TEXT, at INTEGER NOT NULL, PRIMARY KEY (channel, key)) STRICT;
      CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, at INTEGER NOT NULL,
        not_before INTEGER NOT NULL, message TEXT NOT NULL, ended_at INTEGER, result TEXT) STRICT;
      CREATE INDEX IF NOT EXISTS waiting ON outbox (channel, id) WHERE ended_at IS NULL;`);
  }

  /** What `move` stored last; null at the first start. */
  position(): string | null {
    return (this.#db.prepare('SELECT body FROM position').get()?.['body'] as string | undefined) ?? null;
  }

  toldAt(channel: string, key: string): number | null {
    const at = this.#db.prepare('SELECT at FROM told WHERE channel = ? AND key = ?').get(channel, key)?.[
      'at'
    ];
    return at === undefined ? null : Number(at);
  }

  /** Stores the new position and adds its messages: both or neither. */
  move(
    body: string,
    added: readonly { channel: string; at: number; notBefore: number; message: string; keys: string[] }[],
    now: number,
  ): void {
    inTransaction(this.#db, () => {
      this.#db.prepare('INSERT OR REPLACE INTO position VALUES (1, ?)').run(body);
      for (const { channel, at, notBefore, message, keys } of added) {
        this.#db
          .prepare('INSERT INTO outbox (channel, at, not_before, message) VALUES (?, ?, ?, ?)')
          .run(channel, at, notBefore, message);
        for (const key of keys)
          this.#db.prepare('INSERT OR REPLACE INTO told VALUES (?, ?, ?)').run(channel, key, at);
        this.#db
          .prepare(`UPDATE outbox SET ended_at = ?, result = 'given up: too many wait' WHERE ended_at IS NULL AND channel = ?
                    AND id <= (SELECT id FROM outbox WHERE ended_at IS NULL AND channel = ? ORDER BY id DESC LIMIT 1 OFFSET ${MOST_WAITING})`)
          .run(now, channel, channel);
      }
      this.#db.prepare('DELETE FROM outbox WHERE ended_at < ?').run(now - KEPT_SECONDS);
      this.#db.prepare('DELETE FROM told WHERE at < ?').run(now - KEPT_SECONDS);
    });
  }

  /** The oldest message of the channel that is due. */
  next(channel: string, now: number): Waiting | null {
    const row = this.#db
      .prepare(`SELECT id, max(at, not_before) AS at, message FROM outbox
                WHERE ended_at IS NULL AND channel = ? AND not_before <= ? ORDER BY id LIMIT 1`)
      .get(channel, now);
    return row === undefined
      ? null
      : { id: Number(row['id']), at: Number(row['at']), message: String(row['message']) };
  }

  end(id: number, now: number, result: string): void {
    this.#db.prepare('UPDATE outbox SET ended_at = ?, result = ? WHERE id = ?').run(now, result, id);
  }

  sentSince(channel: string, at: number): number {
    const row = this.#db
      .prepare("SELECT count(*) AS n FROM outbox WHERE channel = ? AND ended_at > ? AND result = 'sent'")
      .get(channel, at);
    return Number(row?.['n']);
  }

  [Symbol.dispose](): void {
    this.#db.close();
    this.#lock.close();
  }
}
