import type { DatabaseSync } from 'node:sqlite';
import type { History } from '../model/history.ts';
import type { Nanoseconds, Seconds } from '../model/units.ts';

/**
 * Vigía's restarts within the last hour before the last cycle, by container: a restarted daemon must not begin the pause
 * after them again, nor may what followed one follow it again. The time of a restart is that of the last sample at or before it.
 */
export function reloadHealth(db: DatabaseSync, nowNs: Nanoseconds, bootedAt: Seconds): History['health'] {
  const rows = db.prepare(RESTARTS).all({ now: Math.round(nowNs), booted: Math.floor(bootedAt) });
  const originNs = Math.max(...rows.map((row) => Number(row['ns'])));
  const byId = Map.groupBy(rows, (row) => String(row['id']));
  return new Map(
    [...byId].map(([id, restarts]) => {
      const restartedNs = restarts.map((row) => Number(row['ns']));
      return [
        id,
        { startNs: 0, seenNs: 0, unhealthySinceNs: null, wasHealthy: false, restartedNs, originNs },
      ];
    }),
  );
}

const RESTARTS = `
  SELECT a.container_id AS id,
         (SELECT CAST(r.monotonic_ns AS REAL) FROM container_sample AS r JOIN container AS c ON c.key = r.container
          WHERE c.id = a.container_id AND r.monotonic_ns < :now AND r.at >= :booted AND r.at <= a.at
          ORDER BY r.at DESC LIMIT 1) AS ns
  FROM action AS a
  WHERE a.kind = 'restart' AND (a.result <> 'skipped' OR a.detail_code ->> 'code' = 'vetoed')
    AND a.at >= max((SELECT max(at) FROM cycle) - 3600, :booted) AND ns IS NOT NULL
  ORDER BY a.id`;
