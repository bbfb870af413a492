import type { DatabaseSync } from 'node:sqlite';
import type { Seconds } from '../model/units.ts';
import { inTransaction, statement } from './database.ts';
import { LONG_LIFE_SECONDS } from './roll-up.ts';

/** Rows per transaction. */
const BATCH_ROWS = 250;
/** Containers kept for ever: this many by peak RSS and by peak CPU, managed and foreign ones separately. */
const TOP = 100;

const LIFE =
  'image, managed, protected, pid, level, first_seen, last_seen, removed_at, peak_rss_kb, peak_mem_percent, peak_cpu_percent';
const SHORT = `last_seen - first_seen < ${LONG_LIFE_SECONDS}`;

/** Moves short lives without samples to table `lifetime`, where a row takes a quarter of the bytes. False if none. */
export function moveShortLives(db: DatabaseSync, cutoff: Seconds): boolean {
  const ended = keysOf(
    db,
    `SELECT key FROM container AS c
     WHERE ${SHORT} AND last_seen < ? AND NOT EXISTS (SELECT 1 FROM container_sample AS s WHERE s.container = c.key)
     ORDER BY last_seen LIMIT ${BATCH_ROWS}`,
    cutoff,
  );
  return move(ended, db, 'container', (among) => {
    db.exec(`INSERT INTO lifetime (id, name, ${LIFE})
             SELECT substr(id, 1, 12), name, ${LIFE} FROM container WHERE ${among}`);
  });
}

/** Adds lives that are too old for a row of their own to the sums of their day. The largest of all time keep a row. */
export function expireLives(db: DatabaseSync, shortCutoff: Seconds, longCutoff: Seconds): boolean {
  const short = keysOf(
    db,
    `SELECT key FROM lifetime WHERE last_seen < ? ORDER BY last_seen LIMIT ${BATCH_ROWS}`,
    shortCutoff,
  );
  if (move(short, db, 'lifetime', (among) => sumUp(db, 'lifetime', among))) return true;
  const long = keysOf(
    db,
    `SELECT key FROM container AS c
     WHERE last_seen < ? AND NOT EXISTS (SELECT 1 FROM container_sample AS s WHERE s.container = c.key)
     ORDER BY last_seen LIMIT ${BATCH_ROWS}`,
    longCutoff,
  );
  return move(long, db, 'container', (among) => sumUp(db, 'container', among));
}

function keysOf(db: DatabaseSync, sql: string, cutoff: Seconds): number[] {
  return statement(db, sql)
    .all(cutoff)
    .map(({ key }) => Number(key));
}

/** Copies or sums up the rows and deletes them, in one transaction; false if there are none. */
function move(
  keys: readonly number[],
  db: DatabaseSync,
  from: string,
  copy: (among: string) => void,
): boolean {
  if (keys.length === 0) return false;
  const among = `key IN (${keys.join(', ')})`;
  inTransaction(db, () => {
    copy(among);
    db.exec(`DELETE FROM ${from} WHERE ${among}`);
  });
  return true;
}

function sumUp(db: DatabaseSync, from: string, among: string): void {
  db.exec(`
    INSERT INTO lifetime_day
    SELECT last_seen - last_seen % 86400, managed, image, level, count(*), count(removed_at),
           total(max(0, last_seen - first_seen)), max(max(0, last_seen - first_seen)), max(peak_rss_kb), max(peak_cpu_percent)
    FROM ${from} WHERE ${among} GROUP BY 1, 2, 3, 4
    ON CONFLICT DO UPDATE SET
      lives = lives + excluded.lives, removed = removed + excluded.removed, seconds = seconds + excluded.seconds,
      longest_seconds = max(longest_seconds, excluded.longest_seconds),
      peak_rss_kb = max(peak_rss_kb, excluded.peak_rss_kb),
      peak_cpu_percent = coalesce(max(peak_cpu_percent, excluded.peak_cpu_percent), peak_cpu_percent, excluded.peak_cpu_percent);
    INSERT INTO lifetime_top (id, name, ${LIFE})
    SELECT substr(id, 1, 12), name, ${LIFE} FROM ${from} WHERE ${among};
    DELETE FROM lifetime_top WHERE key NOT IN (
      SELECT key FROM (
        SELECT key, row_number() OVER (PARTITION BY managed ORDER BY peak_rss_kb DESC, key) AS by_rss,
               row_number() OVER (PARTITION BY managed ORDER BY peak_cpu_percent DESC NULLS LAST, key) AS by_cpu
        FROM lifetime_top)
      WHERE by_rss <= ${TOP} OR by_cpu <= ${TOP})`);
}
