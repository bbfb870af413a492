import type { DatabaseSync } from 'node:sqlite';
import type { Config } from '../model/config.ts';
import type { Seconds } from '../model/units.ts';
import { inTransaction, statement } from './database.ts';
import { expireLives, moveShortLives } from './move-lives.ts';
import { rolledUpTo, rollUp, STEPS } from './roll-up.ts';

type Retention = Config['retention'];

const HOUR: Seconds = 3600;
const DAY: Seconds = 86_400;
/**
 * Age is measured from the earliest time of the last cycles, so that a clock that runs ahead for a while deletes
 * nothing.
 */
const TRUSTED_TICKS = 180;
/** Chores per upkeep; each takes milliseconds. A backlog, as after months off, is worked off over many cycles. */
const CHORES_AT_ONCE = 3;
/** Rows are deleted only once they are this much too old, so that a transaction is worth it. */
const SLACK: Seconds = 300;

interface Now {
  /** The newest cycle's time. */
  readonly at: Seconds;
  /** The time that ages are measured from. */
  readonly trusted: Seconds;
}

/** One piece of upkeep, in one short transaction; false when there was nothing to do. */
type Chore = (db: DatabaseSync, retention: Retention, now: Now) => boolean;

/** Rows that are kept for the same time. */
interface RetentionGroup {
  readonly rows: readonly { readonly from: string; readonly time?: string; readonly where?: string }[];
  cutoff(db: DatabaseSync, retention: Retention, now: Now): Seconds;
  /** The span of time that is deleted at once. */
  readonly slice: Seconds;
}

const TIERS = [
  'host_tier',
  'disk_tier',
  'cycle_tier',
  'class_tier',
  'container_tier',
  'process_count_tier',
  'process_tier',
];
const tierRows = (step: number) => TIERS.map((from) => ({ from, where: `step = ${step}` }));

const GROUPS: readonly RetentionGroup[] = [
  {
    rows: [
      ...[
        'host_sample',
        'disk_sample',
        'container_sample',
        'process_sample',
        'process_count',
        'snapshot',
        'action',
      ].map((from) => ({ from })),
      { from: 'cycle', where: "plan = 'hold'" },
    ],
    cutoff: sampleCutoff,
    slice: HOUR / 4,
  },
  {
    rows: tierRows(300),
    cutoff: (_, { fiveMinutesDays }, now) => ago(fiveMinutesDays, now),
    slice: 6 * HOUR,
  },
  { rows: tierRows(3600), cutoff: (_, { hoursDays }, now) => ago(hoursDays, now), slice: 3 * DAY },
  {
    rows: [
      { from: 'cycle' },
      { from: 'fault' },
      { from: 'observation' },
      { from: 'script_run' },
      { from: 'engine_event' },
    ],
    cutoff: (_, { decisionsDays }, now) => ago(decisionsDays, now),
    slice: HOUR,
  },
  {
    rows: [{ from: 'decision_line' }, { from: 'lifetime_day', time: 'day' }],
    cutoff: (_, { linesDays }, now) => ago(linesDays, now),
    slice: DAY,
  },
];

const CHORES: readonly Chore[] = [
  ...STEPS.map(
    (step): Chore =>
      (db, _retention, { at }) =>
        rollUp(db, step, at),
  ),
  ...GROUPS.map(
    (group): Chore =>
      (db, retention, now) =>
        deleteOldest(db, group, group.cutoff(db, retention, now)),
  ),
  (db, retention, now) => moveShortLives(db, sampleCutoff(db, retention, now)),
  (db, { lifetimesDays, hoursDays }, now) => expireLives(db, ago(lifetimesDays, now), ago(hoursDays, now)),
  shrinkFile,
];

/**
 * Runs the chores that are due: writes the next bucket of a tier, deletes a slice of what is older than the configured
 * retention. Each chore finds its own place, so it may be interrupted between two of them. `at` is the newest cycle's
 * time. True when anything was due: more may be, so the next call should come soon.
 */
export function upkeep(db: DatabaseSync, retention: Retention, at: Seconds): boolean {
  const now = { at, trusted: trustedNow(db, at) };
  let left = CHORES_AT_ONCE;
  for (const chore of CHORES) {
    if (left > 0 && chore(db, retention, now)) left -= 1;
  }
  return left < CHORES_AT_ONCE;
}

function trustedNow(db: DatabaseSync, at: Seconds): Seconds {
  // NOT INDEXED: otherwise SQLite scans the index of `at`, through every older cycle.
  const earliest = statement(
    db,
    'SELECT min(at) AS at FROM cycle NOT INDEXED WHERE tick > (SELECT max(tick) FROM cycle) - ?',
  ).get(TRUSTED_TICKS)?.['at'];
  return typeof earliest === 'number' ? Math.min(earliest, at) : at;
}

const ago = (days: number, { trusted }: Now): Seconds => trusted - days * DAY;

/** Samples are deleted only once they are in every tier. */
function sampleCutoff(db: DatabaseSync, { samplesDays }: Retention, now: Now): Seconds {
  return Math.min(ago(samplesDays, now), rolledUpTo(db));
}

function deleteOldest(db: DatabaseSync, { rows, slice }: RetentionGroup, cutoff: Seconds): boolean {
  const oldest = Math.min(
    ...rows.map(({ from, time = 'at', where = 'true' }) => {
      const found = statement(db, `SELECT min(${time}) AS oldest FROM ${from} WHERE ${where}`).get()?.[
        'oldest'
      ];
      return typeof found === 'number' ? found : Number.POSITIVE_INFINITY;
    }),
  );
  if (oldest > cutoff - SLACK) return false;
  const before = Math.min(cutoff, oldest + slice);
  inTransaction(db, () => {
    for (const { from, time = 'at', where = 'true' } of rows)
      statement(db, `DELETE FROM ${from} WHERE ${where} AND ${time} < ?`).run(before);
  });
  return true;
}

/** Free pages beyond both of these are returned to the disk, a megabyte at a time; the rest is kept for new samples. */
const FREE_SHARE = 0.2;
const FREE_PAGES = 2000;
const PAGES_AT_ONCE = 256;

function shrinkFile(db: DatabaseSync): boolean {
  const figure = (pragma: string) => Number(statement(db, `PRAGMA ${pragma}`).get()?.[pragma]);
  const free = figure('freelist_count');
  if (free < FREE_PAGES || free < FREE_SHARE * figure('page_count') || figure('auto_vacuum') !== INCREMENTAL)
    return false;
  db.exec(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`);
  return true;
}

const INCREMENTAL = 2;
