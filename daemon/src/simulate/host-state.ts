import type { NewContainer } from '../model/engine.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ContainerId, KiB, Percent } from '../model/units.ts';
import type { Faults } from './faults.ts';
import type { Random } from './random.ts';
import type { Holder, Scenario } from './scenario.ts';
import type { SimulatedContainer } from './simulated-container.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The wall clock's time at boot, an arbitrary one. */
const BOOT_WALL_MS = 1_800_000_000_000;
/** How long an engine hangs. */
export const HANG_SECONDS: readonly [number, number] = [20, 180];

/** One failed call or reading delays the end of a shortage by no more than this. */
const HINDERS_MS = 20_000;

/** What the daemon does to a container, and what its grace period is; null: the container's own stop timeout. */
export type ModelAction =
  | 'kill'
  | 'stop'
  | 'restart'
  | 'remove'
  | 'throttle'
  | 'squeeze'
  | 'limit-pids'
  | 'limit-io'
  | 'release';

/** Is notified of every action of the daemon before it takes effect. */
export interface EngineObserver {
  onAction(action: ModelAction, target: SimulatedContainer, graceSeconds?: number | null): void;
  onStart(container: NewContainer): void;
  /** Memory is exhausted, and the kernel kills this container; null: a process of the host. */
  onOutOfMemory(target: SimulatedContainer | null): void;
}

/** A process, service or tmpfs of the host. */
export interface SimulatedHolder {
  readonly holder: Holder;
  readonly pid: number;
  bingeKb: KiB;
  bingeBeginsMs: number;
  bingeEndsMs: number;
  /** As in SimulatedContainer. */
  trail: KiB[];
}

export const heldBy = ({ holder, bingeKb }: SimulatedHolder): KiB => holder.holdsKb + bingeKb;

/**
 * The state of the modelled host, which all parts of the model share. Each part changes its own figures only; its file
 * says which.
 */
export class HostState {
  readonly scenario: Scenario;
  readonly faults: Faults;
  readonly random: Random;
  readonly time: VirtualTime;
  readonly observer: EngineObserver;

  readonly containers = new Map<ContainerId, SimulatedContainer>();
  readonly holders: SimulatedHolder[];
  /** How many containers have been created so far. */
  created = 0;
  /** Containers that are not disposable: those that were created, and those that their owners removed again. */
  ownedCreated = 0;
  removedByOwner = 0;
  #lastPid = 1000;

  /** Up to when the model has been advanced. */
  caughtUpMs = 0;
  wallOffsetMs = 0;
  /** The engine does not answer until then. */
  hungUntilMs = 0;

  // Memory (memory-model.ts).
  availableKb: KiB;
  cacheKb: KiB = 0;
  memoryFullAvg10: Percent = 0;
  memorySomeAvg10: Percent = 0;
  /** Since when memory has been short (the hard threshold), to the millisecond; null while it is not. */
  shortSinceMs: number | null = null;
  /** When available memory was last above the level of recovery. */
  lastRecoveredMs = 0;
  /** When memory was last short, or made all tasks wait. */
  lastPressureMs = Number.NEGATIVE_INFINITY;

  // CPU (cpu-model.ts) and I/O (io-model.ts).
  cpuBusyNs = 0;
  /** Percent of the whole host in the newest interval. */
  idlePercent: Percent = 100;
  load1 = 0;
  cpuSomeAvg10: Percent = 0;
  ioFullAvg10: Percent = 0;

  // Readings (sensor-model.ts).
  /** The newest reading. The daemon must not act on one that is not good; on `silent` it may kill for memory. */
  lastReading: 'good' | 'blind' | 'stale' | 'silent' = 'good';
  lastSnapshot: Snapshot | null = null;
  /** When the newest reading was taken. */
  sensedMs = 0;
  /** Whether a container has ended or restarted since the newest reading, other than by an action of the daemon. */
  endedSinceReading = false;
  /** Whether one has ended in the same way since the engine was last listed, as each recheck before a removal does. */
  endedSinceRecheck = false;

  faultsInjected = 0;
  lastFaultMs = Number.NEGATIVE_INFINITY;
  /**
   * Until when a fault is an excuse in a shortage of memory. An engine that hangs under pressure is none: what it listed
   * before is enough to end the culprit.
   */
  hinderedUntilMs = 0;

  constructor(
    scenario: Scenario,
    faults: Faults,
    random: Random,
    time: VirtualTime,
    observer: EngineObserver,
  ) {
    this.scenario = scenario;
    this.faults = faults;
    this.random = random;
    this.time = time;
    this.observer = observer;
    const { totalKb, systemKb, holders = [] } = scenario.host;
    this.holders = holders.map((holder) => ({
      holder,
      pid: this.nextPid(),
      bingeKb: 0,
      bingeBeginsMs: holder.binges ? 1000 * random.between(holder.binges.everySeconds) : Infinity,
      bingeEndsMs: Infinity,
      trail: Array(20).fill(holder.holdsKb),
    }));
    this.availableKb = totalKb - systemKb - holders.reduce((sum, { holdsKb }) => sum + holdsKb, 0);
  }

  get nowMs(): number {
    return this.time.nowMs;
  }

  wallMs(): number {
    return BOOT_WALL_MS + this.time.nowMs + this.wallOffsetMs;
  }

  nextPid(): number {
    this.#lastPid += 1;
    return this.#lastPid;
  }

  isHung(): boolean {
    return this.time.nowMs < this.hungUntilMs;
  }

  /** Draws whether a fault happens now, and counts it. */
  injectFault(probability: number): boolean {
    if (probability === 0 || !this.random.chance(probability)) return false;
    this.noteFault();
    return true;
  }

  noteFault(): void {
    this.faultsInjected += 1;
    this.lastFaultMs = this.time.nowMs;
    this.hinder(HINDERS_MS);
  }

  hinder(forMs: number): void {
    this.hinderedUntilMs = Math.max(this.hinderedUntilMs, this.time.nowMs + forMs);
  }

  /** Notes that a container ended or restarted other than by an action of the daemon. */
  noteExternalEnd(): void {
    this.endedSinceReading = true;
    this.endedSinceRecheck = true;
  }
}

/** Advances PSI's ten-second average towards the present share of waiting. */
export function psiAverage(before: Percent, present: Percent, elapsedMs: number): Percent {
  if (before === present) return before;
  return before + (present - before) * (1 - Math.exp(-elapsedMs / 10_000));
}
