import { countsAfter } from '../decide/counts-after.ts';
import { countClasses } from '../decide/decision-context.ts';
import { resolveInterruptedActions } from '../decide/resolve-interrupted-actions.ts';
import type { Config } from '../model/config.ts';
import type { Classification, Plan } from '../model/decision.ts';
import { errorMessage } from '../model/error-message.ts';
import { NO_HISTORY } from '../model/history.ts';
import type { Reason } from '../model/reason.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import { type PendingCycle, readPendingCycles, writePendingCycle } from '../record/pending-cycle.ts';
import { Store } from '../record/store.ts';
import { render } from '../words/language.ts';
import type { LiveRecord } from './live-record.ts';

/**
 * Cycles in which the daemon was killed between an action and its record. Each plan is noted before it is carried out;
 * the next start looks up the outcomes of its actions and records them.
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

  /** Notes a plan. If that fails, the plan is carried out all the same. */
  note(plan: Plan, snapshot: Snapshot, classifications: readonly Classification[]): void {
    if (plan.kind === 'hold' || this.#config.mode !== 'enforce') return;
    try {
      writePendingCycle(this.#record.db, {
        ...{ snapshot, plan, classifications },
        before: countClasses(snapshot.containers, classifications, this.#config),
      });
    } catch (error) {
      this.#warn(`the plan of cycle ${snapshot.tick} could not be noted beforehand: ${errorMessage(error)}`);
    }
  }

  /**
   * Resolves and records the noted plans of earlier runs. To be called before the history for the first cycle is read.
   */
  async settle(senseNow: (tick: number) => Promise<Snapshot>): Promise<void> {
    for (const pending of readPendingCycles(this.#record.db)) {
      const now = await senseNow(pending.snapshot.tick);
      try {
        this.#save(pending, now);
        this.#warn(render(reasonFor(pending), 'en'));
      } catch (error) {
        this.#warn(
          `${render(reasonFor(pending), 'en')}, but that could not be recorded: ${errorMessage(error)}`,
        );
      }
    }
  }

  #save(pending: PendingCycle, now: Snapshot): void {
    const { snapshot, plan, classifications, before } = pending;
    const known = this.#record.db.prepare('SELECT 1 FROM container WHERE id = ?');
    const isKnown = (id: ContainerId) => known.get(id) !== undefined;
    const outcomes = plan.kind === 'act' ? resolveInterruptedActions(plan.actions, now, isKnown) : [];
    const fault = { sensor: 'verify', reason: reasonFor(pending), blind: false } as const;
    // The note has no containers or processes of the snapshot, so `vigia replay` could not use it.
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

const reasonFor = ({ snapshot }: PendingCycle): Reason => ({
  code: 'cycle-interrupted',
  tick: snapshot.tick,
});
