import type { DatabaseSync } from 'node:sqlite';
import type { Config } from '../model/config.ts';
import { HELD_WINDOW_NS, type HeldPoint, type History, heldKeyOf } from '../model/history.ts';
import { thresholdKb } from '../model/memory-threshold.ts';
import type { Nanoseconds, Seconds } from '../model/units.ts';

/**
 * What each container held in the ten minutes before now or, if memory is short, before it was: a loop that crashed
 * during a shortage still knows who grew. Empty when the loop was away for longer than that.
 */
export function reloadHeld(
  db: DatabaseSync,
  nowNs: Nanoseconds,
  bootedAt: Seconds,
  config: Pick<Config, 'pressure'>,
): History['held'] {
  const times = { now: Math.round(nowNs), booted: Math.floor(bootedAt) };
  const newest = db.prepare(NEWEST).get(times);
  if (newest === undefined || nowNs - Number(newest['ns']) > HELD_WINDOW_NS) return new Map();
  const limit = Math.round(thresholdKb({ totalKb: Number(newest['total_kb']) }, config));
  const rows = db.prepare(POINTS).all({ ...times, limit, window: HELD_WINDOW_NS / 1e9 });
  const byContainer = Map.groupBy(rows, (row) => heldKeyOf({ id: String(row['id']) }));
  return new Map(
    [...byContainer].map(([key, points]): [string, readonly HeldPoint[]] => [
      key,
      points.map((row) => ({ monotonicNs: Number(row['ns']), heldKb: Number(row['held_kb']) })),
    ]),
  );
}

/** The newest reading of this boot. */
const NEWEST = `
  SELECT CAST(s.monotonic_ns AS REAL) AS ns, h.total_kb
  FROM container_sample AS s JOIN host_sample AS h ON h.at = s.at
  WHERE s.at >= :booted AND s.monotonic_ns < :now ORDER BY s.at DESC LIMIT 1`;

/** Readings up to the newest one at which enough memory was available, the oldest first. */
const POINTS = `
  WITH calm (at) AS (
    SELECT h.at FROM host_sample AS h
    WHERE h.at >= :booted AND h.available_kb >= :limit
      AND EXISTS (SELECT 1 FROM container_sample AS s WHERE s.at = h.at AND s.monotonic_ns < :now)
    ORDER BY h.at DESC LIMIT 1)
  SELECT c.id, CAST(s.monotonic_ns AS REAL) AS ns, coalesce(s.memory_used_kb, s.rss_kb) AS held_kb
  FROM calm
  JOIN container_sample AS s ON s.at BETWEEN calm.at - :window AND calm.at
  JOIN container AS c ON c.key = s.container
  JOIN host_sample AS h ON h.at = s.at
  WHERE s.at >= :booted AND h.available_kb >= :limit AND s.monotonic_ns < :now
  ORDER BY s.at`;
