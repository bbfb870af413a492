import type { Engine, NewContainer } from '../model/engine.ts';
import type { Clock } from '../model/ports.ts';
import type { ContainerSample, PressureReading, Snapshot } from '../model/snapshot.ts';
import type { ContainerId, KiB, Percent } from '../model/units.ts';
import type { Faults } from './faults.ts';
import type { Random } from './random.ts';
import type { Kind, Resident, Scenario } from './scenario.ts';
import {
  advance,
  rssKb,
  type SimulatedContainer,
  stallsIo,
  toEngineContainer,
  toUsage,
} from './simulated-container.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The wall clock's time at boot, an arbitrary one. */
const BOOT_WALL_MS = 1_800_000_000_000;
/** How long these operations take. */
const SENSE_MS = 60;
const START_MS = 400;
const REMOVE_MS = 80;
/** From SIGTERM to the end, for kinds that do not say. */
const STOP_SECONDS: readonly [number, number] = [0.02, 0.3];
/** How long the daemon waits for an answer of the engine. */
const ENGINE_DEADLINE_MS = 15_000;
/** How long a late stop takes: longer than the daemon waits. */
const LATE_STOP_SECONDS: readonly [number, number] = [26, 120];
const HANG_SECONDS: readonly [number, number] = [20, 180];
const DAY_MS = 86_400_000;
/** From a container's end to its new start by a restart policy. */
const RESTART_POLICY_MS = 500;
/** Memory is short when less than this share of RAM is available, whatever the daemon's configuration says. */
const SHORT_SHARE = 0.05;
/** Memory has recovered when the available share reaches SHORT_SHARE / RECOVERY_RATIO. */
const RECOVERY_RATIO = 0.8;

/** Is notified of every action of the daemon before it takes effect. */
export interface EngineObserver {
  onAction(
    action: 'kill' | 'stop' | 'restart' | 'remove' | 'throttle' | 'release',
    target: SimulatedContainer,
  ): void;
  onStart(container: NewContainer): void;
  /** Memory is exhausted, and the kernel kills this container. */
  onOutOfMemory(target: SimulatedContainer): void;
}

/**
 * A modelled host: containers that arrive, use resources and end as their kinds say, and an engine and a sensor, which
 * fail when faults are enabled. Simplifications:
 * - CPU: every container gets all that it wants, whatever the others use. The host's CPU use and load are always 0.
 * - Memory: a container holds its RSS only, without page cache or swap, and grows linearly or not at all.
 * - PSI: all tasks wait 80 % of the time or not at all. Only "full" of memory and I/O is modelled.
 * - Engine: calls answer at once; only stopping, starting and removing take time. Nothing is read from disk.
 * - Processes are only counted, and there is no network.
 */
export class World {
  readonly containers = new Map<ContainerId, SimulatedContainer>();
  /** How many containers have been created so far. */
  created = 0;
  /** Quality of the newest reading. The daemon must not act on one that is not good. */
  lastReading: 'good' | 'blind' | 'stale' = 'good';
  faultsInjected = 0;
  lastFaultMs = Number.NEGATIVE_INFINITY;
  /** When the newest reading was taken. */
  sensedMs = 0;
  /** Whether a container has ended or restarted since the newest reading, other than by an action of the daemon. */
  endedSinceReading = false;
  /** Whether one has ended in the same way since the engine was last listed, as each recheck before a removal does. */
  endedSinceRecheck = false;
  readonly #scenario: Scenario;
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #time: VirtualTime;
  readonly #observer: EngineObserver;
  readonly #nextArrivalMs: number[];
  #caughtUpMs = 0;
  /** Since when memory has been short (SHORT_SHARE), to the millisecond; null while it is not. */
  shortSinceMs: number | null = null;
  /** When available memory was last above the level of recovery. */
  lastRecoveredMs = 0;
  /** When memory was last short, or made all tasks wait. */
  lastPressureMs = Number.NEGATIVE_INFINITY;
  #availableKb: KiB;
  #memoryFullAvg10: Percent = 0;
  #ioFullAvg10: Percent = 0;
  #wallOffsetMs = 0;
  #hungUntilMs = 0;
  #lastPid = 1000;
  #lastSnapshot: Snapshot | null = null;

  constructor(
    scenario: Scenario,
    faults: Faults,
    random: Random,
    time: VirtualTime,
    observer: EngineObserver,
  ) {
    this.#scenario = scenario;
    this.#availableKb = scenario.host.totalKb - scenario.host.systemKb;
    this.#faults = faults;
    this.#random = random;
    this.#time = time;
    this.#observer = observer;
    this.#nextArrivalMs = scenario.arrivals.map(({ everySeconds }) => everySeconds * 1000);
    for (const resident of scenario.residents) {
      for (let i = 0; i < resident.count; i += 1) this.#create(resident.kind, resident);
    }
  }

  wallMs(): number {
    return BOOT_WALL_MS + this.#time.nowMs + this.#wallOffsetMs;
  }

  /**
   * The true class of a container, from its figures; null when its memory grows, since its class then changes in time.
   */
  trueClassOf({ wantedCpuPercent, initialKb, kind }: SimulatedContainer): 'low' | 'high' | null {
    if (kind.rssKbPerSecond !== undefined) return null;
    const share = (100 * initialKb) / this.#scenario.host.totalKb;
    return wantedCpuPercent > 0.09 || share > 0.16 ? 'high' : 'low';
  }

  /** The larger of the shares of the host's CPU and RAM that it uses, 0 to 1. */
  resourceShareOf({ wantedCpuPercent, initialKb }: SimulatedContainer): number {
    const { cpus, totalKb } = this.#scenario.host;
    return Math.max(wantedCpuPercent / 100 / cpus, initialKb / totalKb);
  }

  /** The container's init pid in the newest good reading, which the daemon classified; null when that has none. */
  classifiedPid(id: ContainerId): number | null {
    return this.#lastSnapshot?.containers.find((container) => container.id === id)?.usage?.pid ?? null;
  }

  /** Takes the cycle's reading. Faults make it stale or blind, jump the wall clock, or hang the engine. */
  async sense(tick: number, clock: Clock): Promise<Snapshot> {
    await clock.sleep(SENSE_MS, NEVER);
    this.catchUp();
    this.sensedMs = this.#time.nowMs;
    this.endedSinceReading = false;
    if (this.#injectFault(this.#faults.clockJump))
      this.#wallOffsetMs += this.#random.between([-DAY_MS, DAY_MS]);
    if (this.#injectFault(this.#faults.engineHang))
      this.#hungUntilMs = this.#time.nowMs + 1000 * this.#random.between(HANG_SECONDS);
    if (this.#injectFault(this.#faults.stale) && this.#lastSnapshot !== null) {
      this.lastReading = 'stale';
      return { ...this.#lastSnapshot, tick };
    }
    if (this.#isHung() || this.#injectFault(this.#faults.blind)) {
      this.lastReading = 'blind';
      return this.#takeSnapshot(tick, [], true);
    }
    this.lastReading = 'good';
    this.#lastSnapshot = this.#takeSnapshot(tick, [...this.containers.values()], false);
    return this.#lastSnapshot;
  }

  pressure(): PressureReading {
    this.catchUp();
    return {
      monotonicNs: Math.round(this.#time.nowMs * 1e6),
      totalKb: this.#scenario.host.totalKb,
      availableKb: this.#availableKb,
      memoryFullAvg10: this.#memoryFullAvg10,
    };
  }

  /** The engine for one life of the daemon. Operations that have begun continue when that life ends. */
  engineFor(clock: Clock): Engine {
    const answer = async (ms: number): Promise<void> => {
      if (this.#isHung()) {
        await clock.sleep(15_000, NEVER);
        throw new Error('Docker did not answer within 15 s');
      }
      if (this.#injectFault(this.#faults.engineError))
        throw new Error('the engine answered 500: modelled fault');
      if (ms > 0) await clock.sleep(ms, NEVER);
      this.catchUp();
    };
    return {
      list: async () => {
        this.#interfere();
        await answer(0);
        this.endedSinceRecheck = false;
        return [...this.containers.values()].map(toEngineContainer);
      },
      inspect: async (id) => {
        await answer(0);
        const found = this.containers.get(id);
        if (found === undefined) return null;
        const { name, image, labels, pid } = found;
        const running = found.state === 'running';
        return {
          id,
          name,
          image,
          labels,
          running,
          pid: running ? pid : 0,
          hasCpuLimit: found.limitPercent !== null,
        };
      },
      stop: async (id, graceSeconds) => {
        await answer(0);
        const target = this.containers.get(id);
        if (target === undefined || target.state !== 'running') return;
        this.#observer.onAction('stop', target);
        if (this.#injectFault(this.#faults.lateStop)) {
          target.stopsAtMs = Math.min(
            target.stopsAtMs,
            this.#time.nowMs + 1000 * this.#random.between(LATE_STOP_SECONDS),
          );
          await clock.sleep(1000 * graceSeconds + ENGINE_DEADLINE_MS, NEVER);
          throw new Error('Docker did not answer within its deadline');
        }
        const takesMs = 1000 * Math.min(this.#secondsToStop(target), graceSeconds);
        // A second stop does not delay the first one.
        target.stopsAtMs = Math.min(target.stopsAtMs, this.#time.nowMs + takesMs);
        await clock.sleep(takesMs, NEVER);
        this.catchUp();
      },
      restart: async (id, graceSeconds) => {
        await answer(0);
        const target = this.containers.get(id);
        if (target === undefined) throw new Error(`no container ${id}`);
        this.#observer.onAction('restart', target);
        await clock.sleep(1000 * Math.min(this.#secondsToStop(target), graceSeconds), NEVER);
        this.catchUp();
        this.#startRun(target);
        await clock.sleep(START_MS, NEVER);
      },
      remove: async (id) => {
        await answer(0);
        const target = this.containers.get(id);
        if (target === undefined) return;
        this.#observer.onAction('remove', target);
        this.containers.delete(id);
        await clock.sleep(REMOVE_MS, NEVER);
      },
      limitCpu: async (id, percent) => {
        await answer(0);
        const target = this.containers.get(id);
        if (target === undefined) return;
        this.#observer.onAction(percent === null ? 'release' : 'throttle', target);
        target.limitPercent = percent;
      },
      start: async (container) => {
        await answer(0);
        this.#observer.onStart(container);
        const id = this.#createFromImage(container);
        await clock.sleep(START_MS, NEVER);
        return id;
      },
    };
  }

  /** Kills a container through its cgroup, as cgroup.kill does; false when it is not running. */
  kill(path: string): boolean {
    this.catchUp();
    const target = this.containers.get(path);
    if (target === undefined || target.state !== 'running') return false;
    this.#observer.onAction('kill', target);
    target.state = 'exited';
    return true;
  }

  /** Advances all containers to the present time: what they used, which ended, which restarted, which arrived. */
  catchUp(): void {
    const nowMs = this.#time.nowMs;
    const elapsedMs = nowMs - this.#caughtUpMs;
    if (elapsedMs <= 0) return;
    for (const container of this.containers.values()) {
      if (container.state !== 'running') continue;
      const untilMs = Math.min(nowMs, container.stopsAtMs, container.endsAtMs);
      advance(container, Math.max(0, untilMs - Math.max(this.#caughtUpMs, container.runStartMs)), nowMs);
      if (Math.min(container.stopsAtMs, container.endsAtMs) > nowMs) continue;
      const endedItself = container.endsAtMs === untilMs;
      // A restart policy does not apply to a container that is being stopped, even if it ends by itself first.
      if (endedItself && container.kind.comesBack && container.stopsAtMs === Number.POSITIVE_INFINITY)
        this.#startRun(container, Math.min(nowMs, untilMs + RESTART_POLICY_MS));
      else container.state = 'exited';
      if (endedItself) this.#noteExternalEnd();
    }
    this.#updateMemory(elapsedMs);
    this.#caughtUpMs = nowMs;
    this.#scenario.arrivals.forEach(({ everySeconds, count, kinds, labels }, i) => {
      while ((this.#nextArrivalMs[i] ?? Number.POSITIVE_INFINITY) <= nowMs) {
        this.#nextArrivalMs[i] = (this.#nextArrivalMs[i] ?? 0) + everySeconds * 1000;
        for (let n = 0; n < count; n += 1)
          this.#create(this.#random.pick(kinds), labels === undefined ? {} : { labels });
      }
    });
  }

  /**
   * Updates available memory and PSI, notes when memory became short, and lets the kernel kill when it is exhausted.
   */
  #updateMemory(elapsedMs: number): void {
    const { totalKb, systemKb } = this.#scenario.host;
    const nowMs = this.#time.nowMs;
    let [usedKb, isThrashing, isIoStalled] = [systemKb, false, false];
    let largest: { readonly container: SimulatedContainer; readonly holdsKb: KiB } | null = null;
    for (const container of this.containers.values()) {
      if (container.state !== 'running') continue;
      const holdsKb = rssKb(container, nowMs);
      usedKb += holdsKb;
      if (holdsKb > (container.kind.thrashesAboveKb ?? Number.POSITIVE_INFINITY)) isThrashing = true;
      if (stallsIo(container)) isIoStalled = true;
      if (largest === null || holdsKb > largest.holdsKb) largest = { container, holdsKb };
    }
    const before = this.#availableKb;
    this.#availableKb = Math.max(0, totalKb - usedKb);
    this.#memoryFullAvg10 = psiAverage(this.#memoryFullAvg10, isThrashing, elapsedMs);
    this.#ioFullAvg10 = psiAverage(this.#ioFullAvg10, isIoStalled, elapsedMs);
    const shortKb = totalKb * SHORT_SHARE;
    if (this.#availableKb >= shortKb) this.shortSinceMs = null;
    // Interpolated, as if memory had changed linearly since the last update.
    else if (this.shortSinceMs === null)
      this.shortSinceMs =
        before <= shortKb
          ? nowMs
          : nowMs - (elapsedMs * (shortKb - this.#availableKb)) / (before - this.#availableKb);
    if (this.#availableKb >= shortKb / RECOVERY_RATIO) this.lastRecoveredMs = nowMs;
    if (this.shortSinceMs !== null || this.#memoryFullAvg10 > 30) this.lastPressureMs = nowMs;
    if (usedKb < totalKb || largest === null) return;
    this.#observer.onOutOfMemory(largest.container);
    this.#endExternally(largest.container);
  }

  #createFromImage({ name, image, labels }: NewContainer): ContainerId {
    const kind = Object.entries(this.#scenario.kinds).find(([, { image: made }]) => made === image)?.[0];
    if (kind === undefined) throw new Error(`image ${image} is not on this host`);
    return this.#create(kind, { labels, name });
  }

  #create(kindName: string, { labels, name, untouchable }: Partial<Resident>): ContainerId {
    const kind = this.#scenario.kinds[kindName];
    if (kind === undefined) throw new Error(`the scenario has no kind ${kindName}`);
    this.created += 1;
    const serial = this.created.toString(16).padStart(8, '0');
    const id =
      Math.floor(this.#random.next() * 2 ** 32)
        .toString(16)
        .padStart(8, '0') + serial.padStart(56, '0');
    this.containers.set(id, {
      id,
      name: name ?? `${kindName}-${this.created}`,
      image: kind.image,
      // The declared class is random, because the daemon must not rely on it.
      labels: labels ?? { 'vigia.managed': 'true', 'vigia.class': this.#random.chance(0.5) ? 'low' : 'high' },
      kind,
      untouchable: untouchable ?? null,
      createdMs: this.#time.nowMs,
      createdAt: Math.floor(this.wallMs()),
      runStartMs: this.#time.nowMs,
      pid: this.#nextPid(),
      wantedCpuPercent: this.#random.between(kind.cpuPercent),
      initialKb: Math.round(this.#random.between(kind.rssKb)),
      initialProcesses: kind.processes ? Math.round(this.#random.between(kind.processes)) : 1,
      writesKbPerSecond: kind.writesKbPerSecond ? this.#random.between(kind.writesKbPerSecond) : 0,
      endsAtMs: this.#drawEnd(kind),
      state: 'running',
      stopsAtMs: Number.POSITIVE_INFINITY,
      cpuNs: 0,
      wroteKb: 0,
      limitPercent: null,
    });
    return id;
  }

  /** Ends a container, other than by an action of the daemon. */
  #endExternally(container: SimulatedContainer): void {
    container.state = 'exited';
    this.#noteExternalEnd();
  }

  #noteExternalEnd(): void {
    this.endedSinceReading = true;
    this.endedSinceRecheck = true;
  }

  /** Injects an action from outside: restarts, ends or removes a random container that the daemon manages. */
  #interfere(): void {
    if (!this.#injectFault(this.#faults.outsider)) return;
    const managed = [...this.containers.values()].filter(
      ({ state, untouchable }) => state === 'running' && untouchable === null,
    );
    const target = managed[Math.floor(this.#random.next() * managed.length)];
    if (target === undefined) return;
    const action = this.#random.pick({ restart: 1, end: 1, remove: 1 });
    if (action === 'restart') this.#startRun(target);
    else this.#endExternally(target);
    this.endedSinceReading = true;
    if (action === 'remove') this.containers.delete(target.id);
  }

  /** Starts a new run of an existing container. */
  #startRun(container: SimulatedContainer, atMs: number = this.#time.nowMs): void {
    container.runStartMs = atMs;
    container.pid = this.#nextPid();
    container.endsAtMs = this.#drawEnd(container.kind);
    container.state = 'running';
    container.stopsAtMs = Number.POSITIVE_INFINITY;
    container.cpuNs = 0;
    container.wroteKb = 0;
  }

  #nextPid(): number {
    this.#lastPid += 1;
    return this.#lastPid;
  }

  /** When a run that begins now ends by itself. */
  #drawEnd({ livesSeconds }: Kind): number {
    if (livesSeconds === undefined) return Number.POSITIVE_INFINITY;
    return this.#time.nowMs + 1000 * this.#random.between(livesSeconds);
  }

  /** Seconds from SIGTERM to its end; infinite when it ignores the signal. */
  #secondsToStop({ kind }: SimulatedContainer): number {
    if (this.#injectFault(this.#faults.slowStop)) return Number.POSITIVE_INFINITY;
    return this.#random.between(kind.stopSeconds ?? STOP_SECONDS);
  }

  #takeSnapshot(tick: number, seen: readonly SimulatedContainer[], blind: boolean): Snapshot {
    const { cpus, totalKb } = this.#scenario.host;
    const { nowMs } = this.#time;
    const containers = seen.map(
      (container): ContainerSample => ({
        ...toEngineContainer(container),
        usage: toUsage(container, nowMs, totalKb),
      }),
    );
    const availableKb = this.#availableKb;
    return {
      tick,
      at: Math.floor(this.wallMs()),
      monotonicNs: Math.round(nowMs * 1e6),
      bootNs: Math.round(nowMs * 1e6),
      sensor: 'kernel',
      host: {
        cpus,
        totalKb,
        freeKb: availableKb,
        availableKb,
        usedKb: totalKb - availableKb,
        load1: 0,
        cpuBusyNs: 0,
        memoryFullAvg10: this.#memoryFullAvg10,
        memorySomeAvg10: 0,
        ioFullAvg10: this.#ioFullAvg10,
        cpuSomeAvg10: 0,
      },
      containers,
      processes: [],
      processCounts: { total: containers.length, byState: { S: containers.length } },
      faults: blind
        ? [
            {
              sensor: 'continfo',
              reason: { code: 'file-not-json', characters: 0, problem: 'modelled fault' },
              blind: true,
            },
          ]
        : [],
    };
  }

  /** Whether the engine hangs. */
  #isHung(): boolean {
    return this.#time.nowMs < this.#hungUntilMs;
  }

  /** Draws whether a fault happens now, and counts it. */
  #injectFault(probability: number): boolean {
    if (probability === 0 || !this.#random.chance(probability)) return false;
    this.faultsInjected += 1;
    this.lastFaultMs = this.#time.nowMs;
    return true;
  }
}

/** Advances PSI's ten-second average: while `isStalled`, all tasks wait 80 % of the time; else none waits. */
function psiAverage(before: Percent, isStalled: boolean, elapsedMs: number): Percent {
  return before + ((isStalled ? 80 : 0) - before) * (1 - Math.exp(-elapsedMs / 10_000));
}

const NEVER = new AbortController().signal;
