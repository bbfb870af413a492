import type { DatabaseSync } from 'node:sqlite';
import type { Config } from '../model/config.ts';
import type { Decision, Outcome, Plan } from '../model/decision.ts';
import type { History, MemoryPressure } from '../model/history.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Seconds } from '../model/units.ts';
import { withBoundedLabels } from './bounded.ts';
import { statement } from './database.ts';
import { fromJson, pack, toJson, unpack } from './packed.ts';
import { upgradeRecorded } from './upgrade-recorded.ts';

/** The history is written whole every so many cycles; a replay begins at such a cycle. */
const WHOLE_EVERY_TICKS = 180;

/** One cycle as it was decided. */
export interface Recorded {
  /** Without the processes, since no decision depends on a single one. */
  readonly snapshot: Snapshot;
  /** The second-by-second state of the memory watch, which no snapshot holds. */
  readonly memoryPressure: MemoryPressure;
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
  /** The history before the cycle and the configuration in force; null where they follow from the cycle before. */
  readonly history: History | null;
  readonly policy: Config | null;
  /** The cycle before is missing: the daemon had just started, or the disk was full. */
  readonly isFirst: boolean;
}

/** Writes what each cycle knew, compressed against the cycle before, which is much like it. */
export class SnapshotWriter {
  readonly #db: DatabaseSync;
  #policy: Config;
  #last: { readonly tick: number; readonly wholeTick: number; readonly json: Buffer } | null = null;

  constructor(db: DatabaseSync, policy: Config) {
    this.#db = db;
    this.#policy = policy;
  }

  /** The configuration of the following cycles. It is recorded whole with the next one. */
  use(policy: Config): void {
    if (policy !== this.#policy) this.#last = null;
    this.#policy = policy;
  }

  /** To be called within the cycle's transaction. The caller calls what it returns once that is committed. */
  write({ history, snapshot, plan, outcomes }: Decision, at: Seconds): () => void {
    const { tick } = snapshot;
    const last = this.#last?.tick === tick - 1 ? this.#last : null;
    const isWhole = last === null || tick >= last.wholeTick + WHOLE_EVERY_TICKS;
    const json = toJson({
      snapshot: { ...snapshot, processes: [], containers: snapshot.containers.map(withBoundedLabels) },
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
 * The cycles of a range in their order, beginning at the last whole one before it, since a replay needs the history.
 * A cycle whose predecessor is gone cannot be read, nor can those after it up to the next whole one.
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
    const recorded = upgraded(fromJson(json));
    yield { ...recorded, isFirst: recorded.isFirst || !follows };
  }
}

/** Cycles that an earlier version recorded, under today's names and with every field. */
const upgraded = (body: unknown): Recorded =>
  completed(
    (typeof body === 'object' && body !== null && 'strain' in body
      ? upgradeRecorded(body)
      : body) as Recorded,
  );

/** Fields that records of earlier versions lack, as the rules know them when nothing is known. */
function completed({ snapshot, history, ...rest }: Recorded): Recorded {
  return {
    ...rest,
    snapshot: {
      ...snapshot,
      lastKnown: snapshot.lastKnown ?? [],
      holders: snapshot.holders ?? null,
      host: snapshot.host && { ...snapshot.host, cgroupVersion: snapshot.host.cgroupVersion ?? 2 },
      containers: snapshot.containers.map((container) => ({
        ...container,
        health: container.health ?? null,
        restartCount: container.restartCount ?? null,
        usage: container.usage && { ...NO_LIMITS, ...container.usage },
      })),
    },
    history: history && {
      ...history,
      disks: history.disks ?? new Map(),
      containers: new Map(
        [...history.containers].map(([id, memory]) => [
          id,
          { ...{ nextLevel: memory.level, limits: {}, timesLimited: {} }, ...memory },
        ]),
      ),
    },
  };
}

const NO_LIMITS = { squeezedToKb: null, pidsLimitedTo: null, ioLimitedTo: null };
