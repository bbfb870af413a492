import type { DatabaseSync } from 'node:sqlite';
import { LIMIT_OF } from '../model/decision.ts';
import type { ContainerMemory } from '../model/history.ts';
import { LIMITS, type Limit } from '../model/limit.ts';
import type { Nanoseconds, Seconds } from '../model/units.ts';
import type { Row } from './queries.ts';

/** From so many on, another time changes nothing in how long a limit is held. */
const MOST_CHANGES = 40;

/**
 * How often each limit was set on a container lately, and when it was last changed: without that, a restart of the daemon
 * would begin with the shortest hold again. The time of a change is that of the container's newest sample in a cycle up
 * to it, since an interrupted cycle has no sample of its own.
 */
export function reloadTimesLimited(
  db: DatabaseSync,
  nowNs: Nanoseconds,
  bootedAt: Seconds,
  rememberSeconds: Seconds,
): (id: string, key: number) => ContainerMemory['timesLimited'] {
  const changes = db.prepare(CHANGES);
  return (id, key) =>
    changes
      .all({ id, key, now: Math.round(nowNs), booted: Math.floor(bootedAt) })
      .reverse()
      .reduce((times: ContainerMemory['timesLimited'], row) => followed(times, row, rememberSeconds), {});
}

/** As `remember` counts them: a limit that was left alone for long enough begins with 1 again. */
function followed(
  times: ContainerMemory['timesLimited'],
  { kind, lifted, ns }: Row,
  rememberSeconds: Seconds,
): ContainerMemory['timesLimited'] {
  const set = Object.entries(LIMIT_OF).find(([action]) => action === kind)?.[1] ?? null;
  const limit = set ?? limitNamed(lifted);
  if (limit === null || typeof ns !== 'number') return times;
  const before = times[limit];
  const isForgotten = before === undefined || ns - before.lastNs > rememberSeconds * 1e9;
  if (set === null && isForgotten) return times;
  const count = (isForgotten ? 0 : before.count) + (set === null ? 0 : 1);
  return { ...times, [limit]: { count, lastNs: ns } };
}

const limitNamed = (lifted: unknown): Limit | null => LIMITS.find((limit) => limit === lifted) ?? null;

/** The newest changes of limits, the newest first. */
const CHANGES = `
  SELECT a.kind, iif(a.detail_code ->> 'code' = 'cpu-limit-lifted', 'cpu', a.detail_code ->> 'limit') AS lifted,
         (SELECT CAST(s.monotonic_ns AS REAL)
          FROM cycle AS c JOIN container_sample AS s ON s.container = :key AND s.at = c.at
          WHERE c.tick <= a.tick AND c.at >= :booted AND s.monotonic_ns < :now
          ORDER BY c.tick DESC LIMIT 1) AS ns
  FROM action AS a
  WHERE a.container_id = :id AND a.result = 'done'
    AND a.kind IN ('throttle', 'squeeze', 'limit-pids', 'limit-io', 'release')
  ORDER BY a.id DESC LIMIT ${MOST_CHANGES}`;
