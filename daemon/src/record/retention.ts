import type { DatabaseSync } from 'node:sqlite';
import type { Config } from '../model/config.ts';
import type { Seconds } from '../model/units.ts';
import { inTransaction, statement } from './database.ts';
import { expireLives, settleLives } from './move-lives.ts';
import { rolledUpTo, rollUp, STEPS } from './roll-up.ts';

type Retention = Config['retention'];

const HOUR: Seconds = 3600;
const DAY: Seconds = 86_400;
/** The clock must have been where it is for so many cycles: one that runs ahead for a while deletes nothing. */
const TRUSTED_TICKS = 180;
/** Each takes milliseconds. What is overdue, as after months of being off, is caught up with over many cycles. */
const CHORES_AT_ONCE = 3;
/** Not worth a transaction before so much has become too old. */
const SLACK: Seconds = 300;

interface Now {
  /** The newest cycle's. */
  readonly at: Seconds;
  /** What is deleted is measured against this one. */
  readonly trusted: Seconds;
}

/** One piece of upkeep, in one short transaction; false when there was nothing to do. */
type Chore = (db: DatabaseSync, retention: Retention, now: Now) => boolean;

/** Rows that are kept equally long. */
interface Aged {
  readonly rows: readonly { readonly from: string; readonly time?: string; readonly where?: string }[];
  cutoff(db: DatabaseSync, retention: Retention, now: Now): Seconds;
  /** How much of time is deleted at once. */
  readonly slice: Seconds;
}

const TIERS = [
  'host_tier',
  'cycle_tier',
  'class_tier',
  'container_tier',
  'process_count_tier',
  'process_tier',
];
const tierRows = (step: number) => TIERS.map((from) => ({ from, where: `step = ${step}` }));

const AGED: readonly Aged[] = [
  {
    rows: [
      ...['host_sample', 'container_sample', 'process_sample', 'process_count', 'snapshot', 'action'].map(
        (from) => ({ from }),
      ),
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
    rows: [{ from: 'cycle' }, { from: 'fault' }, { from: 'observation' }, { from: 'script_run' }],
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
  ...AGED.map(
    (aged): Chore =>
      (db, retention, now) =>
        deleteOldest(db, aged, aged.cutoff(db, retention, now)),
  ),
  (db, retention, now) => settleLives(db, sampleCutoff(db, retention, now)),
  (db, { lifetimesDays, hoursDays }, now) => expireLives(db, ago(lifetimesDays, now), ago(hoursDays, now)),
  giveBack,
];

/**
 * Now and then after a cycle, at the newest cycle's time: the next bucket of a tier is written, or a slice deleted of
 * what is older than the configuration keeps. Whatever happens between two chores, the next one begins where the last
 * one ended. True when anything was due: then more of it may be, and one should not wait for long.
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
  // Left to itself, SQLite looks for the earliest in the index of `at`, through every cycle that is older than these.
  const earliest = statement(
    db,
    'SELECT min(at) AS at FROM cycle NOT INDEXED WHERE tick > (SELECT max(tick) FROM cycle) - ?',
  ).get(TRUSTED_TICKS)?.['at'];
  return typeof earliest === 'number' ? Math.min(earliest, at) : at;
}

const ago = (days: number, { trusted }: Now): Seconds => trusted - days * DAY;

/** No sample goes before it is in every tier. */
function sampleCutoff(db: DatabaseSync, { samplesDays }: Retention, now: Now): Seconds {
  return Math.min(ago(samplesDays, now), rolledUpTo(db));
}

function deleteOldest(db: DatabaseSync, { rows, slice }: Aged, cutoff: Seconds): boolean {
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

/** Of the pages that are free, so many are left for the next samples; the rest goes back to the disk, a megabyte at a time. */
const FREE_SHARE = 0.2;
const FREE_PAGES = 2000;
const PAGES_AT_ONCE = 256;

function giveBack(db: DatabaseSync): boolean {
  const figure = (pragma: string) => Number(statement(db, `PRAGMA ${pragma}`).get()?.[pragma]);
  const free = figure('freelist_count');
  if (free < FREE_PAGES || free < FREE_SHARE * figure('page_count') || figure('auto_vacuum') !== INCREMENTAL)
    return false;
  db.exec(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`);
  return true;
}

const INCREMENTAL = 2;
