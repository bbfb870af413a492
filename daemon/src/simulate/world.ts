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

/** The wall clock's hour at boot; nothing depends on it. */
const EPOCH_MS = 1_800_000_000_000;
const SENSE_MS = 60;
const START_MS = 400;
const REMOVE_MS = 80;
const OBEYS_SECONDS: readonly [number, number] = [0.02, 0.3];
const DEADLINE_MS = 15_000;
/** How long an engine takes to stop a container that nobody waits for any more. */
const LATE_SECONDS: readonly [number, number] = [26, 120];
const HANG_SECONDS: readonly [number, number] = [20, 180];
const DAY_MS = 86_400_000;
/** Between an end and the new beginning that a restart policy makes of it. */
const COMES_BACK_MS = 500;
/** Of RAM: below it memory is short, whatever the daemon's configuration says. */
const HARD_SHARE = 0.05;
const RELEASE = 0.8;

/** Who watches what is done through the engine; each is called before the deed takes effect. */
export interface EngineObserver {
  onAction(
    deed: 'kill' | 'stop' | 'restart' | 'remove' | 'throttle' | 'release',
    target: SimulatedContainer,
  ): void;
  onStart(container: NewContainer): void;
  /** The kernel had to kill it: memory ran out entirely. */
  onOutOfMemory(target: SimulatedContainer): void;
}

/**
 * A modelled host: containers that come, use what their kind uses and go, and an engine that does what it is told,
 * late, or not at all when faults are on. Where it lies: CPU is handed out as wanted, whoever else wants it; the engine
 * lists and inspects in no time; processes are not modelled one by one.
 */
export class World {
  readonly containers = new Map<ContainerId, SimulatedContainer>();
  created = 0;
  /** What the snapshot of this cycle was worth: nothing destructive may follow from a bad one. */
  lastReading: 'good' | 'blind' | 'stale' = 'good';
  faultsInjected = 0;
  lastFaultMs = Number.NEGATIVE_INFINITY;
  /** When the newest reading was taken. */
  sensedMs = 0;
  /** Whether a container has ended, or begun anew, by no deed of ours since then; ended, since the second look before a removal. */
  lostSinceReading = false;
  lostSinceLook = false;
  readonly #scenario: Scenario;
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #time: VirtualTime;
  readonly #watcher: EngineObserver;
  readonly #nextArrivalMs: number[];
  #caughtUpMs = 0;
  /** Since when MemAvailable has been below the threshold, to the millisecond; null while it is not. */
  shortSinceMs: number | null = null;
  /** When there was last enough, with hysteresis. */
  plentyMs = 0;
  /** When memory was last seen short, or stalling everybody. */
  pressedMs = Number.NEGATIVE_INFINITY;
  #availableKb: KiB;
  #stalled: Percent = 0;
  #ioStalled: Percent = 0;
  #wallOffsetMs = 0;
  #hungUntilMs = 0;
  #lastPid = 1000;
  #lastSnapshot: Snapshot | null = null;

  constructor(
    scenario: Scenario,
    faults: Faults,
    random: Random,
    time: VirtualTime,
    watcher: EngineObserver,
  ) {
    this.#scenario = scenario;
    this.#availableKb = scenario.host.totalKb - scenario.host.systemKb;
    this.#faults = faults;
    this.#random = random;
    this.#time = time;
    this.#watcher = watcher;
    this.#nextArrivalMs = scenario.arrivals.map(({ everySeconds }) => everySeconds * 1000);
    for (const resident of scenario.residents) {
      for (let i = 0; i < resident.count; i += 1) this.#bear(resident.kind, resident);
    }
  }

  wallMs(): number {
    return EPOCH_MS + this.#time.nowMs + this.#wallOffsetMs;
  }

  /** What our own container truly is, from what it does; null while its kind makes that a matter of the moment. */
  truthOf({ wantsPercent, startsWithKb, kind }: SimulatedContainer): 'low' | 'high' | null {
    if (kind.rssKbPerSecond !== undefined) return null;
    const share = (100 * startsWithKb) / this.#scenario.host.totalKb;
    return wantsPercent > 0.09 || share > 0.16 ? 'high' : 'low';
  }

  /** The larger of its shares of the host's CPU and memory, 0 to 1. */
  greedOf({ wantsPercent, startsWithKb }: SimulatedContainer): number {
    const { cpus, totalKb } = this.#scenario.host;
    return Math.max(wantsPercent / 100 / cpus, startsWithKb / totalKb);
  }

  /** Init's pid in the reading that the cycle goes by; null where that shows none. */
  judgedPid(id: ContainerId): number | null {
    return this.#lastSnapshot?.containers.find((container) => container.id === id)?.usage?.pid ?? null;
  }

  async sense(tick: number, clock: Clock): Promise<Snapshot> {
    await clock.sleep(SENSE_MS, NEVER);
    this.catchUp();
    this.sensedMs = this.#time.nowMs;
    this.lostSinceReading = false;
    if (this.#goesWrong(this.#faults.clockJump))
      this.#wallOffsetMs += this.#random.between([-DAY_MS, DAY_MS]);
    if (this.#goesWrong(this.#faults.engineHang))
      this.#hungUntilMs = this.#time.nowMs + 1000 * this.#random.between(HANG_SECONDS);
    if (this.#goesWrong(this.#faults.stale) && this.#lastSnapshot !== null) {
      this.lastReading = 'stale';
      return { ...this.#lastSnapshot, tick };
    }
    if (this.#isHung() || this.#goesWrong(this.#faults.blind)) {
      this.lastReading = 'blind';
      return this.#look(tick, [], true);
    }
    this.lastReading = 'good';
    this.#lastSnapshot = this.#look(tick, [...this.containers.values()], false);
    return this.#lastSnapshot;
  }

  pressure(): PressureReading {
    this.catchUp();
    return {
      monotonicNs: Math.round(this.#time.nowMs * 1e6),
      totalKb: this.#scenario.host.totalKb,
      availableKb: this.#availableKb,
      memoryFullAvg10: this.#stalled,
    };
  }

  /** The engine as one life of the daemon reaches it: what it began goes on when the daemon dies. */
  engineFor(clock: Clock): Engine {
    const answer = async (ms: number): Promise<void> => {
      if (this.#isHung()) {
        await clock.sleep(15_000, NEVER);
        throw new Error('Docker did not answer within 15 s');
      }
      if (this.#goesWrong(this.#faults.engineError))
        throw new Error('the engine answered 500: modelled fault');
      if (ms > 0) await clock.sleep(ms, NEVER);
      this.catchUp();
    };
    return {
      list: async () => {
        this.#meddle();
        await answer(0);
        this.lostSinceLook = false;
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
        this.#watcher.onAction('stop', target);
        if (this.#goesWrong(this.#faults.lateStop)) {
          target.stopsMs = Math.min(
            target.stopsMs,
            this.#time.nowMs + 1000 * this.#random.between(LATE_SECONDS),
          );
          await clock.sleep(1000 * graceSeconds + DEADLINE_MS, NEVER);
          throw new Error('Docker did not answer within its deadline');
        }
        const takesMs = 1000 * Math.min(this.#obeysAfter(target), graceSeconds);
        // A second stop does not put off what the first one has begun.
        target.stopsMs = Math.min(target.stopsMs, this.#time.nowMs + takesMs);
        await clock.sleep(takesMs, NEVER);
        this.catchUp();
      },
      restart: async (id, graceSeconds) => {
        await answer(0);
        const target = this.containers.get(id);
        if (target === undefined) throw new Error(`no container ${id}`);
        this.#watcher.onAction('restart', target);
        await clock.sleep(1000 * Math.min(this.#obeysAfter(target), graceSeconds), NEVER);
        this.catchUp();
        this.#begin(target);
        await clock.sleep(START_MS, NEVER);
      },
      remove: async (id) => {
        await answer(0);
        const target = this.containers.get(id);
        if (target === undefined) return;
        this.#watcher.onAction('remove', target);
        this.containers.delete(id);
        await clock.sleep(REMOVE_MS, NEVER);
      },
      limitCpu: async (id, percent) => {
        await answer(0);
        const target = this.containers.get(id);
        if (target === undefined) return;
        this.#watcher.onAction(percent === null ? 'release' : 'throttle', target);
        target.limitPercent = percent;
      },
      start: async (container) => {
        await answer(0);
        this.#watcher.onStart(container);
        const id = this.#start(container);
        await clock.sleep(START_MS, NEVER);
        return id;
      },
    };
  }

  /** The kernel's own SIGKILL to a container, by its cgroup's path. */
  kill(path: string): boolean {
    this.catchUp();
    const target = this.containers.get(path);
    if (target === undefined || target.state !== 'running') return false;
    this.#watcher.onAction('kill', target);
    target.state = 'exited';
    return true;
  }

  /** Brings the containers to the present: what they used, who ended, who came. */
  catchUp(): void {
    const nowMs = this.#time.nowMs;
    const elapsedMs = nowMs - this.#caughtUpMs;
    if (elapsedMs <= 0) return;
    for (const container of this.containers.values()) {
      if (container.state !== 'running') continue;
      const untilMs = Math.min(nowMs, container.stopsMs, container.endsMs);
      advance(container, Math.max(0, untilMs - Math.max(this.#caughtUpMs, container.runMs)), nowMs);
      if (Math.min(container.stopsMs, container.endsMs) > nowMs) continue;
      const endedItself = container.endsMs === untilMs;
      // Who was told to stop stays down, though it ends before it obeys.
      if (endedItself && container.kind.comesBack && container.stopsMs === Number.POSITIVE_INFINITY)
        this.#begin(container, Math.min(nowMs, untilMs + COMES_BACK_MS));
      else container.state = 'exited';
      if (endedItself) this.#noteLoss();
    }
    this.#followMemory(elapsedMs);
    this.#caughtUpMs = nowMs;
    this.#scenario.arrivals.forEach(({ everySeconds, count, kinds, labels }, i) => {
      while ((this.#nextArrivalMs[i] ?? Number.POSITIVE_INFINITY) <= nowMs) {
        this.#nextArrivalMs[i] = (this.#nextArrivalMs[i] ?? 0) + everySeconds * 1000;
        for (let n = 0; n < count; n += 1)
          this.#bear(this.#random.pick(kinds), labels === undefined ? {} : { labels });
      }
    });
  }

  /** Available memory, PSI, the moment at which the threshold was crossed, and the kernel's own last resort. */
  #followMemory(elapsedMs: number): void {
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
    this.#stalled = averaged(this.#stalled, isThrashing, elapsedMs);
    this.#ioStalled = averaged(this.#ioStalled, isIoStalled, elapsedMs);
    const line = totalKb * HARD_SHARE;
    if (this.#availableKb >= line) this.shortSinceMs = null;
    // Memory goes evenly between two looks.
    else if (this.shortSinceMs === null)
      this.shortSinceMs =
        before <= line
          ? nowMs
          : nowMs - (elapsedMs * (line - this.#availableKb)) / (before - this.#availableKb);
    if (this.#availableKb >= line / RELEASE) this.plentyMs = nowMs;
    if (this.shortSinceMs !== null || this.#stalled > 30) this.pressedMs = nowMs;
    if (usedKb < totalKb || largest === null) return;
    this.#watcher.onOutOfMemory(largest.container);
    this.#lose(largest.container);
  }

  #start({ name, image, labels }: NewContainer): ContainerId {
    const kind = Object.entries(this.#scenario.kinds).find(([, { image: made }]) => made === image)?.[0];
    if (kind === undefined) throw new Error(`image ${image} is not on this host`);
    return this.#bear(kind, { labels, name });
  }

  #bear(kindName: string, { labels, name, untouchable }: Partial<Resident>): ContainerId {
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
      // The declared class is drawn by lot: it must not matter.
      labels: labels ?? { 'vigia.managed': 'true', 'vigia.class': this.#random.chance(0.5) ? 'low' : 'high' },
      kind,
      untouchable: untouchable ?? null,
      bornMs: this.#time.nowMs,
      createdAt: Math.floor(this.wallMs()),
      runMs: this.#time.nowMs,
      pid: this.#nextPid(),
      wantsPercent: this.#random.between(kind.cpuPercent),
      startsWithKb: Math.round(this.#random.between(kind.rssKb)),
      startsWithProcesses: kind.processes ? Math.round(this.#random.between(kind.processes)) : 1,
      writesKbPerSecond: kind.writesKbPerSecond ? this.#random.between(kind.writesKbPerSecond) : 0,
      endsMs: this.#endOf(kind),
      state: 'running',
      stopsMs: Number.POSITIVE_INFINITY,
      cpuNs: 0,
      wroteKb: 0,
      limitPercent: null,
    });
    return id;
  }

  /** It ends by no deed of ours. */
  #lose(container: SimulatedContainer): void {
    container.state = 'exited';
    this.#noteLoss();
  }

  #noteLoss(): void {
    this.lostSinceReading = true;
    this.lostSinceLook = true;
  }

  /** Somebody else does to one of our containers what nobody could foresee. */
  #meddle(): void {
    if (!this.#goesWrong(this.#faults.outsider)) return;
    const ours = [...this.containers.values()].filter((d) => d.state === 'running' && d.untouchable === null);
    const target = ours[Math.floor(this.#random.next() * ours.length)];
    if (target === undefined) return;
    const deed = this.#random.pick({ restart: 1, end: 1, remove: 1 });
    if (deed === 'restart') this.#begin(target);
    else this.#lose(target);
    this.lostSinceReading = true;
    if (deed === 'remove') this.containers.delete(target.id);
  }

  /** A new run of a container that there is. */
  #begin(container: SimulatedContainer, atMs: number = this.#time.nowMs): void {
    container.runMs = atMs;
    container.pid = this.#nextPid();
    container.endsMs = this.#endOf(container.kind);
    container.state = 'running';
    container.stopsMs = Number.POSITIVE_INFINITY;
    container.cpuNs = 0;
    container.wroteKb = 0;
  }

  #nextPid(): number {
    this.#lastPid += 1;
    return this.#lastPid;
  }

  #endOf({ livesSeconds }: Kind): number {
    if (livesSeconds === undefined) return Number.POSITIVE_INFINITY;
    return this.#time.nowMs + 1000 * this.#random.between(livesSeconds);
  }

  /** Seconds until it ends when it is told to. */
  #obeysAfter({ kind }: SimulatedContainer): number {
    if (this.#goesWrong(this.#faults.slowStop)) return Number.POSITIVE_INFINITY;
    return this.#random.between(kind.stopSeconds ?? OBEYS_SECONDS);
  }

  #look(tick: number, seen: readonly SimulatedContainer[], blind: boolean): Snapshot {
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
        memoryFullAvg10: this.#stalled,
        memorySomeAvg10: 0,
        ioFullAvg10: this.#ioStalled,
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

  #isHung(): boolean {
    return this.#time.nowMs < this.#hungUntilMs;
  }

  #goesWrong(probability: number): boolean {
    if (probability === 0 || !this.#random.chance(probability)) return false;
    this.faultsInjected += 1;
    this.lastFaultMs = this.#time.nowMs;
    return true;
  }
}

/** PSI's average over ten seconds, where every task waits four fifths of the time or not at all. */
function averaged(before: Percent, isStalled: boolean, elapsedMs: number): Percent {
  return before + ((isStalled ? 80 : 0) - before) * (1 - Math.exp(-elapsedMs / 10_000));
}

const NEVER = new AbortController().signal;
