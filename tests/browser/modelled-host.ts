import type { DatabaseSync } from 'node:sqlite';
import { carryOutPlan } from '../../daemon/src/act/carry-out-plan.ts';
import { configFor } from '../../daemon/src/app/run-simulation.ts';
import { loadScenario } from '../../daemon/src/app/scenarios.ts';
import { loop } from '../../daemon/src/loop/loop.ts';
import { watchHere } from '../../daemon/src/loop/watch-here.ts';
import { type Config, DEMO_DEFAULTS } from '../../daemon/src/model/config.ts';
import type { Decision } from '../../daemon/src/model/decision.ts';
import type { Engine } from '../../daemon/src/model/engine.ts';
import type { ProcessSample, SensorFault, Snapshot } from '../../daemon/src/model/snapshot.ts';
import { closeCleanly, openForWriting } from '../../daemon/src/record/database.ts';
import { reloadHistory } from '../../daemon/src/record/reload.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { NO_FAULTS } from '../../daemon/src/simulate/faults.ts';
import { randomFrom } from '../../daemon/src/simulate/random.ts';
import { VirtualTime } from '../../daemon/src/simulate/virtual-time.ts';
import { World } from '../../daemon/src/simulate/world.ts';

/** A container name that tries to inject markup, a script, terminal escapes and another text direction. */
export const HOSTILE = `"><img src=x onerror="document.title='owned'">' \u202e\u0007\u001b[31m<script>alert(1)</script>`;

interface Options {
  readonly database: string;
  readonly scenario?: string;
  /** Adds a foreign container and a process in it, both with hostile names. */
  readonly hasHostileNames?: boolean;
  /** Replaces methods of the simulated engine. */
  readonly engine?: Partial<Engine>;
  /** Called after each cycle is written. */
  readonly onCycle?: (db: DatabaseSync) => void;
}

/**
 * Runs the daemon's own loop, actions and record on a simulated host, as `vigia simulate` does, and keeps the database.
 * The past is written in virtual time; later cycles carry the time at which they are written.
 */
export class ModelledHost {
  readonly #time = new VirtualTime();
  readonly #config: Config;
  readonly #end = new AbortController();
  #db: DatabaseSync;
  #store: Store;
  /** Added to the simulated wall clock while the past is written; null afterwards. */
  #shiftMs: number | null = null;
  #busyNs = 0;
  #startMs = 0;
  readonly #onCycle: (db: DatabaseSync) => void;
  /** Sensor faults that the next cycles report. */
  faults: readonly SensorFault[] = [];

  constructor({
    database,
    scenario = 'workload',
    hasHostileNames = false,
    engine = {},
    onCycle = () => {},
  }: Options) {
    const model = loadScenario(scenario);
    this.#config = { ...configFor(model, DEMO_DEFAULTS), database };
    this.#onCycle = onCycle;
    this.#db = openForWriting(database, (message) => {
      throw new Error(message);
    });
    this.#store = new Store(this.#db, this.#config);
    const life = { dead: false };
    const noObserver = { onAction() {}, onStart() {}, onOutOfMemory() {} };
    const hostile = { kind: 'cache', count: 1, name: HOSTILE, nature: 'foreign' as const };
    const kinds = {
      ...model.kinds,
      cache: model.kinds['cache'] ?? { image: 'valkey:9', cpuPercent: [1, 3], rssKb: [90_000, 90_000] },
    };
    const world = new World(
      hasHostileNames ? { ...model, kinds, residents: [...model.residents, hostile] } : model,
      NO_FAULTS,
      randomFrom(7),
      this.#time,
      noObserver,
    );
    const clock = this.#time.clockOf(life, () => world.wallMs());
    const context = {
      engine: { ...world.engineFor(clock), ...engine },
      clock,
      config: this.#config,
      cgroups: world.cgroups,
    };
    this.#startMs = world.wallMs();
    const { watch } = watchHere({ clock, pressure: () => world.pressure() }, this.#config, this.#end.signal);
    const ports = {
      clock,
      watch,
      sense: async (tick: number, urgent: AbortSignal) => ({
        ...(await world.sense(tick, clock, urgent)),
        faults: this.faults,
      }),
      act: (...args: Parameters<typeof carryOutPlan> extends [unknown, ...infer Rest] ? Rest : never) =>
        carryOutPlan(context, ...args),
      record: (decision: Decision) => this.#record(decision),
      report: () => {},
    };
    loop(ports, this.#config, reloadHistory(this.#db, clock.monotonicNs()), this.#end.signal).catch(
      (error) => {
        throw error;
      },
    );
  }

  /** Writes this many hours of cycles; the last one is dated `endMs`. */
  async past(hours: number, endMs = Date.now()): Promise<void> {
    const ms = hours * 3_600_000;
    this.#shiftMs = endMs - ms - this.#startMs;
    await this.#time.run(ms, () => false);
    this.#shiftMs = null;
  }

  /** Runs the host for this long; its cycles carry the present time. */
  async live(seconds = 20): Promise<void> {
    await this.#time.run(this.#time.nowMs + seconds * 1000, () => false);
  }

  /** Closes the database as the daemon does when it stops: one file without a journal is left. */
  stop(): void {
    closeCleanly(this.#db);
  }

  start(): void {
    this.#db = openForWriting(this.#config.database, (message) => {
      throw new Error(message);
    });
    this.#store = new Store(this.#db, this.#config);
  }

  #record(decision: Decision): void {
    const at = this.#shiftMs === null ? Date.now() : decision.snapshot.at + this.#shiftMs;
    this.#store.save(
      { ...decision, snapshot: this.#furnish({ ...decision.snapshot, at }) },
      61_000 + (decision.snapshot.tick % 7) * 130,
    );
    this.#onCycle(this.#db);
  }

  /** Adds what the simulation leaves out: processes, the host's CPU time, its load and pressure. */
  #furnish(snapshot: Snapshot): Snapshot {
    const wave = Math.sin(snapshot.tick / 17) + Math.sin(snapshot.tick / 5) / 3;
    const fromContainers = snapshot.containers.reduce((sum, { usage }) => sum + (usage?.cpuTimeNs ?? 0), 0);
    this.#busyNs = Math.max(this.#busyNs + (40 + 12 * wave) * 1e8, fromContainers / 10);
    const processes = [...this.#systemProcesses(snapshot), ...containerProcesses(snapshot)];
    const byState: Record<string, number> = {
      S: 96 + (snapshot.tick % 5),
      I: 61,
      R: 1 + (snapshot.tick % 3),
    };
    for (const { state } of processes) byState[state] = (byState[state] ?? 0) + 1;
    return {
      ...snapshot,
      host:
        snapshot.host === null
          ? null
          : {
              ...snapshot.host,
              cpuBusyNs: this.#busyNs,
              load1: 0.8 + 0.4 * wave,
              memoryFullAvg10: Math.max(0, snapshot.host.memoryFullAvg10 ?? 0),
              memorySomeAvg10: Math.max(0, 0.6 + wave),
              ioFullAvg10: Math.max(0, 0.8 * wave),
              cpuSomeAvg10: 3 + 2 * wave,
            },
      processes,
      processCounts: { total: Object.values(byState).reduce((a, b) => a + b), byState },
    };
  }

  #systemProcesses({ tick, monotonicNs }: Snapshot): ProcessSample[] {
    return SYSTEM.map(([name, cmdline, rssKb, cpu], i) => ({
      ...PROCESS,
      pid: 300 + 37 * i,
      name,
      cmdline,
      rssKb: rssKb + ((tick * 13 * (i + 1)) % 900),
      vszKb: rssKb * 9,
      memPercent: rssKb / 40_000,
      cpuPercent: cpu,
      cpuTimeNs: monotonicNs * (cpu / 100) * (1 + ((tick + i) % 4) / 400),
      state: cmdline === '' ? 'I' : 'S',
    }));
  }
}

const PROCESS: ProcessSample = {
  pid: 1,
  ppid: 1,
  uid: 0,
  name: '',
  cmdline: '',
  state: 'S',
  threads: 1,
  vszKb: 0,
  rssKb: 0,
  memPercent: 0,
  cpuPercent: 0,
  cpuTimeNs: 0,
  startNs: 1e9,
  ioReadBytes: 120_000,
  ioWriteBytes: 48_000,
  containerId: null,
};

const SYSTEM: readonly (readonly [name: string, cmdline: string, rssKb: number, cpu: number])[] = [
  ['systemd', '/sbin/init', 12_600, 0.1],
  ['systemd-journal', '/usr/lib/systemd/systemd-journald', 18_200, 0.3],
  ['dockerd', '/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock', 88_400, 2.4],
  ['containerd', '/usr/bin/containerd', 46_700, 1.1],
  ['node', 'node /opt/vigia/daemon/src/cli/vigia.ts up', 61_500, 0.9],
  ['node', 'node /opt/vigia/daemon/src/cli/vigia.ts serve --with-parent', 58_900, 0.2],
  ['cron', '/usr/sbin/cron -f', 2800, 0],
  ['sshd', 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups', 9100, 0],
  ['dbus-daemon', '/usr/bin/dbus-daemon --system --nofork', 4700, 0],
  ['kworker/0:1-eve', '', 0, 0.4],
  ['rcu_preempt', '', 0, 0.1],
];

function containerProcesses({ containers }: Snapshot): ProcessSample[] {
  return containers.flatMap(({ id, name, image, usage }) =>
    usage === null
      ? []
      : [
          {
            ...PROCESS,
            pid: usage.pid,
            name: name === HOSTILE ? '<b>x</b>\u0007' : usage.processName,
            cmdline: name === HOSTILE ? HOSTILE : `/${image.replace(/:.*/, '').replace('/', '-')} --forever`,
            rssKb: usage.rssKb,
            vszKb: usage.vszKb * 3,
            memPercent: usage.memPercent,
            cpuTimeNs: usage.cpuTimeNs,
            startNs: usage.startNs,
            state: usage.cpuTimeNs > 1e9 ? 'R' : 'S',
            containerId: id,
          },
        ],
  );
}
