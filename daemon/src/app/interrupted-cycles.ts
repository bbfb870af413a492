import { countClasses } from '../decide/context.ts';
import { countsAfter } from '../decide/counts-after.ts';
import { resolveInterruptedActions } from '../decide/resolve-interrupted-actions.ts';
import type { Config } from '../model/config.ts';
import type { Classification, Plan } from '../model/decision.ts';
import { errorMessage } from '../model/error-message.ts';
import { NO_HISTORY } from '../model/history.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import { type PendingCycle, readPendingCycles, writePendingCycle } from '../record/pending-cycle.ts';
import { Store } from '../record/store.ts';
import type { LiveRecord } from './live-record.ts';

/**
 * Cycles that end with the daemon's own end: killed between a deed and its record. What is about to be done is noted
 * before it is done; the next life looks up what came of it, and records that.
 */
export class InterruptedCycles {
  readonly #record: Pick<LiveRecord, 'db'>;
  readonly #config: Config;
  readonly #warn: (message: string) => void;

  constructor(record: Pick<LiveRecord, 'db'>, config: Config, warn: (message: string) => void) {
    this.#record = record;
    this.#config = config;
    this.#warn = warn;
  }

  /** A note that cannot be written keeps nobody from acting. */
  note(plan: Plan, snapshot: Snapshot, classifications: readonly Classification[]): void {
    if (plan.kind === 'hold' || this.#config.mode !== 'enforce') return;
    try {
      writePendingCycle(this.#record.db, {
        ...{ snapshot, plan, classifications },
        before: countClasses(snapshot.containers, classifications),
      });
    } catch (error) {
      this.#warn(`what cycle ${snapshot.tick} does is not noted beforehand: ${errorMessage(error)}`);
    }
  }

  /** Before the first cycle, and before its history is read: what was done belongs to it. */
  async settle(look: (tick: number) => Promise<Snapshot>): Promise<void> {
    for (const pending of readPendingCycles(this.#record.db)) {
      const now = await look(pending.snapshot.tick);
      try {
        this.#save(pending, now);
        this.#warn(messageFor(pending));
      } catch (error) {
        this.#warn(`${messageFor(pending)}, but could not be recorded: ${errorMessage(error)}`);
      }
    }
  }

  #save(pending: PendingCycle, now: Snapshot): void {
    const { snapshot, plan, classifications, before } = pending;
    const known = this.#record.db.prepare('SELECT 1 FROM container WHERE id = ?');
    const isKnown = (id: ContainerId) => known.get(id) !== undefined;
    const outcomes = plan.kind === 'act' ? resolveInterruptedActions(plan.actions, now, isKnown) : [];
    const fault = { sensor: 'verify', message: messageFor(pending), blind: false } as const;
    // Its snapshot went with the daemon: there is nothing in it to replay.
    new Store(this.#record.db, this.#config, { replayable: false }).save(
      {
        ...{ history: NO_HISTORY, classifications, plan, outcomes, before, observations: [] },
        snapshot: { ...snapshot, faults: [...snapshot.faults, fault] },
        after: countsAfter(before, new Map(), classifications, outcomes),
        cost: { senseMs: 0, decideMs: 0, actMs: 0 },
      },
      0,
    );
  }
}

const messageFor = ({ snapshot }: PendingCycle): string =>
  `Vigía ended in the midst of cycle ${snapshot.tick}; what had been done of it was looked up at the next start`;
