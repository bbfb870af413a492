import { kindOf, policyFrom } from './kinds.ts';
import type { Database, Row } from './queries.ts';
import { asReason } from './reason-columns.ts';

/** How far back a trend goes, and how long an ended container is listed. */
const TREND_SECONDS = 600;
const ENDED_SECONDS = 3600;
/** Of more ended containers the newest are listed. */
const MOST_ENDED = 200;

/** The columns of both lists; `s` is the newest sample of the container `c`. */
const COLUMNS = `c.key, c.id, c.name, c.image, c.kind, c.managed, c.protected, c.level, c.policy, c.first_seen, c.last_seen,
  c.removed_at, c.compose, s.at AS sampled_at, s.cpu_percent, s.rss_kb, s.mem_percent, s.memory_used_kb, s.memory_limit_kb, s.process_count,
  s.cpu_limited_to, s.squeezed_to_kb, s.pids_limited_to, s.io_limited_to, s.net_rx_bytes, s.net_tx_bytes,
  CASE WHEN s.start_ns > 0 THEN CAST(max(s.monotonic_ns - s.start_ns, 0) AS REAL) / 1e9 END AS run_seconds,
  a.kind AS last_kind, a.result AS last_result, a.at AS last_at, a.because AS last_because, a.because_code AS last_code`;
const LAST_ACTION = `LEFT JOIN action AS a ON a.id = (SELECT max(id) FROM action WHERE container_id = c.id)`;

const RUNNING = `
  SELECT ${COLUMNS} FROM container AS c JOIN container_sample AS s ON s.container = c.key AND s.at = :at ${LAST_ACTION}
  WHERE c.removed_at IS NULL
  ORDER BY s.cpu_percent DESC, s.rss_kb DESC, c.key`;

const ENDED = `
  SELECT ${COLUMNS} FROM (
    SELECT * FROM container WHERE last_seen BETWEEN :at - ${ENDED_SECONDS} AND :at
      AND (last_seen < :at OR removed_at IS NOT NULL)
    ORDER BY last_seen DESC, key DESC LIMIT ${MOST_ENDED}) AS c
  LEFT JOIN container_sample AS s ON s.container = c.key AND s.at = c.last_seen ${LAST_ACTION}
  ORDER BY c.last_seen DESC, c.key DESC`;

/**
 * Every container of the newest cycle, the busiest first, then those that ended or were removed within the hour before
 * it. Each with its policy, the newest action on it, its network rates, and the CPU of its last samples.
 */
export function readContainerList(db: Database): { readonly at: number | null; readonly containers: Row[] } {
  const newest = db.prepare('SELECT at FROM cycle ORDER BY tick DESC LIMIT 1').get();
  if (newest === undefined) return { at: null, containers: [] };
  const at = Number(newest['at']);
  const trends = trendsUntil(db, at);
  const rows = [...db.prepare(RUNNING).all({ at }), ...db.prepare(ENDED).all({ at })];
  return { at, containers: rows.map((row) => listed(row, at, trends.get(Number(row['key'])) ?? [])) };
}

/** Samples of one container, the oldest first. */
type Trend = {
  readonly at: number;
  readonly cpu: number | null;
  readonly received: number | null;
  readonly sent: number | null;
}[];

function trendsUntil(db: Database, at: number): ReadonlyMap<number, Trend> {
  const statement = db.prepare(`
    SELECT container, at, cpu_percent, net_rx_bytes, net_tx_bytes FROM container_sample
    WHERE at BETWEEN ? AND ? ORDER BY at`);
  statement.setReturnArrays(true);
  const trends = new Map<number, Trend>();
  for (const [key, when, cpu, received, sent] of statement.all(at - TREND_SECONDS, at) as unknown as (
    | number
    | null
  )[][]) {
    const trend = trends.get(Number(key)) ?? [];
    trend.push({
      at: Number(when),
      cpu: cpu ?? null,
      received: received ?? null,
      sent: sent ?? null,
    });
    trends.set(Number(key), trend);
  }
  return trends;
}

function listed(row: Row, at: number, trend: Trend): Row {
  const [before, last] = [trend.at(-2), trend.at(-1)];
  const isRunning = row['removed_at'] === null && row['last_seen'] === at;
  const because = asReason(fromJson(row['last_code']) ?? row['last_because']);
  const compose = row['compose'] === null ? null : String(row['compose']);
  return {
    ...row,
    kind: kindOf(row),
    allow: policyFrom(row['policy'])?.allow ?? null,
    project: compose === null ? null : (compose.split('/')[0] ?? null),
    state: isRunning ? 'running' : row['removed_at'] === null ? 'ended' : 'removed',
    seconds: isRunning ? secondsOf(row) : Number(row['last_seen']) - Number(row['first_seen']),
    received: rate(before?.received, last?.received, before?.at, last?.at),
    sent: rate(before?.sent, last?.sent, before?.at, last?.at),
    trend: trend.map(({ cpu }) => (cpu === null ? null : Math.round(10 * cpu) / 10)),
    last: row['last_kind'] === null ? null : actionOf(row, because),
  } as unknown as Row;
}

/** How long it has run: by the start of its first process, or where that is unknown by when it was first seen. */
const secondsOf = (row: Row): number =>
  Number(row['run_seconds'] ?? Number(row['last_seen']) - Number(row['first_seen']));

const actionOf = (row: Row, because: unknown) => ({
  kind: row['last_kind'],
  result: row['last_result'],
  at: row['last_at'],
  because,
});

/** Bytes per second; null where a counter is unknown or was set back. */
function rate(
  before: number | null | undefined,
  after: number | null | undefined,
  from = 0,
  to = 0,
): number | null {
  if (before == null || after == null || after < before || to <= from) return null;
  return (after - before) / (to - from);
}

function fromJson(text: unknown): unknown {
  if (typeof text !== 'string') return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
