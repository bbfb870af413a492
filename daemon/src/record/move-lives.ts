import type { DatabaseSync } from 'node:sqlite';
import type { Seconds } from '../model/units.ts';
import { inTransaction, statement } from './database.ts';
import { LONG_LIFE_SECONDS } from './roll-up.ts';

const AT_ONCE = 250;
/** Of all time, by peak RSS and by peak CPU, ours and foreign ones each. */
const TOP = 100;

const LIFE =
  'image, managed, protected, pid, level, first_seen, last_seen, removed_at, peak_rss_kb, peak_mem_percent, peak_cpu_percent';
const SHORT = `last_seen - first_seen < ${LONG_LIFE_SECONDS}`;

/** Short lives whose samples are gone become a row of `lifetime` each: a quarter of the bytes. */
export function settleLives(db: DatabaseSync, cutoff: Seconds): boolean {
  const ended = keysOf(
    db,
    `SELECT key FROM container AS c
     WHERE ${SHORT} AND last_seen < ? AND NOT EXISTS (SELECT 1 FROM container_sample AS s WHERE s.container = c.key)
     ORDER BY last_seen LIMIT ${AT_ONCE}`,
    cutoff,
  );
  return move(ended, db, 'container', (among) => {
    db.exec(`INSERT INTO lifetime (id, name, ${LIFE})
             SELECT substr(id, 1, 12), name, ${LIFE} FROM container WHERE ${among}`);
  });
}

/** Lives that are too old to be kept one by one go into the sums of their day; the greediest of all time stay by name. */
export function expireLives(db: DatabaseSync, shortCutoff: Seconds, longCutoff: Seconds): boolean {
  const short = keysOf(
    db,
    `SELECT key FROM lifetime WHERE last_seen < ? ORDER BY last_seen LIMIT ${AT_ONCE}`,
    shortCutoff,
  );
  if (move(short, db, 'lifetime', (among) => sumUp(db, 'lifetime', among))) return true;
  const long = keysOf(
    db,
    `SELECT key FROM container AS c
     WHERE last_seen < ? AND NOT EXISTS (SELECT 1 FROM container_sample AS s WHERE s.container = c.key)
     ORDER BY last_seen LIMIT ${AT_ONCE}`,
    longCutoff,
  );
  return move(long, db, 'container', (among) => sumUp(db, 'container', among));
}

function keysOf(db: DatabaseSync, sql: string, cutoff: Seconds): number[] {
  return statement(db, sql)
    .all(cutoff)
    .map(({ key }) => Number(key));
}

/** All of them are counted where they go, and gone from where they were, or nothing has happened. */
function move(
  keys: readonly number[],
  db: DatabaseSync,
  from: string,
  count: (among: string) => void,
): boolean {
  if (keys.length === 0) return false;
  const among = `key IN (${keys.join(', ')})`;
  inTransaction(db, () => {
    count(among);
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
