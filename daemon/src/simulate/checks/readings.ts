import type { Decision } from '../../model/decision.ts';
import type { ContainerId, Nanoseconds } from '../../model/units.ts';
import type { ModelAction } from '../host-state.ts';
import type { SimulatedContainer } from '../simulated-container.ts';
import type { Checks, Ledger } from './ledger.ts';

/** A rate needs two readings at most so many cycles apart; with a longer gap the next reading is the first one again. */
const MOST_CYCLES_APART = 3;

/** Nothing is done on a reading that is old, broken, or of an earlier run. */
export class ReadingChecks implements Checks {
  readonly #ledger: Ledger;
  /** By container ID and pid: the first good reading that showed it, and the newest one. */
  readonly #seen = new Map<string, { readonly firstNs: Nanoseconds; lastNs: Nanoseconds }>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  onAction(action: ModelAction, target: SimulatedContainer): void {
    const what = `${action} ${target.name}`;
    this.#checkReading(what, action === 'kill');
    // A flapping container may be acted on in whichever run it is, and one that is between two runs has none.
    if (target.state !== 'running' || target.kind.comesBack === true) return;
    if (action === 'release') return;
    const classified = this.#classifiedPid(target.id);
    this.#ledger.check(
      'same-run',
      target.pid === classified,
      () => `${what}: classified as pid ${classified}, now pid ${target.pid}`,
    );
  }

  onStart({ name }: { readonly name: string }): void {
    this.#checkReading(`start ${name}`, false);
  }

  onDecision({ snapshot, classifications, plan }: Decision): void {
    const { host } = this.#ledger;
    const { lastReading } = host;
    const isKillOnly = plan.kind === 'act' && plan.actions.every(({ kind }) => kind === 'kill');
    this.#ledger.check(
      'good-reading',
      lastReading === 'good' || plan.kind === 'hold' || (lastReading === 'silent' && isKillOnly),
      `planned actions on a ${lastReading} reading`,
    );
    if (lastReading === 'good') this.#checkClassified(snapshot, classifications);
  }

  /** What the daemon knows of containers that it had read once may be lost. */
  onCrash(): void {
    this.#seen.clear();
  }

  #checkReading(what: string, isKill: boolean): void {
    const { lastReading, shortSinceMs, lastPressureMs } = this.#ledger.host;
    const isEmergency = shortSinceMs !== null || this.#ledger.nowMs - lastPressureMs < 10_000;
    const isAllowed = lastReading === 'good' || (lastReading === 'silent' && isKill && isEmergency);
    this.#ledger.check('good-reading', isAllowed, `${what} on a ${lastReading} reading`);
  }

  #checkClassified(
    { monotonicNs, containers }: Decision['snapshot'],
    classifications: Decision['classifications'],
  ): void {
    const { config } = this.#ledger;
    const { minSeconds } = config.classify;
    const mostNs = Math.max(MOST_CYCLES_APART * config.cycleSeconds, 3 * minSeconds) * 1e9;
    const levels = new Map(classifications.map(({ id, level }) => [id, level]));
    const shown = new Set<string>();
    for (const { id, usage } of containers) {
      const level = levels.get(id);
      if (level === undefined) continue;
      // Each run counts as another container: rates are taken within one run.
      const run = `${id} ${usage?.pid}`;
      shown.add(run);
      const seen = this.#seen.get(run);
      if (seen === undefined || monotonicNs - seen.lastNs > mostNs) {
        this.#seen.set(run, { firstNs: monotonicNs, lastNs: monotonicNs });
        continue;
      }
      if (usage !== null && monotonicNs - seen.firstNs >= minSeconds * 1e9)
        this.#ledger.check(
          'second-snapshot',
          level !== 'unknown',
          () => `${id.slice(0, 8)} has no class in a later reading`,
        );
      seen.lastNs = monotonicNs;
    }
    for (const run of this.#seen.keys()) if (!shown.has(run)) this.#seen.delete(run);
  }

  /** The container's init pid in the newest good reading; null when that has none. */
  #classifiedPid(id: ContainerId): number | null {
    const { lastSnapshot } = this.#ledger.host;
    return lastSnapshot?.containers.find((container) => container.id === id)?.usage?.pid ?? null;
  }
}
