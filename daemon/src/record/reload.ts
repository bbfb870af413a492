import type { DatabaseSync } from 'node:sqlite';
import { type ContainerMemory, type History, NO_HISTORY } from '../model/history.ts';
import type { Nanoseconds } from '../model/units.ts';

/**
 * What the loop knew when it last recorded. Readings of an earlier boot are left out: their clock began elsewhere.
 * Levels and counters of the last cycle are enough, since a rate needs only one older reading. Nanoseconds are cast,
 * because the driver refuses integers above 2^53, which 104 days of uptime reach.
 */
export function reloadHistory(db: DatabaseSync, nowNs: Nanoseconds): History {
  const tick = Number(db.prepare('SELECT coalesce(max(tick), 0) AS tick FROM cycle').get()?.['tick']);
  const rows = db
    .prepare(`
      SELECT c.id, c.pid, CAST(s.start_ns AS REAL) AS start_ns, CAST(s.monotonic_ns AS REAL) AS monotonic_ns,
             CAST(s.cpu_time_ns AS REAL) AS cpu_time_ns, s.cpu_percent, s.level,
             (SELECT a.kind FROM action AS a
              WHERE a.container_id = c.id AND a.kind IN ('throttle', 'release') AND a.result = 'done'
              ORDER BY a.id DESC LIMIT 1) AS limited,
             coalesce(s.memory_used_kb, s.rss_kb) AS memory_kb
      FROM container_sample AS s JOIN container AS c ON c.key = s.container
      WHERE s.at = (SELECT cycle.at FROM cycle
                    WHERE EXISTS (SELECT 1 FROM container_sample AS any WHERE any.at = cycle.at)
                    ORDER BY cycle.tick DESC LIMIT 1) AND c.pid IS NOT NULL AND s.monotonic_ns < :now`)
    .all({ now: Math.round(nowNs) });
  const containers = rows.map((row): [string, ContainerMemory] => [
    String(row['id']),
    {
      pid: Number(row['pid']),
      startNs: Number(row['start_ns']),
      monotonicNs: Number(row['monotonic_ns']),
      cpuTimeNs: Number(row['cpu_time_ns']),
      memoryKb: Number(row['memory_kb']),
      memoryNs: Number(row['monotonic_ns']),
      busySinceNs: null,
      easedSinceNs: null,
      isThrottled: row['limited'] === 'throttle',
      cpuPercent: row['cpu_percent'] === null ? null : Number(row['cpu_percent']),
      level: row['level'] === 'low' || row['level'] === 'high' ? row['level'] : 'unknown',
    },
  ]);
  return { ...NO_HISTORY, tick, containers: new Map(containers) };
}
