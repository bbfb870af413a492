import { classify } from '../classify/classify.ts';
import { pressureReadingOf, updateMemoryPressure } from '../classify/memory-pressure.ts';
import { remember } from '../classify/remember.ts';
import { followRuns } from '../classify/runs.ts';
import { decide } from '../decide/decide.ts';
import type { Config } from '../model/config.ts';
import type { Action, Plan } from '../model/decision.ts';
import { type History, NO_HISTORY } from '../model/history.ts';
import type { Millis } from '../model/units.ts';
import type { Recorded } from '../record/snapshots.ts';

/** A cycle that the two policies decide differently, on the same snapshot. */
export interface Difference {
  readonly tick: number;
  readonly at: Millis;
  readonly present: Plan;
  readonly changed: Plan;
  /** Actions of both, and of one alone. */
  readonly both: readonly Action[];
  readonly onlyPresent: readonly Action[];
  readonly onlyChanged: readonly Action[];
}

export interface Replayed {
  readonly cycles: number;
  /** Of these, where something was done, or would be, by either policy. */
  readonly acted: number;
  readonly from: Millis | null;
  readonly to: Millis | null;
  /** Cycles in which the present policy plans exactly what was recorded: fewer than all, and the policy was another one then. */
  readonly asRecorded: number;
  readonly differences: readonly Difference[];
}

/** One policy going through the record: what it knows is what it has made of the same readings and deeds. */
class Judge {
  readonly #config: Config;
  /** The second-by-second watch was kept by these thresholds. */
  readonly #pressure: string;
  #recordedPressure = '';
  #history: History | null = null;

  constructor(config: Config) {
    this.#config = config;
    this.#pressure = thresholdsOf(config);
  }

  decide(cycle: Recorded): Plan | null {
    const { snapshot, outcomes } = cycle;
    const history = this.#know(cycle);
    if (history === null) return null;
    const classifications = classify(history, snapshot, this.#config);
    const plan = decide(history, snapshot, classifications, this.#config);
    // What was done is done, whoever would have done something else: the next snapshot shows the world that came of it.
    this.#history = remember(history, snapshot, classifications, outcomes, this.#config);
    return plan;
  }

  #know({ isFirst, history, policy, memoryPressure, snapshot }: Recorded): History | null {
    const isAnew = isFirst || this.#history === null;
    const known = isAnew ? history : this.#history;
    if (known === null) return null;
    // Another threshold would have counted other seconds: then there is only what the snapshots show.
    if (policy !== null) this.#recordedPressure = thresholdsOf(policy);
    const isSame = this.#recordedPressure === this.#pressure;
    return {
      // What a record of an earlier version does not hold, nobody knew.
      ...NO_HISTORY,
      ...known,
      // What was recorded has seen this snapshot already.
      runs: isAnew ? known.runs : followRuns(known.runs, snapshot, this.#config),
      memoryPressure: isSame
        ? memoryPressure
        : updateMemoryPressure(known.memoryPressure, pressureReadingOf(snapshot), this.#config),
    };
  }
}

const thresholdsOf = ({ pressure, classify: { releaseRatio } }: Config): string =>
  JSON.stringify([pressure, releaseRatio]);

/**
 * Decides every recorded cycle anew, by the present policy and by a changed one. One step at a time: what a policy would
 * have done differently is told, but the next cycle is again the one that was.
 */
export function replayCycles(
  cycles: Iterable<Recorded>,
  present: Config,
  changed: Config,
  since: Millis,
): Replayed {
  const [a, b] = [new Judge(present), new Judge(changed)];
  const differences: Difference[] = [];
  let [count, acted, asRecorded] = [0, 0, 0];
  let [from, to]: [Millis | null, Millis | null] = [null, null];
  for (const cycle of cycles) {
    const [first, second] = [a.decide(cycle), b.decide(cycle)];
    const { tick, at } = cycle.snapshot;
    // What comes before is only there to know by.
    if (first === null || second === null || at < since) continue;
    count += 1;
    from ??= at;
    to = at;
    if (first.kind === 'act' || second.kind === 'act') acted += 1;
    if (JSON.stringify(first) === JSON.stringify(cycle.plan)) asRecorded += 1;
    const difference = compare(first, second);
    if (difference !== null) differences.push({ tick, at, present: first, changed: second, ...difference });
  }
  return { cycles: count, acted, from, to, asRecorded, differences };
}

/** Not by their words: the reasons name the thresholds, which differ wherever the policies do. */
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
    const found = right.findIndex((other) => deedOf(other) === deedOf(action));
    if (found >= 0) right.splice(found, 1);
    (found >= 0 ? both : onlyPresent).push(action);
  }
  if (onlyPresent.length === 0 && right.length === 0) return null;
  return { both, onlyPresent, onlyChanged: right };
}

function deedOf(action: Action): string {
  if (action.kind === 'start') return `start ${action.image} ${action.level}`;
  return `${action.kind} ${action.id} ${action.kind === 'remove' ? action.urgency : ''}`;
}
