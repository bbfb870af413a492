import type { Cgroups, Engine } from '../model/engine.ts';
import type { Clock } from '../model/ports.ts';
import type { PressureReading, Snapshot } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import { cgroupsOf } from './cgroup-model.ts';
import { useCpu } from './cpu-model.ts';
import { engineFor } from './engine-model.ts';
import type { Faults } from './faults.ts';
import { type EngineObserver, HostState } from './host-state.ts';
import { useIo } from './io-model.ts';
import { liveOn } from './lives.ts';
import { useMemory } from './memory-model.ts';
import { ownersOf } from './owners.ts';
import { arrivalsOf, createResidents } from './population.ts';
import type { Random } from './random.ts';
import type { Scenario } from './scenario.ts';
import { pressureReading, sense } from './sensor-model.ts';
import type { SimulatedContainer } from './simulated-container.ts';
import type { VirtualTime } from './virtual-time.ts';

/** After a crash the daemon knows nothing until its first two readings. */
const CRASH_HINDERS_MS = 60_000;

/**
 * A modelled host: containers that arrive, use resources and end as their kinds say, their owners, and an engine, a
 * kernel and sensors, which fail when faults are enabled. Its parts:
 * - `scenario.ts`: what a scenario describes; `simulated-container.ts`: the state of one container
 * - `host-state.ts`: the state that all parts share
 * - `population.ts`, `owners.ts`: where containers come from and who handles them
 * - `lives.ts`: runs, ends, Docker's restart policy
 * - `behaviour.ts`: what each kind wants; `cpu-model.ts`, `memory-model.ts`, `io-model.ts`: what it gets
 * - `engine-model.ts`, `cgroup-model.ts`, `sensor-model.ts`: what the daemon works with
 *
 * Simplifications: containers' figures change between two looks of the daemon in one step; there is no swap, no network
 * and no container inside another; memory grows linearly; the engine answers at once or not at all.
 */
export class World {
  readonly state: HostState;
  readonly cgroups: Cgroups;
  readonly #arrive: () => void;
  readonly #ownersAct: () => void;

  constructor(
    scenario: Scenario,
    faults: Faults,
    random: Random,
    time: VirtualTime,
    observer: EngineObserver,
  ) {
    this.state = new HostState(scenario, faults, random, time, observer);
    createResidents(this.state);
    this.#arrive = arrivalsOf(this.state);
    this.#ownersAct = ownersOf(this.state);
    this.cgroups = cgroupsOf(this.state, () => this.catchUp());
  }

  get containers(): ReadonlyMap<ContainerId, SimulatedContainer> {
    return this.state.containers;
  }

  wallMs(): number {
    return this.state.wallMs();
  }

  /** Takes the cycle's reading. While the engine hangs that takes its deadline, or until `urgent` aborts. */
  sense(tick: number, clock: Clock, urgent?: AbortSignal): Promise<Snapshot> {
    return sense(this.state, tick, clock, () => this.catchUp(), urgent);
  }

  pressure(): PressureReading {
    this.catchUp();
    return pressureReading(this.state);
  }

  /** The engine for one life of the daemon. */
  engineFor(clock: Clock): Engine {
    return engineFor(this.state, clock, () => this.catchUp());
  }

  /** The daemon was killed: the next one knows nothing that the engine listed before. */
  onCrash(): void {
    this.state.lastFaultMs = this.state.nowMs;
    this.state.hinder(CRASH_HINDERS_MS);
    this.state.lastSnapshot = null;
  }

  /** Advances the host to the present time. */
  catchUp(): void {
    const { state } = this;
    const elapsedMs = state.nowMs - state.caughtUpMs;
    if (elapsedMs <= 0) return;
    liveOn(state);
    useCpu(state, elapsedMs);
    useMemory(state, elapsedMs);
    useIo(state, elapsedMs);
    state.caughtUpMs = state.nowMs;
    this.#arrive();
    this.#ownersAct();
  }
}
