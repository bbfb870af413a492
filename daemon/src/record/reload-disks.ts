import type { DatabaseSync } from 'node:sqlite';
import { type DiskPoint, type DiskUse, usedShare } from '../model/disk.ts';
import type { History } from '../model/history.ts';
import type { Nanoseconds, Seconds } from '../model/units.ts';
import type { Row } from './queries.ts';

/**
 * What was read of the file systems in the last hours of this boot, so that a restart does not begin the forecast again.
 * Recorded times are those of the wall clock; readings that this places after now are left out.
 */
export function reloadDisks(db: DatabaseSync, nowNs: Nanoseconds, bootedAt: Seconds): History['disks'] {
  const rows = db.prepare(READINGS).all({ booted: Math.ceil(bootedAt), now: Math.floor(nowNs / 1e9) });
  const byUse = Map.groupBy(rows, (row) => row['holds'] as DiskUse);
  return new Map(
    [...byUse].map(([holds, readings]) => [
      holds,
      // The next reading thins them and forecasts.
      { points: readings.map((row) => pointOf(row, bootedAt)), fullInHours: null },
    ]),
  );
}

const READINGS = `
  SELECT at, holds, total_kb, available_kb, total_inodes, free_inodes FROM disk_sample
  WHERE at >= max(:booted, (SELECT max(at) FROM disk_sample) - 6 * 3600) AND at - :booted < :now ORDER BY at`;

const pointOf = (row: Row, bootedAt: Seconds): DiskPoint => ({
  monotonicNs: (Number(row['at']) - bootedAt) * 1e9,
  bytes: usedShare(Number(row['available_kb']), Number(row['total_kb'])),
  inodes: usedShare(Number(row['free_inodes']), Number(row['total_inodes'])),
});
