import { aftermath } from '../decide/aftermath.ts';
import { standingOf } from '../decide/scene.ts';
import { standingAfter } from '../decide/standing-after.ts';
import type { Config } from '../model/config.ts';
import type { Plan, Verdict } from '../model/decision.ts';
import { NO_HISTORY } from '../model/history.ts';
import { messageOf } from '../model/message.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import { type Begun, readBegun, writeBegun } from '../record/begun.ts';
import { Store } from '../record/store.ts';
import type { LiveRecord } from './live-record.ts';

/**
 * Cycles that end with the daemon's own end: killed between a deed and its record. What is about to be done is noted
 * before it is done; the next life looks up what came of it, and records that.
 */
export class CutCycles {
  readonly #record: Pick<LiveRecord, 'db'>;
  readonly #config: Config;
  readonly #warn: (message: string) => void;

  constructor(record: Pick<LiveRecord, 'db'>, config: Config, warn: (message: string) => void) {
    this.#record = record;
    this.#config = config;
    this.#warn = warn;
  }

  /** A note that cannot be written keeps nobody from acting. */
  note(plan: Plan, snapshot: Snapshot, verdicts: readonly Verdict[]): void {
    if (plan.kind === 'hold' || this.#config.mode !== 'enforce') return;
    try {
      writeBegun(this.#record.db, {
        ...{ snapshot, plan, verdicts },
        before: standingOf(snapshot.containers, verdicts),
      });
    } catch (error) {
      this.#warn(`what cycle ${snapshot.tick} does is not noted beforehand: ${messageOf(error)}`);
    }
  }

  /** Before the first cycle, and before its history is read: what was done belongs to it. */
  async settle(look: (tick: number) => Promise<Snapshot>): Promise<void> {
    for (const begun of readBegun(this.#record.db)) {
      const now = await look(begun.snapshot.tick);
      try {
        this.#save(begun, now);
        this.#warn(messageFor(begun));
      } catch (error) {
        this.#warn(`${messageFor(begun)}, but could not be recorded: ${messageOf(error)}`);
      }
    }
  }

  #save(begun: Begun, now: Snapshot): void {
    const { snapshot, plan, verdicts, before } = begun;
    const known = this.#record.db.prepare('SELECT 1 FROM container WHERE id = ?');
    const isKnown = (id: ContainerId) => known.get(id) !== undefined;
    const outcomes = plan.kind === 'act' ? aftermath(plan.actions, now, isKnown) : [];
    const fault = { sensor: 'verify', message: messageFor(begun), blind: false } as const;
    // Its snapshot went with the daemon: there is nothing in it to replay.
    new Store(this.#record.db, this.#config, { replayable: false }).save(
      {
        ...{ history: NO_HISTORY, verdicts, plan, outcomes, before, observations: [] },
        snapshot: { ...snapshot, faults: [...snapshot.faults, fault] },
        after: standingAfter(before, new Map(), verdicts, outcomes),
        cost: { senseMs: 0, decideMs: 0, actMs: 0 },
      },
      0,
    );
  }
}

const messageFor = ({ snapshot }: Begun): string =>
  `Vigía ended in the midst of cycle ${snapshot.tick}; what had been done of it was looked up at the next start`;
