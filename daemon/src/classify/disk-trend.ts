import { type DiskHistory, type DiskPoint, type DiskSample, usedShare } from '../model/disk.ts';
import type { History } from '../model/history.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Nanoseconds, Percent } from '../model/units.ts';

const MINUTE_NS = 60e9;
const HOUR_NS = 60 * MINUTE_NS;
/** Every reading of this time is kept, so that a disk that fills within minutes is noticed. */
const RECENT_NS = 5 * MINUTE_NS;
/** Older readings are thinned to one in each such interval. */
const APART_NS = 6 * MINUTE_NS;
/** Readings older than this are dropped. */
const WINDOW_NS = 6 * HOUR_NS;
const MOST_RECENT = 30;
/** Fewer readings, or a smaller rise in percent of the file system, are no trend. */
const LEAST_POINTS = 10;
const LEAST_RISE: Percent = 1;
/** Of all pairs of readings, this share may fall: noise rises about as often as it falls. */
const MAY_FALL = 0.1;

/** Adds this reading to what is known of each file system. One that was not read keeps what is known. */
export function followDisks(disks: History['disks'], now: Snapshot): History['disks'] {
  const next = new Map(disks);
  for (const disk of now.disks ?? []) {
    const points = thinned([...(disks.get(disk.holds)?.points ?? []), pointOf(disk, now.monotonicNs)]);
    next.set(disk.holds, { points, fullInHours: fullInHours(points) });
  }
  return next;
}

const pointOf = (disk: DiskSample, monotonicNs: Nanoseconds): DiskPoint => ({
  monotonicNs,
  bytes: usedShare(disk.availableBytes, disk.totalBytes),
  inodes: usedShare(disk.freeInodes, disk.totalInodes),
});

function thinned(points: readonly DiskPoint[]): DiskPoint[] {
  const nowNs = points.at(-1)?.monotonicNs ?? 0;
  const isRecent = ({ monotonicNs }: DiskPoint): boolean => nowNs - monotonicNs <= RECENT_NS;
  const kept: DiskPoint[] = [];
  for (const point of points) {
    if (isRecent(point) || nowNs - point.monotonicNs > WINDOW_NS) continue;
    const last = kept.at(-1);
    if (last === undefined || point.monotonicNs - last.monotonicNs >= APART_NS) kept.push(point);
  }
  return [...kept, ...points.filter(isRecent).slice(-MOST_RECENT)];
}

/** The earlier of what the last minutes and the last hours say, for bytes and for inodes; null without a trend. */
function fullInHours(points: readonly DiskPoint[]): DiskHistory['fullInHours'] {
  const nowNs = points.at(-1)?.monotonicNs ?? 0;
  const recent = points.filter(({ monotonicNs }) => nowNs - monotonicNs <= RECENT_NS);
  const hours = [points, recent].flatMap((some) =>
    (['bytes', 'inodes'] as const).flatMap((of) => forecast(some.map((p) => [p.monotonicNs, p[of]])) ?? []),
  );
  return hours.length === 0 ? null : Math.min(...hours);
}

/**
 * In how many hours the share that is used reaches 100 %, by the median of the slopes of all pairs of points (Theil–Sen):
 * single outliers do not move it. null where the share does not clearly rise.
 */
export function forecast(points: readonly (readonly [atNs: Nanoseconds, used: Percent])[]): number | null {
  const [first, last] = [points[0], points.at(-1)];
  if (points.length < LEAST_POINTS || first === undefined || last === undefined) return null;
  const slopes = points
    .flatMap(([at, used], i) =>
      points.slice(i + 1).flatMap(([later, more]) => (later > at ? [(more - used) / (later - at)] : [])),
    )
    .sort((a, b) => a - b);
  const [low, median] = [slopes[Math.floor(slopes.length * MAY_FALL)], slopes[Math.floor(slopes.length / 2)]];
  if (low === undefined || median === undefined || low <= 0) return null;
  if (median * (last[0] - first[0]) < LEAST_RISE) return null;
  return Math.max(0, 100 - last[1]) / median / HOUR_NS;
}
