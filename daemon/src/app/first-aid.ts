import { carryOutPlan } from '../act/carry-out-plan.ts';
import { DockerEngine } from '../engine/docker-engine.ts';
import { hostCgroups } from '../engine/host-cgroups.ts';
import { type AidPorts, giveAid } from '../loop/aid.ts';
import type { Lookout } from '../loop/lookout.ts';
import type { Turn } from '../loop/turn.ts';
import type { Config } from '../model/config.ts';
import type { Aid, Known } from '../model/memory-watch.ts';
import type { PressureReading, Snapshot } from '../model/snapshot.ts';
import { readBootNs } from '../sense/host-sample.ts';
import { lookAgain } from '../sense/look-again.ts';
import { realClock } from './real-clock.ts';
import { ordersNow } from './standing-orders.ts';

/** The loop knows more, and has so long to act itself after an alarm. */
const PATIENCE_MS = 300;

/** Acts on an alarm in the loop's place where the loop is held up: by its record, a long reading, or anything else. */
export class FirstAid {
  readonly #turn: Turn;
  readonly #pressure: () => PressureReading | null;
  readonly #tell: (aid: Aid) => void;
  readonly #ports: AidPorts;
  #known: (Known & { readonly acts: number }) | null = null;
  #isWaiting = false;

  constructor(
    turn: Turn,
    pressure: () => PressureReading | null,
    tell: (aid: Aid) => void,
    ports?: Partial<AidPorts>,
  ) {
    this.#turn = turn;
    this.#pressure = pressure;
    this.#tell = tell;
    this.#ports = { look: (before) => this.#look(before), act: actOnHost, ...ports };
  }

  prepare(known: Known, acts: number): void {
    this.#known = { ...known, acts };
  }

  alarmed(lookout: Pick<Lookout, 'judgement'>): void {
    if (this.#isWaiting || this.#known === null) return;
    this.#isWaiting = true;
    setTimeout(async () => {
      await this.give(lookout);
      this.#isWaiting = false;
    }, PATIENCE_MS);
  }

  /** Acts if the loop has not. What was done is told before the turn is over. */
  async give({ judgement }: Pick<Lookout, 'judgement'>): Promise<void> {
    const known = this.#known;
    if (known === null || judgement.config.mode !== 'enforce' || !this.#turn.claim(known.acts)) return;
    // By what is known there is one act at most.
    this.#known = null;
    const aid = await giveAid(this.#ports, withOrders(judgement), known).catch(() => null);
    if (aid === null) return this.#turn.giveBack();
    this.#tell(aid);
    this.#turn.release();
  }

  #look(before: Snapshot): Snapshot | null {
    const reading = this.#pressure();
    const bootNs = readBootNs();
    if (reading === null || bootNs === null) return null;
    return lookAgain(before, reading, { at: realClock.now(), bootNs });
  }
}

/** An order that was given since the last cycle holds here, too. */
const withOrders = <J extends { readonly config: Config }>(judgement: J): J => ({
  ...judgement,
  config: { ...judgement.config, orders: ordersNow(judgement.config) },
});

const actOnHost: AidPorts['act'] = (plan, { snapshot, classifications }, config) => {
  const engine = new DockerEngine(config.docker);
  const context = { engine, clock: realClock, config, cgroups: hostCgroups };
  return carryOutPlan(context, plan, snapshot, classifications);
};
