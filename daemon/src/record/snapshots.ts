import type { DatabaseSync } from 'node:sqlite';
import type { Config } from '../model/config.ts';
import type { Decision, Outcome, Plan } from '../model/decision.ts';
import type { History, MemoryPressure } from '../model/history.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Seconds } from '../model/units.ts';
import { statement } from './database.ts';
import { fromJson, pack, toJson, unpack } from './packed.ts';

/** How often what was known is written whole: a replay begins at one of these. */
const WHOLE_EVERY_TICKS = 180;

/** One cycle as it was decided. */
export interface Recorded {
  /** Without the processes: nobody decides by them one by one. */
  readonly snapshot: Snapshot;
  /** How memory had been doing, second by second: what no snapshot tells. */
  readonly memoryPressure: MemoryPressure;
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
  /** What was known before, and the configuration it was decided by; null where they follow from the cycle before. */
  readonly history: History | null;
  readonly policy: Config | null;
  /** The cycle before is missing: the daemon had just started, or the disk was full. */
  readonly isFirst: boolean;
}

/** Writes what each cycle knew beside the cycle before, which it is much like. */
export class SnapshotWriter {
  readonly #db: DatabaseSync;
  readonly #policy: Config;
  #last: { readonly tick: number; readonly wholeTick: number; readonly json: Buffer } | null = null;

  constructor(db: DatabaseSync, policy: Config) {
    this.#db = db;
    this.#policy = policy;
  }

  /** Within the cycle's transaction; what it returns is called once that is in the file. */
  write({ history, snapshot, plan, outcomes }: Decision, at: Seconds): () => void {
    const { tick } = snapshot;
    const last = this.#last?.tick === tick - 1 ? this.#last : null;
    const isWhole = last === null || tick >= last.wholeTick + WHOLE_EVERY_TICKS;
    const json = toJson({
      snapshot: { ...snapshot, processes: [] },
      memoryPressure: history.memoryPressure,
      plan,
      outcomes,
      isFirst: last === null,
      history: isWhole ? history : null,
      policy: isWhole ? this.#policy : null,
    });
    statement(
      this.#db,
      'INSERT OR REPLACE INTO snapshot (tick, at, whole, body) VALUES (:tick, :at, :whole, :body)',
    ).run({ tick, at, whole: Number(isWhole), body: pack(json, isWhole ? null : last.json) });
    return () => {
      this.#last = { tick, wholeTick: isWhole ? tick : last.wholeTick, json };
    };
  }
}

/**
 * The cycles of a time in their order, from the whole one before it on: who decides anew must know what was known. One
 * whose predecessor is no longer there cannot be read, and neither can those up to the next whole one.
 */
export function* readSnapshots(db: DatabaseSync, since: Seconds, until: Seconds): Generator<Recorded> {
  const first = db
    .prepare(`
      SELECT coalesce(
        (SELECT max(tick) FROM snapshot WHERE whole = 1 AND tick <= (SELECT min(tick) FROM snapshot WHERE at >= :since)),
        (SELECT min(tick) FROM snapshot WHERE whole = 1)) AS tick`)
    .get({ since })?.['tick'];
  const rows = db.prepare('SELECT tick, whole, body FROM snapshot WHERE tick >= ? AND at <= ? ORDER BY tick');
  let before: { tick: number; json: Buffer } | null = null;
  for (const { tick, whole, body } of rows.iterate(first ?? 0, until)) {
    const follows: boolean = before !== null && before.tick === Number(tick) - 1;
    if (whole !== 1 && !follows) continue;
    const json: Buffer = unpack(body, whole === 1 ? null : (before?.json ?? null));
    before = { tick: Number(tick), json };
    const recorded = fromJson(json) as Recorded;
    yield { ...recorded, isFirst: recorded.isFirst || !follows };
  }
}
