import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './database.ts';
import type { Row } from './queries.ts';

/** A message that waits for its channel. */
export interface Waiting {
  readonly id: number;
  /** When it could be sent first, in epoch seconds. */
  readonly at: number;
  /** JSON. */
  readonly message: string;
  /** The notifier ended during an attempt: it may have been delivered. */
  readonly isDoubtful: boolean;
}

export interface NewMessage {
  readonly channel: string;
  readonly at: number;
  readonly notBefore: number;
  readonly message: string;
  readonly keys: readonly string[];
}

/** How many messages of a channel may wait; the oldest is given up for one more. */
const MOST_WAITING = 1000;
const KEPT_SECONDS = 7 * 86_400;
/** `vigia notify status` reads both files while the notifier runs: each waits for the other. */
const PATIENCE_MS = 5000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS position (one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS told (channel TEXT, key TEXT, at INTEGER NOT NULL, PRIMARY KEY (channel, key)) STRICT;
  CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, at INTEGER NOT NULL, not_before INTEGER NOT NULL,
    message TEXT NOT NULL,
    tried_at INTEGER,                     -- while an attempt runs
    doubtful INTEGER NOT NULL DEFAULT 0,  -- an attempt was cut off: it may have been delivered
    ended_at INTEGER, result TEXT) STRICT;
  CREATE INDEX IF NOT EXISTS waiting ON outbox (channel, id) WHERE ended_at IS NULL;
  CREATE TABLE IF NOT EXISTS channel (
    name TEXT PRIMARY KEY, failures INTEGER NOT NULL, next_at INTEGER NOT NULL, error TEXT NOT NULL) STRICT;`;

/** The notifier's own file: how far it has read, what it has told, what waits to be sent, and which channels fail. */
export class Outbox implements Disposable {
  readonly #db: DatabaseSync;
  readonly #lock: DatabaseSync;

  /** Throws when another notifier uses the file. */
  constructor(file: string) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
    // Held until this process ends, however it ends.
    this.#lock = new DatabaseSync(lockOf(file), { timeout: PATIENCE_MS });
    try {
      this.#lock.exec('BEGIN EXCLUSIVE');
    } catch {
      this.#lock.close();
      throw new Error(`another "vigia notify run" uses ${file}`);
    }
    this.#db = new DatabaseSync(file, { timeout: PATIENCE_MS });
    inTransaction(this.#db, () => {
      this.#db.exec(SCHEMA);
      this.#db.exec('UPDATE outbox SET doubtful = 1 WHERE tried_at IS NOT NULL AND ended_at IS NULL');
    });
  }

  /** What `move` stored last; null at the first start. */
  position(): string | null {
    return (this.#db.prepare('SELECT body FROM position').get()?.['body'] as string | undefined) ?? null;
  }

  toldAt(channel: string, key: string): number | null {
    const row = this.#db.prepare('SELECT at FROM told WHERE channel = ? AND key = ?').get(channel, key);
    return row === undefined ? null : Number(row['at']);
  }

  /** Stores the new position and adds its messages: both or neither. */
  move(body: string, added: readonly NewMessage[], now: number): void {
    inTransaction(this.#db, () => {
      this.#db.prepare('INSERT OR REPLACE INTO position VALUES (1, ?)').run(body);
      for (const one of added) this.#add(one);
      for (const channel of new Set(added.map((one) => one.channel))) this.#giveUpOldest(channel, now);
      this.#db.prepare('DELETE FROM outbox WHERE ended_at < ?').run(now - KEPT_SECONDS);
      this.#db.prepare('DELETE FROM told WHERE at < ?').run(now - KEPT_SECONDS);
    });
  }

  #add({ channel, at, notBefore, message, keys }: NewMessage): void {
    this.#db
      .prepare('INSERT INTO outbox (channel, at, not_before, message) VALUES (?, ?, ?, ?)')
      .run(channel, at, notBefore, message);
    for (const key of keys)
      this.#db.prepare('INSERT OR REPLACE INTO told VALUES (?, ?, ?)').run(channel, key, at);
  }

  #giveUpOldest(channel: string, now: number): void {
    this.#db
      .prepare(`
        UPDATE outbox SET ended_at = ?, result = 'too many wait' WHERE ended_at IS NULL AND channel = ? AND id <=
          (SELECT id FROM outbox WHERE ended_at IS NULL AND channel = ? ORDER BY id DESC LIMIT 1 OFFSET ${MOST_WAITING})`)
      .run(now, channel, channel);
  }

  /** The oldest message of the channel that is due; null where there is none, or the channel waits after a failure. */
  next(channel: string, now: number): Waiting | null {
    const row = this.#db
      .prepare(`
        SELECT id, max(at, not_before) AS at, message, doubtful FROM outbox
        WHERE ended_at IS NULL AND channel = :channel AND not_before <= :now
          AND NOT EXISTS (SELECT 1 FROM channel WHERE name = :channel AND next_at > :now)
        ORDER BY id LIMIT 1`)
      .get({ channel, now });
    if (row === undefined) return null;
    return {
      id: Number(row['id']),
      at: Number(row['at']),
      message: String(row['message']),
      isDoubtful: row['doubtful'] === 1,
    };
  }

  /** To be called before an attempt; `sent`, `failed` or `gaveUp` ends it. */
  begin(id: number, now: number): void {
    this.#db.prepare('UPDATE outbox SET tried_at = ? WHERE id = ?').run(now, id);
  }

  sent(channel: string, id: number, now: number): void {
    inTransaction(this.#db, () => {
      this.#db.prepare("UPDATE outbox SET ended_at = ?, result = 'sent' WHERE id = ?").run(now, id);
      this.#db.prepare('DELETE FROM channel WHERE name = ?').run(channel);
    });
  }

  /** The channel waits until `nextAt`. */
  failed(channel: string, id: number, nextAt: number, error: string): void {
    inTransaction(this.#db, () => {
      this.#db.prepare('UPDATE outbox SET tried_at = NULL WHERE id = ?').run(id);
      this.#db
        .prepare(`
          INSERT INTO channel VALUES (?, 1, ?, ?)
          ON CONFLICT (name) DO UPDATE SET failures = failures + 1, next_at = excluded.next_at, error = excluded.error`)
        .run(channel, nextAt, error);
    });
  }

  gaveUp(id: number, now: number, why: string): void {
    this.#db.prepare('UPDATE outbox SET ended_at = ?, result = ? WHERE id = ?').run(now, why, id);
  }

  /** How often the channel has failed in a row. */
  failures(channel: string): number {
    return Number(
      this.#db.prepare('SELECT failures FROM channel WHERE name = ?').get(channel)?.['failures'] ?? 0,
    );
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

export interface OutboxState {
  readonly isRunning: boolean;
  /** What `move` stored last. */
  readonly position: string | null;
  /** By channel: waiting, sent, given_up, sent_at, next_at, error. */
  readonly channels: ReadonlyMap<string, Row>;
}

/** What the notifier has done in the last week; null where it has never run. */
export function readOutbox(file: string): OutboxState | null {
  if (!existsSync(file)) return null;
  using db = new DatabaseSync(file, { readOnly: true, timeout: PATIENCE_MS });
  // The notifier has made the file and is about to fill it.
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'outbox'").get() === undefined) return null;
  const rows = db
    .prepare(`
      SELECT channel, sum(ended_at IS NULL) AS waiting, sum(result IS 'sent') AS sent,
             sum(ended_at IS NOT NULL AND result <> 'sent') AS given_up,
             max(ended_at) FILTER (WHERE result = 'sent') AS sent_at, next_at, error
      FROM outbox LEFT JOIN channel ON name = channel GROUP BY channel`)
    .all();
  return {
    isRunning: isLocked(lockOf(file)),
    position: (db.prepare('SELECT body FROM position').get()?.['body'] as string | undefined) ?? null,
    channels: new Map(rows.map((row) => [String(row['channel']), row])),
  };
}

const lockOf = (file: string): string => `${file}.lock`;

function isLocked(file: string): boolean {
  if (!existsSync(file)) return false;
  using db = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  try {
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch {
    return true;
  }
}
