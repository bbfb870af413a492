import type { DatabaseSync } from 'node:sqlite';
import { type Baseline, usualOf } from '../model/baseline.ts';
import { type Config, DEFAULTS } from '../model/config.ts';
import { type ContainerMemory, type History, NO_HISTORY, type TrailPoint } from '../model/history.ts';
import type { Nanoseconds, Seconds } from '../model/units.ts';
import type { Row } from './queries.ts';
import { reloadDisks } from './reload-disks.ts';
import { reloadHealth } from './reload-health.ts';
import { reloadHeld } from './reload-held.ts';
import { reloadTimesLimited } from './reload-limits.ts';

/**
 * The history that the loop continues from. Readings of an earlier boot are left out, since their clock restarted.
 * The last cycle's classes and counters are enough: a rate needs only one older reading. Nanoseconds are cast to REAL,
 * because the driver refuses integers above 2^53, which 104 days of uptime reach. A restart gets the time of the last
 * sample at or before it, since an interrupted cycle has no sample of its own; one from before `bootedAt` (wall clock) is
 * forgotten, since its clock says nothing now.
 */
export function reloadHistory(
  db: DatabaseSync,
  nowNs: Nanoseconds,
  bootedAt: Seconds = 0,
  config: Pick<Config, 'ladder' | 'pressure'> = DEFAULTS,
): History {
  const tick = Number(db.prepare('SELECT coalesce(max(tick), 0) AS tick FROM cycle').get()?.['tick']);
  const trailOf = db.prepare(TRAIL);
  const timesLimitedOf = reloadTimesLimited(db, nowNs, bootedAt, config.ladder.rememberSeconds);
  const rows = db.prepare(NEWEST).all({ now: Math.round(nowNs), booted: Math.floor(bootedAt) });
  const containers = rows.map((row): [string, ContainerMemory] => {
    const { key = null, start_ns = null } = row;
    const trail = trailOf
      .all({ key, start_ns, now: Math.round(nowNs) })
      .map(pointOf)
      .reverse();
    const id = String(row['id']);
    return [id, memoryFromRow(row, trail, timesLimitedOf(id, Number(key)))];
  });
  const pendingRemovals = rows.filter((row) => row['pending'] === 1).map((row) => String(row['id']));
  return {
    ...NO_HISTORY,
    tick,
    containers: new Map(containers),
    pendingRemovals: new Set(pendingRemovals),
    baselines: reloadBaselines(db),
    held: reloadHeld(db, nowNs, bootedAt, config),
    health: reloadHealth(db, nowNs, bootedAt),
    disks: reloadDisks(db, nowNs, bootedAt),
  };
}

const NEWEST = `
  SELECT c.id, c.key, c.pid, CAST(s.start_ns AS REAL) AS start_ns, CAST(s.monotonic_ns AS REAL) AS monotonic_ns,
         CAST(s.cpu_time_ns AS REAL) AS cpu_time_ns, s.cpu_percent, s.level,
         (SELECT a.kind FROM action AS a
          WHERE a.container_id = c.id AND a.result = 'done'
            AND (a.kind IN ('throttle', 'restart') OR (a.kind = 'release' AND a.detail_code ->> 'code' = 'cpu-limit-lifted'))
          ORDER BY a.id DESC LIMIT 1) AS limited,
         (SELECT a.level FROM action AS a
          WHERE a.container_id = c.id AND a.kind = 'restart' AND a.result = 'done'
          ORDER BY a.id DESC LIMIT 1) AS restarted_as,
         (SELECT CAST(r.monotonic_ns AS REAL) FROM container_sample AS r
          WHERE r.container = c.key AND r.monotonic_ns < :now AND r.at >= :booted AND r.at <=
            (SELECT max(a.at) FROM action AS a
             WHERE a.container_id = c.id AND a.kind = 'restart' AND a.result <> 'skipped')
          ORDER BY r.at DESC LIMIT 1) AS restarted_ns,
         EXISTS (SELECT 1 FROM action AS a
                 WHERE a.container_id = c.id AND a.kind = 'remove'
                   AND (a.result = 'failed' OR a.detail_code ->> 'code' IN ('preempted', 'interrupted'))
                   AND (SELECT r.start_ns FROM container_sample AS r
                        WHERE r.container = c.key AND r.at <= a.at ORDER BY r.at DESC LIMIT 1) = s.start_ns
                ) AS pending,
         coalesce(s.memory_used_kb, s.rss_kb) AS memory_kb
  FROM container_sample AS s JOIN container AS c ON c.key = s.container
  WHERE s.at = (SELECT cycle.at FROM cycle
                WHERE EXISTS (SELECT 1 FROM container_sample AS any WHERE any.at = cycle.at)
                ORDER BY cycle.tick DESC LIMIT 1) AND c.pid IS NOT NULL AND s.monotonic_ns < :now`;

function memoryFromRow(
  row: Row,
  trail: readonly TrailPoint[],
  timesLimited: ContainerMemory['timesLimited'],
): ContainerMemory {
  const level = levelOf(row['level']) ?? 'unknown';
  const restartedNs = row['restarted_ns'] ?? null;
  return {
    pid: Number(row['pid']),
    startNs: Number(row['start_ns']),
    monotonicNs: Number(row['monotonic_ns']),
    cpuTimeNs: Number(row['cpu_time_ns']),
    memoryKb: Number(row['memory_kb']),
    memoryNs: Number(row['monotonic_ns']),
    breachSinceNs: {},
    // A kernel that does not report limits leaves this to the record; all others show them on the container.
    limits:
      row['limited'] === 'throttle'
        ? { cpu: { sinceNs: Number(row['monotonic_ns']), usedBefore: 0, easedSinceNs: null } }
        : {},
    timesLimited,
    restartedNs: restartedNs === null ? null : Number(restartedNs),
    restartedAs: level === 'unknown' ? levelOf(row['restarted_as']) : null,
    trail,
    cpuPercent: row['cpu_percent'] === null ? null : Number(row['cpu_percent']),
    level,
    nextLevel: level,
  };
}

const levelOf = (value: unknown) => (value === 'low' || value === 'high' ? value : null);

/** The newest readings of one run, the newest first. The next reading drops those older than the leak's window. */
const TRAIL = `
  SELECT CAST(monotonic_ns AS REAL) AS monotonic_ns, coalesce(memory_used_kb, rss_kb) AS memory_kb, process_count,
         block_read_bytes + block_write_bytes AS block_bytes
  FROM container_sample WHERE container = :key AND start_ns = CAST(:start_ns AS INTEGER) AND monotonic_ns < :now
  ORDER BY at DESC LIMIT 60`;

function pointOf(row: Row): TrailPoint {
  const blockBytes = row['block_bytes'] ?? null;
  return {
    monotonicNs: Number(row['monotonic_ns']),
    memoryKb: Number(row['memory_kb']),
    processCount: Number(row['process_count']),
    blockBytes: blockBytes === null ? null : Number(blockBytes),
  };
}

function reloadBaselines(db: DatabaseSync): ReadonlyMap<string, Baseline> {
  const rows = db
    .prepare('SELECT image, slot, taken, cpu_percent, mem_percent FROM observation ORDER BY image, slot')
    .all();
  const byImage = Map.groupBy(rows, (row) => String(row['image']));
  return new Map(
    [...byImage].map(([image, observations]): [string, Baseline] => {
      const known = {
        taken: Math.max(...observations.map((row) => Number(row['taken']))),
        cpuPercent: observations.map((row) => Number(row['cpu_percent'])),
        memPercent: observations.map((row) => Number(row['mem_percent'])),
      };
      return [image, { ...known, usual: usualOf(known) }];
    }),
  );
}
