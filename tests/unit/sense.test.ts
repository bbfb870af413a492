import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { BackOff } from '../../daemon/src/engine/back-off.ts';
import { EngineError } from '../../daemon/src/engine/unix-http.ts';
import type { Inspected } from '../../daemon/src/model/engine.ts';
import type { Clock } from '../../daemon/src/model/ports.ts';
import type { EngineContainer, SensedUsage } from '../../daemon/src/model/snapshot.ts';
import type { ContainerId } from '../../daemon/src/model/units.ts';
import { PlacingCheck } from '../../daemon/src/sense/placing-check.ts';
import { SeenContainers } from '../../daemon/src/sense/seen-containers.ts';
import { sense } from '../../daemon/src/sense/sense.ts';
import { idOf, usage } from './builders.ts';

const [A, B, C] = [idOf(1), idOf(2), idOf(3)];
const listedAs = (id: ContainerId, partial: Partial<EngineContainer> = {}): EngineContainer => ({
  ...{ id, name: id.slice(0, 12), image: 'x', labels: {}, state: 'running', createdAt: 0, health: null },
  ...partial,
});
const run = (pid: number, partial: Partial<SensedUsage> = {}): SensedUsage => ({
  ...usage({ pid, startNs: pid * 1e9, cgroup: `/gone/${pid}` }),
  ...partial,
});

/** Holds what is said about the processes that the engine names. */
const proc = mkdtempSync(join(tmpdir(), 'vigia-sense-'));
after(() => rmSync(proc, { recursive: true, force: true }));

function addProcess(pid: number, cgroup: string): void {
  mkdirSync(join(proc, String(pid)), { recursive: true });
  writeFileSync(join(proc, `${pid}/cgroup`), `4:memory:${cgroup}\n0::${cgroup}\n`);
}

/** A host whose engine and sensor a test changes from cycle to cycle. */
class Host {
  listed: EngineContainer[] = [];
  runs = new Map<ContainerId, SensedUsage>();
  counts = new Map<ContainerId, number>();
  /** Instead of the answer to a list or an inspection. */
  onList: (() => Promise<never>) | null = null;
  onInspect: ((id: ContainerId) => Promise<never>) | null = null;
  nowNs = 1e12;
  lists = 0;
  inspected: ContainerId[] = [];
  /** The pid that the engine names for each container; 0: it does not run. */
  pids = new Map<ContainerId, number>();
  knownToSensor: ContainerId[] = [];
  kind: 'kernel' | 'procfs' = 'procfs';
  readonly clock: Clock = { now: () => 0, monotonicNs: () => this.nowNs, sleep: async () => {} };
  readonly #sources = {
    sensor: {
      read: async (known: ReadonlySet<ContainerId> = new Set()) => {
        this.knownToSensor = [...known];
        return {
          ...{ kind: this.kind, cpus: 1, memory: { totalKb: 1000, freeKb: 1, availableKb: 1 } },
          ...{ processes: [], processCounts: { total: 0, byState: {} }, containers: new Map(this.runs) },
        };
      },
    },
    engine: {
      list: async () => {
        this.lists += 1;
        return this.onList === null ? [...this.listed] : this.onList();
      },
      inspect: async (id: ContainerId): Promise<Inspected | null> => {
        this.inspected.push(id);
        if (this.onInspect !== null) await this.onInspect(id);
        const restartCount = this.counts.get(id);
        return restartCount === undefined
          ? null
          : {
              ...{ id, name: '', image: '', labels: {}, hasCpuLimit: false },
              ...{ running: this.pids.get(id) !== 0, pid: this.pids.get(id) ?? 1 },
              ...{ isCpuLimitOurs: false, stopSeconds: null, restartCount },
            };
      },
    },
    backOff: new BackOff(),
    clock: this.clock,
    seen: new SeenContainers(new PlacingCheck(proc)),
  };

  placing(check: PlacingCheck): void {
    this.#sources.seen = new SeenContainers(check);
  }

  /** 20 s later. Returns the snapshot and what was inspected. */
  async cycle(urgent?: AbortSignal) {
    this.nowNs += 20e9;
    this.inspected = [];
    const snapshot = await sense(this.#sources, 1, urgent);
    return {
      snapshot,
      inspected: this.inspected,
      counts: snapshot.containers.map(({ restartCount }) => restartCount),
      lastKnown: snapshot.lastKnown.map(({ id }) => id),
      faults: snapshot.faults.map(({ sensor, blind, reason }) => [sensor, blind, reason.code]),
    };
  }
}

function hostWith(...ids: ContainerId[]): Host {
  const host = new Host();
  host.listed = ids.map((id) => listedAs(id));
  host.runs = new Map(ids.map((id, i) => [id, run(100 + i)]));
  host.counts = new Map(ids.map((id) => [id, 0]));
  return host;
}

const unreachable = async (): Promise<never> => {
  throw new EngineError({ code: 'engine-unreachable', socket: '/x' });
};
const hang = (): Promise<never> => new Promise(() => {});

test('while the engine is silent, containers that are in the same run are known with their present use', async () => {
  const host = hostWith(A, B, C);
  assert.deepEqual((await host.cycle()).lastKnown, []);
  host.onList = unreachable;
  // B has restarted with a new pid, C has another start time; a container that nobody listed appears.
  host.runs = new Map([
    [A, run(100, { rssKb: 4321, startNs: 100e9 + 5e6 })],
    [B, run(777)],
    [C, run(102, { startNs: 102e9 + 1e7 })],
    [idOf(9), run(900)],
  ]);
  const silent = await host.cycle();
  assert.deepEqual(silent.faults, [['engine', true, 'engine-unreachable']]);
  assert.deepEqual([silent.snapshot.containers, silent.lastKnown], [[], [A]]);
  assert.equal(silent.snapshot.lastKnown[0]?.usage?.rssKb, 4321);
  assert.equal(silent.snapshot.lastKnown[0]?.restartCount, 0);
  const backingOff = await host.cycle();
  host.nowNs -= 19e9;
  assert.deepEqual(backingOff.lastKnown, [A]);
  assert.deepEqual((await host.cycle()).faults, [['engine', true, 'engine-backing-off']]);
  host.onList = null;
  host.nowNs += 600e9;
  const back = await host.cycle();
  assert.deepEqual([back.lastKnown, back.snapshot.containers.length, back.faults], [[], 3, []]);
});

test('the same run in another cgroup is not known', async () => {
  const host = hostWith(A);
  await host.cycle();
  host.onList = unreachable;
  host.runs.set(A, run(100, { cgroup: '/elsewhere' }));
  assert.deepEqual((await host.cycle()).lastKnown, []);
});

test('an engine that was never heard leaves nothing known', async () => {
  const host = hostWith(A);
  host.onList = unreachable;
  assert.deepEqual((await host.cycle()).lastKnown, []);
});

test('memory that runs out while the engine hangs ends the waiting, and requests do not pile up', async () => {
  const host = hostWith(A);
  await host.cycle();
  const { promise, reject } = Promise.withResolvers<never>();
  host.onList = () => promise;
  for (let cycle = 0; cycle < 3; cycle += 1) {
    const urgent = new AbortController();
    setTimeout(() => urgent.abort(), 20);
    const { faults, lastKnown } = await host.cycle(urgent.signal);
    assert.deepEqual([faults, lastKnown], [[['engine', true, 'engine-not-awaited']], [A]]);
  }
  assert.equal(host.lists, 2, 'the second cycle waits for the answer that the first one asked for');
  host.onList = null;
  reject(new EngineError({ code: 'engine-timeout', path: '/containers', seconds: 15 }));
  await new Promise(setImmediate);
  host.nowNs += 600e9;
  const { faults, snapshot } = await host.cycle(new AbortController().signal);
  assert.deepEqual([faults, snapshot.containers.length], [[], 1]);
});

test('when memory has run out already, the engine is not asked', async () => {
  const host = hostWith(A);
  await host.cycle();
  const { faults, lastKnown } = await host.cycle(AbortSignal.abort());
  assert.deepEqual([faults, lastKnown, host.lists], [[['engine', true, 'engine-not-awaited']], [A], 1]);
});

test('the sensor is told which containers the engine lists, without those that have ended', async () => {
  const host = hostWith(A, B, C);
  host.listed = [listedAs(A), listedAs(B, { state: 'exited' }), listedAs(C, { state: 'created' })];
  await host.cycle();
  assert.deepEqual(host.knownToSensor, [A, C]);
  host.onList = unreachable;
  await host.cycle();
  assert.deepEqual(host.knownToSensor, [A, C], 'from the last list');
});

test('a container is inspected when its run changes and while it restarts, and its count is remembered', async () => {
  const host = hostWith(A, B);
  host.counts.set(B, 4);
  const first = await host.cycle();
  assert.deepEqual(
    [first.inspected, first.counts],
    [
      [A, B],
      [0, 4],
    ],
  );
  const same = await host.cycle();
  assert.deepEqual([same.inspected, same.counts], [[], [0, 4]]);
  host.runs.set(B, run(555));
  host.counts.set(B, 5);
  const restarted = await host.cycle();
  assert.deepEqual([restarted.inspected, restarted.counts], [[B], [0, 5]]);
  host.listed = [listedAs(A), listedAs(B, { state: 'restarting' })];
  host.runs.delete(B);
  host.counts.set(B, 6);
  for (let cycle = 0; cycle < 2; cycle += 1) {
    const between = await host.cycle();
    assert.deepEqual([between.inspected, between.counts], [[B], [0, 6]]);
  }
  host.listed = [listedAs(A), listedAs(B, { state: 'exited' })];
  const ended = await host.cycle();
  assert.deepEqual([ended.inspected, ended.counts], [[], [0, 6]]);
});

test('a count that cannot be read is null, and is not asked for in every cycle', async () => {
  const host = hostWith(A, B);
  host.onInspect = unreachable;
  assert.deepEqual((await host.cycle()).counts, [null, null]);
  host.onInspect = null;
  assert.deepEqual((await host.cycle()).inspected, []);
  host.nowNs += 60e9;
  assert.deepEqual((await host.cycle()).counts, [0, 0]);
  host.runs.set(A, run(555));
  host.counts.delete(A);
  assert.deepEqual(
    (await host.cycle()).counts,
    [null, 0],
    'the count of the run before is not that of this one',
  );
});

test('one inspection that hangs holds up neither the others nor the cycle for more than 2 s', async () => {
  const host = hostWith(...Array.from({ length: 30 }, (_, n) => idOf(n + 1)));
  host.onInspect = async (id) => (id === A ? hang() : (undefined as never));
  const began = performance.now();
  const { counts } = await host.cycle();
  assert.ok(performance.now() - began < 4000);
  assert.deepEqual(counts, [null, ...Array.from({ length: 29 }, () => 0)]);
  const urgent = new AbortController();
  host.runs.set(B, run(555));
  host.onInspect = hang;
  setTimeout(() => urgent.abort(), 20);
  const again = performance.now();
  assert.deepEqual((await host.cycle(urgent.signal)).counts.slice(0, 3), [null, null, 0]);
  assert.ok(performance.now() - again < 1000, 'and not at all when memory runs out');
});

/** A host whose sensor sees no process of its running containers, which have these pids. */
function unplaced(...pids: number[]): Host {
  const host = hostWith(...pids.map((_, n) => idOf(n + 1)));
  host.runs = new Map();
  host.pids = new Map(pids.map((pid, n) => [idOf(n + 1), pid]));
  return host;
}

/** The blind faults of one cycle, as codes: that none is placed, and why. */
async function causes(host: Host): Promise<string[]> {
  const { snapshot } = await host.cycle();
  return snapshot.faults.map(({ blind, reason }) => {
    assert.ok(blind && reason.code === 'no-container-placed');
    return reason.cause.code;
  });
}

test('a sensor that places no container of a remote engine is blind from the second reading on', async () => {
  const host = unplaced(4_000_001, 4_000_002);
  assert.deepEqual(await causes(host), []);
  assert.deepEqual(await causes(host), ['process-not-here']);
  assert.deepEqual(await causes(host), ['process-not-here']);
  host.runs = new Map([[B, run(4_000_002)]]);
  assert.deepEqual(await causes(host), [], 'one that is placed is enough');
});

test('a container whose process is in a cgroup that names none is said with that cgroup', async () => {
  addProcess(4_000_003, '/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope');
  const host = unplaced(4_000_003);
  await host.cycle();
  const [fault] = (await host.cycle()).snapshot.faults;
  assert.ok(fault?.reason.code === 'no-container-placed' && fault.reason.cause.code === 'cgroup-names-none');
  assert.match(fault.reason.cause.cgroup, /user@1000/);
  assert.equal(fault.sensor, 'procfs');
});

for (const [what, { kind, hasMemory, version }, expected] of [
  [
    'the modules, cgroup v1 without it',
    { kind: 'kernel', hasMemory: false, version: 1 },
    'no-memory-controller',
  ],
  ['the modules, cgroup v1 with it', { kind: 'kernel', hasMemory: true, version: 1 }, 'cgroup-names-none'],
  ['the modules, cgroup v2', { kind: 'kernel', hasMemory: false, version: 2 }, 'cgroup-names-none'],
  ['/proc, which does not need it', { kind: 'procfs', hasMemory: false, version: 1 }, 'cgroup-names-none'],
] as const)
  test(`the memory controller as the cause: ${what}`, async (t) => {
    const root = mkdtempSync(join(tmpdir(), 'vigia-cgroup-'));
    t.after(() => rmSync(root, { recursive: true }));
    if (version === 2) writeFileSync(join(root, 'cgroup.controllers'), '');
    else mkdirSync(join(root, hasMemory ? 'memory' : 'pids'));
    addProcess(4_000_004, '/app.slice');
    const host = unplaced(4_000_004);
    host.kind = kind;
    host.placing(new PlacingCheck(proc, root));
    await host.cycle();
    assert.deepEqual(await causes(host), [expected]);
  });

test('in a namespace of its own the sensor is blind at once', async () => {
  const host = unplaced(4_000_001);
  mkdirSync(join(proc, 'self/ns'), { recursive: true });
  symlinkSync('cgroup:[4026532000]', join(proc, 'self/ns/cgroup'));
  assert.deepEqual(await causes(host), ['in-cgroup-namespace']);
  symlinkSync('pid:[4026532001]', join(proc, 'self/ns/pid'));
  assert.deepEqual(await causes(host), ['in-pid-namespace']);
  assert.deepEqual(await causes(hostWith(A)), [], 'not while it sees containers, as in Docker in Docker');
  rmSync(join(proc, 'self'), { recursive: true });
});

test('an ordinary host is not blind: containers that begin, end, loop, or do not run', async () => {
  const beginning = unplaced(4_000_001);
  assert.deepEqual(await causes(beginning), []);
  beginning.runs = new Map([[A, run(4_000_001)]]);
  assert.deepEqual(await causes(beginning), []);

  const looping = unplaced(4_000_001);
  for (let pid = 4_000_001; pid < 4_000_009; pid += 1) {
    looping.pids.set(A, pid);
    assert.deepEqual(await causes(looping), [], 'each run has another pid');
  }

  const ended = unplaced(0);
  for (let cycle = 0; cycle < 3; cycle += 1) assert.deepEqual(await causes(ended), []);

  const idle = unplaced(4_000_001, 4_000_002, 4_000_003, 4_000_004);
  const states = ['paused', 'created', 'exited', 'restarting'] as const;
  idle.listed = states.map((state, n) => listedAs(idOf(n + 1), { state }));
  for (let cycle = 0; cycle < 3; cycle += 1) assert.deepEqual(await causes(idle), []);

  const taken = unplaced(4_000_001);
  await taken.cycle();
  taken.listed = [listedAs(B)];
  taken.counts.set(B, 0);
  taken.pids.set(B, 4_000_001);
  assert.deepEqual(await causes(taken), [], 'another container');
});

test('an engine that does not tell the process gives no verdict', async () => {
  const host = unplaced(4_000_001);
  await host.cycle();
  host.onInspect = unreachable;
  assert.deepEqual(await causes(host), []);
  host.onInspect = null;
  assert.deepEqual(await causes(host), [], 'and it begins again');
  assert.deepEqual(await causes(host), ['process-not-here']);
});
