import { classify } from '../classify/classify.ts';
import { pressureReadingOf, updateMemoryPressure } from '../classify/memory-pressure.ts';
import { remember } from '../classify/remember.ts';
import { followRuns } from '../classify/runs.ts';
import { decide } from '../decide/decide.ts';
import type { Config } from '../model/config.ts';
import type { Action, Plan } from '../model/decision.ts';
import { type History, NO_HISTORY } from '../model/history.ts';
import { NO_ORDERS } from '../model/orders.ts';
import type { Millis } from '../model/units.ts';
import type { Recorded } from '../record/snapshots.ts';

/** A cycle that two configurations decide differently, on the same snapshot. */
export interface Difference {
  readonly tick: number;
  readonly at: Millis;
  readonly present: Plan;
  readonly changed: Plan;
  /** Actions that both plan, and that only one plans. */
  readonly both: readonly Action[];
  readonly onlyPresent: readonly Action[];
  readonly onlyChanged: readonly Action[];
}

export interface Replayed {
  readonly cycles: number;
  /** Cycles in which either configuration acts. */
  readonly acted: number;
  readonly from: Millis | null;
  readonly to: Millis | null;
  /** Cycles in which the present configuration plans exactly what was recorded; fewer if it has changed since then. */
  readonly asRecorded: number;
  readonly differences: readonly Difference[];
}

/** Decides recorded cycles with one configuration, under the orders that were in force. Its history follows from the recorded readings and outcomes. */
class Replayer {
  #config: Config;
  /** The thresholds of the memory watch, whose second-by-second state was recorded. */
  readonly #pressure: string;
  #recordedPressure = '';
  #history: History | null = null;

  constructor(config: Config) {
    this.#config = config;
    this.#pressure = thresholdsOf(config);
  }

  decide(cycle: Recorded): Plan | null {
    const { snapshot, outcomes, policy } = cycle;
    if (policy !== null) this.#config = { ...this.#config, orders: policy.orders ?? NO_ORDERS };
    const history = this.#historyFor(cycle);
    if (history === null) return null;
    const classifications = classify(history, snapshot, this.#config);
    const plan = decide(history, snapshot, classifications, this.#config);
    // The recorded outcomes count, not those of this plan: the next recorded snapshot follows from them.
    this.#history = remember(history, snapshot, classifications, outcomes, this.#config);
    return plan;
  }

  #historyFor({ isFirst, history, policy, memoryPressure, snapshot }: Recorded): History | null {
    const isStart = isFirst || this.#history === null;
    const known = isStart ? history : this.#history;
    if (known === null) return null;
    // With other thresholds the recorded state of the watch does not apply: then only the snapshots count.
    if (policy !== null) this.#recordedPressure = thresholdsOf(policy);
    const isSame = this.#recordedPressure === this.#pressure;
    return {
      // Defaults for what a record of an earlier version does not hold.
      ...NO_HISTORY,
      ...known,
      // A recorded history has taken this snapshot into account already.
      runs: isStart ? known.runs : followRuns(known.runs, snapshot, this.#config),
      memoryPressure: isSame
        ? memoryPressure
        : updateMemoryPressure(known.memoryPressure, pressureReadingOf(snapshot), this.#config),
    };
  }
}

const thresholdsOf = ({ pressure, classify: { releaseRatio } }: Config): string =>
  JSON.stringify([pressure, releaseRatio]);

/**
 * Decides every recorded cycle again, with the present configuration and with a changed one. Each cycle is compared on
 * its own: a difference does not carry over, since the next cycle is again the recorded one.
 */
export function replayCycles(
  cycles: Iterable<Recorded>,
  present: Config,
  changed: Config,
  since: Millis,
): Replayed {
  const [a, b] = [new Replayer(present), new Replayer(changed)];
  const differences: Difference[] = [];
  let [count, acted, asRecorded] = [0, 0, 0];
  let [from, to]: [Millis | null, Millis | null] = [null, null];
  for (const cycle of cycles) {
    const [first, second] = [a.decide(cycle), b.decide(cycle)];
    const { tick, at } = cycle.snapshot;
    // Cycles before `since` only build up the history.
    if (first === null || second === null || at < since) continue;
    count += 1;
    from ??= at;
    to = at;
    if (first.kind === 'act' || second.kind === 'act') acted += 1;
    if (isAsRecorded(first, cycle.plan)) asRecorded += 1;
    const difference = compare(first, second);
    if (difference !== null) differences.push({ tick, at, present: first, changed: second, ...difference });
  }
  return { cycles: count, acted, from, to, asRecorded, differences };
}

/**
 * Exactly the recorded plan. One that an earlier version recorded has prose for reasons: there the actions are
 * compared.
 */
function isAsRecorded(plan: Plan, recorded: Plan): boolean {
  if (JSON.stringify(plan) === JSON.stringify(recorded)) return true;
  const [reason] =
    recorded.kind === 'hold' ? [recorded.because] : recorded.actions.map(({ because }) => because);
  return reason?.code === 'recorded-text' && plan.kind === recorded.kind && compare(plan, recorded) === null;
}

/** Compares actions without their reasons, since those contain thresholds. null when the actions are the same. */
function compare(
  present: Plan,
  changed: Plan,
): Pick<Difference, 'both' | 'onlyPresent' | 'onlyChanged'> | null {
  const [left, right] = [present, changed].map((plan) => (plan.kind === 'act' ? [...plan.actions] : [])) as [
    Action[],
    Action[],
  ];
  const both: Action[] = [];
  const onlyPresent: Action[] = [];
  for (const action of left) {
    const found = right.findIndex((other) => actionKey(other) === actionKey(action));
    if (found >= 0) right.splice(found, 1);
    (found >= 0 ? both : onlyPresent).push(action);
  }
  if (onlyPresent.length === 0 && right.length === 0) return null;
  return { both, onlyPresent, onlyChanged: right };
}

function actionKey(action: Action): string {
  if (action.kind === 'start') return `start ${action.image} ${action.level}`;
  return `${action.kind} ${action.id} ${action.kind === 'remove' ? action.urgency : ''}`;
}
