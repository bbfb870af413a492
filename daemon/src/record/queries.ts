import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { ContainerPolicy } from '../model/container-policy.ts';
import type { Reason } from '../model/reason.ts';
import type { ShownKind } from '../words/catalogue.ts';
import { isAtAddress } from './compose-queries.ts';
import { candidatesOf, newestCycleConsidering, olderActions, olderActionsOn } from './evidence.ts';
import { kindOf, policyFrom, withKind } from './kinds.ts';
import { withReasons } from './reason-columns.ts';

export type Database = DatabaseSync;
export type Value = SQLOutputValue;
export type Row = Record<string, Value>;
/** A row with a reason, as data. */
export type Because = Row & { readonly because: Reason };
export type ActionRow = Because & { readonly detail: Reason };
export type FaultRow = Row & { readonly message: Reason };

/** How long a notice is shown: it is recorded only when it begins, and its end is not recorded. */
const NOTICE_SECONDS = 3600;
/** Of more notices the newest are shown. */
const MOST_NOTICES = 20;

/** The newest cycle and what it saw; times are epoch seconds. */
export interface Status {
  /** `because`: why it held; null when it acted. */
  readonly cycle: (Row & { readonly because: Reason | null }) | null;
  readonly host: Row | null;
  /** The file systems of the engine and of the record. */
  readonly disks: readonly Row[];
  readonly containers: readonly Because[];
  readonly actions: readonly ActionRow[];
  /** Sensors that the newest cycle could not read. */
  readonly faults: readonly FaultRow[];
  /** What people should know, of the hour before the newest cycle, the newest first. */
  readonly notices: readonly FaultRow[];
}

export function readStatus(db: DatabaseSync): Status {
  const cycle = db
    .prepare(`
    SELECT tick, at, sensor, plan, because, because_code, low_before, high_before, unknown_before, low_after, high_after, unknown_after,
           removed, started, sense_ms, decide_ms, act_ms, rss_kb
    FROM cycle ORDER BY tick DESC LIMIT 1`)
    .get();
  if (cycle === undefined)
    return { cycle: null, host: null, disks: [], containers: [], actions: [], faults: [], notices: [] };
  return {
    cycle: withReasons(cycle, 'because'),
    host: db.prepare('SELECT * FROM host_sample ORDER BY at DESC LIMIT 1').get() ?? null,
    disks: db.prepare('SELECT * FROM disk_sample WHERE at = ? ORDER BY holds').all(cycle['at'] ?? 0),
    containers: db
      .prepare(STATUS_CONTAINERS)
      .all({ at: cycle['at'] ?? 0 })
      .map((row) => withReasons(withKind(row), 'because')),
    actions: readEvents(db, { limit: 10 }),
    faults: db
      .prepare(
        "SELECT at, sensor, message, message_code, blind FROM fault WHERE tick = ? AND sensor <> 'policy' ORDER BY id",
      )
      .all(cycle['tick'] ?? 0)
      .map((row) => withReasons(row, 'message')),
    notices: readNotices(db, Number(cycle['at'])),
  };
}

/** A notice that began several times, as after a restart of the daemon, is listed once, with its newest time. */
function readNotices(db: DatabaseSync, at: number): FaultRow[] {
  const rows = db
    .prepare(`
      SELECT at, sensor, message, message_code, blind FROM fault
      WHERE sensor = 'policy' AND at > ? AND at <= ? ORDER BY at DESC, id DESC LIMIT 500`)
    .all(at - NOTICE_SECONDS, at)
    .map((row) => withReasons(row, 'message'));
  const newest = new Map<string, FaultRow>();
  for (const row of rows) {
    // Its figures differ from time to time.
    const key = JSON.stringify(row.message, (_, value) => (typeof value === 'number' ? undefined : value));
    if (!newest.has(key)) newest.set(key, row);
  }
  return [...newest.values()].slice(0, MOST_NOTICES);
}

/**
 * Containers that run after the newest cycle: managed ones first, high before low, the largest first. Its reading
 * precedes its actions, and so still has those that it removed.
 */
const STATUS_CONTAINERS = `
  SELECT c.id, c.name, c.image, c.managed, c.protected, c.kind, c.declared_class, c.compose, c.pid,
         s.level, s.because, s.because_code, s.cpu_percent, s.rss_kb, s.mem_percent, s.process_count, c.first_seen, c.removed_at,
         CASE WHEN s.start_ns > 0 THEN CAST(max(s.monotonic_ns - s.start_ns, 0) AS REAL) / 1e9 END AS run_seconds,
         s.memory_current_kb, s.memory_limit_kb, s.memory_used_kb,
         s.cpu_limited_to, s.squeezed_to_kb, s.pids_limited_to, s.io_limited_to,
         CAST(s.cpu_throttled_ns AS REAL) AS cpu_throttled_ns, s.cpu_throttled_periods,
         s.block_read_bytes, s.block_write_bytes,
         s.memory_some_avg10, s.memory_some_total_us, s.memory_full_avg10, s.memory_full_total_us,
         s.cpu_some_avg10, s.cpu_some_total_us, s.cpu_full_avg10, s.cpu_full_total_us,
         s.io_some_avg10, s.io_some_total_us, s.io_full_avg10, s.io_full_total_us
  FROM container AS c JOIN container_sample AS s ON s.container = c.key AND s.at = :at
  WHERE c.removed_at IS NULL
  ORDER BY c.managed DESC, s.level, s.cpu_percent DESC, s.rss_kb DESC, c.id`;

export interface EventFilter {
  readonly limit: number;
  /** Epoch seconds, both ends included. */
  readonly sinceSeconds?: number;
  readonly untilSeconds?: number;
  /** Part of a container's name, or the beginning of its ID. */
  readonly container?: string;
  readonly kind?: string;
  /** A class, or `none` for actions on a container without one. */
  readonly level?: string;
  /** Only actions of this cycle. */
  readonly tick?: number | null;
  readonly result?: string;
  /** Part of the name, the reason or the outcome, or the beginning of an ID. */
  readonly text?: string;
  /** Only actions older than this `id`. */
  readonly before?: number;
  /** Only actions newer than this `id`. */
  readonly after?: number;
  /** Adds the candidates of that cycle as JSON in `candidates`, a few kilobytes each. */
  readonly withCandidates?: boolean;
}

/**
 * Actions, the newest first, each with its reason and outcome. Actions without rows of their own any more come from the
 * evidence of their cycle, but only when the filter has no more than `container`, `sinceSeconds` and `limit`.
 */
export function readEvents(db: DatabaseSync, filter: EventFilter): ActionRow[] {
  const {
    limit,
    sinceSeconds = 0,
    untilSeconds = null,
    before = null,
    after = null,
    withCandidates = false,
  } = filter;
  const { tick = null } = filter;
  const { container = '', kind = '', level = '', result = '', text = '' } = filter;
  const rows = db
    .prepare(`
      SELECT a.id, a.tick, a.at, a.kind, a.level, a.result, coalesce(c.name, a.name) AS name, a.container_id, a.because,
             a.because_code, a.detail, a.detail_code, a.took_ms
      FROM action AS a LEFT JOIN container AS c ON c.id = a.container_id
      WHERE a.at >= :since AND (:container = '' OR instr(coalesce(c.name, a.name), :container) > 0
                                OR substr(a.container_id, 1, length(:container)) = :container
                                OR ${isAtAddress('container')})
        AND (:tick IS NULL OR a.tick = :tick)
        AND (:until IS NULL OR a.at <= :until) AND (:before IS NULL OR a.id < :before)
        AND (:after IS NULL OR a.id > :after)
        AND (:kind = '' OR a.kind = :kind) AND (:result = '' OR a.result = :result)
        AND (:level = '' OR coalesce(a.level, 'none') = :level)
        AND (:text = '' OR instr(lower(coalesce(c.name, a.name) || ' ' || a.because || ' ' || a.detail || ' ' ||
                          coalesce(a.because_es, '') || ' ' || coalesce(a.detail_es, '')), lower(:text)) > 0
                        OR substr(a.container_id, 1, length(:text)) = :text)
      ORDER BY a.id DESC LIMIT :limit`)
    .all({
      since: sinceSeconds,
      until: untilSeconds,
      before,
      after,
      container,
      kind,
      level,
      result,
      text,
      tick,
      limit,
    })
    .map((row) => withReasons(row, 'because', 'detail'))
    .map((row) =>
      withCandidates ? Object.assign(row, { candidates: candidatesOf(db, row['tick'] ?? null) }) : row,
    );
  const isNarrow =
    tick !== null ||
    untilSeconds !== null ||
    before !== null ||
    after !== null ||
    kind + level + result + text !== '';
  if (rows.length === limit || isNarrow) return rows;
  const older = olderActions(db, { sinceSeconds, container, limit: limit - rows.length });
  if (!withCandidates) for (const row of older) delete row['candidates'];
  return [...rows, ...older];
}

/** One container's life and every decision about it, the oldest first. */
export interface Story {
  /** `removed_because`: null unless Vigía removed it. `policy`: null in rows of earlier versions. */
  readonly container: Omit<Row, 'policy' | 'kind'> & {
    readonly kind: ShownKind;
    readonly removed_because: Reason | null;
    readonly policy: ContainerPolicy | null;
  };
  /** The newest sample; null when the samples of its time have been deleted. */
  readonly sample: Because | null;
  /** Each with `candidates`, the JSON of the candidates of that cycle. */
  readonly actions: readonly ActionRow[];
  /** The newest cycle that had it as a candidate: `tick`, `at`, `candidates`; null when no recent one had. */
  readonly considered: Row | null;
}

/** Containers whose name contains the text or whose ID begins with it, or those of a Compose service (`shop/db`). */
export function findContainers(db: DatabaseSync, text: string, limit: number): Row[] {
  if (text.includes('/'))
    return db
      .prepare(
        `SELECT key, id, name FROM container AS c WHERE ${isAtAddress('text')} ORDER BY last_seen DESC, key DESC LIMIT :limit`,
      )
      .all({ text, limit });
  return db
    .prepare(`
      SELECT key, id, name FROM life
      WHERE instr(name, :text) > 0 OR substr(id, 1, length(:text)) = :text
      ORDER BY last_seen DESC, key DESC LIMIT :limit`)
    .all({ text, limit });
}

export function readStory(db: DatabaseSync, id: string): Story | null {
  const container =
    db.prepare('SELECT * FROM container WHERE id = ?').get(id) ??
    db
      .prepare(
        'SELECT *, NULL AS declared_class, NULL AS kind, NULL AS policy, NULL AS compose FROM life WHERE id = ? ORDER BY last_seen DESC',
      )
      .get(id);
  if (container === undefined) return null;
  const actions = db
    .prepare(`
      SELECT tick, at, kind, level, because, because_code, result, detail, detail_code, took_ms
      FROM action WHERE container_id = ? ORDER BY id`)
    .all(id)
    .map((row) =>
      Object.assign(withReasons(row, 'because', 'detail'), {
        candidates: candidatesOf(db, row['tick'] ?? null),
      }),
    );
  const sample = db
    .prepare(`
      SELECT s.at, s.level, s.because, s.because_code, s.cpu_percent, s.rss_kb, s.mem_percent, s.memory_used_kb,
             s.cpu_limited_to, s.squeezed_to_kb, s.pids_limited_to, s.io_limited_to
      FROM container_sample AS s JOIN container AS c ON c.key = s.container
      WHERE c.id = ? ORDER BY s.at DESC LIMIT 1`)
    .get(id);
  return {
    container: Object.assign(withReasons(container, 'removed_because'), {
      kind: kindOf(container),
      policy: policyFrom(container['policy']),
    }),
    sample: sample === undefined ? null : withReasons(sample, 'because'),
    actions: actions.length > 0 ? actions : olderActionsOn(db, container),
    considered: newestCycleConsidering(db, id),
  };
}

/** The newest host samples, the oldest first: `at`, `used_kb`, `total_kb`, `cpu_percent` (100 is one core), `cpus`. */
export function readTrend(db: DatabaseSync, limit: number): Row[] {
  return db
    .prepare('SELECT at, used_kb, total_kb, cpu_percent, cpus FROM host_sample ORDER BY at DESC LIMIT ?')
    .all(limit)
    .reverse();
}
