import type { Decision } from '../../model/decision.ts';
import type { NewContainer } from '../../model/engine.ts';
import { CLASS_LABEL, startedForFloor } from '../../model/ownership.ts';
import type { ModelAction } from '../host-state.ts';
import type { SimulatedContainer } from '../simulated-container.ts';
import type { Checks, Ledger } from './ledger.ts';
import { disposablesOf, trueClassOf } from './truth.ts';

const HOUR_MS = 3_600_000;
/** A restart is tried once; what follows it within the hour is at most a kill, and another restart after a crash. */
const MAX_RESTARTS_AN_HOUR = 3;

/** A container cannot have a class yet at this age. */
const UNSEEN_MS = 10_000;

/** What Vigía starts, and that it does not start it over and over. */
export class StartChecks implements Checks {
  starts = 0;
  restarts = 0;
  readonly #ledger: Ledger;
  /** Times of the starts within the last hour, by image, and of the restarts, by container. */
  readonly #startedMs = new Map<string, number[]>();
  readonly #restartedMs = new Map<string, number[]>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  onStart({ name, image, labels }: NewContainer): void {
    const { host, config } = this.#ledger;
    const hourly = this.#note(this.#startedMs, image);
    this.#ledger.check(
      'no-loop',
      hourly <= config.act.startsPerHour,
      () => `start ${name}: start ${hourly} of ${image} within an hour`,
    );
    const level = labels[CLASS_LABEL];
    if (level !== 'low' && level !== 'high') return;
    const started = disposablesOf(host).filter(
      (container) =>
        startedForFloor(container) === level &&
        // One that turned out to be of the other class, as the daemon has seen by now, is none.
        (trueClassOf(host, container) === level || this.#ledger.nowMs - container.createdMs < UNSEEN_MS),
    );
    const { keep } = config.quotas[level];
    this.#ledger.check(
      'no-excess',
      started.length < keep,
      () => `start ${name}: ${started.length} containers were started before for ${level}, quota ${keep}`,
    );
  }

  onAction(action: ModelAction, { id, name }: SimulatedContainer): void {
    if (action !== 'restart') return;
    this.restarts += 1;
    const hourly = this.#note(this.#restartedMs, id);
    this.#ledger.check(
      'no-loop',
      hourly <= MAX_RESTARTS_AN_HOUR,
      () => `restart ${name}: restart ${hourly} within an hour`,
    );
  }

  onDecision({ outcomes }: Decision): void {
    for (const { action, result } of outcomes)
      if (action.kind === 'start' && result === 'done') this.starts += 1;
  }

  #note(times: Map<string, number[]>, key: string): number {
    const { nowMs } = this.#ledger;
    const lastHour = [...(times.get(key) ?? []).filter((ms) => ms > nowMs - HOUR_MS), nowMs];
    times.set(key, lastHour);
    return lastHour.length;
  }
}
