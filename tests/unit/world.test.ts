// The modelled host by itself: what its kinds of containers do, and what its engine, kernel and sensors answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadScenario } from '../../daemon/src/app/scenarios.ts';
import type { ContainerUsage } from '../../daemon/src/model/snapshot.ts';
import { type Faults, NO_FAULTS } from '../../daemon/src/simulate/faults.ts';
import type { ModelAction } from '../../daemon/src/simulate/host-state.ts';
import { randomFrom } from '../../daemon/src/simulate/random.ts';
import type { Kind, Owner, Scenario } from '../../daemon/src/simulate/scenario.ts';
import type { SimulatedContainer } from '../../daemon/src/simulate/simulated-container.ts';
import { VirtualTime } from '../../daemon/src/simulate/virtual-time.ts';
import { World } from '../../daemon/src/simulate/world.ts';

const MB = 1024;
const GB = 1024 * MB;
const STEADY: Kind = { image: 'acme/app:1', cpuPercent: [10, 10], rssKb: [100 * MB, 100 * MB] };

/** A host of 16 GB and 4 cores with a service `app` of this kind. */
function hostOf(
  kind: Partial<Kind>,
  more: Partial<Scenario> = {},
  faults: Partial<Faults> = {},
): {
  world: World;
  /** Lets so many seconds pass, in steps of one second as the daemon's memory watch makes them. */
  pass(seconds: number): Promise<void>;
  app(): SimulatedContainer;
  /** Awaits a call of the daemon while time passes. */
  during<T>(call: Promise<T>, seconds?: number): Promise<T>;
  readonly clock: ReturnType<VirtualTime['clockOf']>;
  readonly actions: (readonly [ModelAction, string, number | null | undefined])[];
} {
  const scenario: Scenario = {
    about: 'a test',
    host: { cpus: 4, totalKb: 16 * GB, systemKb: 1 * GB, systemCpuPercent: 0 },
    kinds: { app: { ...STEADY, ...kind } },
    residents: [{ kind: 'app', count: 1, nature: 'service', name: 'app' }],
    arrivals: [],
    ...more,
  };
  const time = new VirtualTime();
  const actions: (readonly [ModelAction, string, number | null | undefined])[] = [];
  const world = new World(scenario, { ...NO_FAULTS, ...faults }, randomFrom(3), time, {
    onAction: (action, { name }, grace) => actions.push([action, name, grace]),
    onStart() {},
    onOutOfMemory: (target) => actions.push(['kill', target?.name ?? 'a process', undefined]),
  });
  const clock = time.clockOf({ dead: false }, () => world.wallMs());
  const pass = async (seconds: number) => {
    for (let i = 0; i < seconds; i += 1) {
      await time.run(time.nowMs + 1000, () => false);
      world.catchUp();
    }
  };
  return {
    ...{ world, pass, clock, actions },
    app: () => {
      const found = [...world.containers.values()].find(({ name }) => name === 'app');
      assert.ok(found, 'the service is there');
      return found;
    },
    async during(call, seconds = 60) {
      await pass(seconds);
      return call;
    },
  };
}

async function usageOf(host: ReturnType<typeof hostOf>): Promise<ContainerUsage> {
  const { containers } = await host.during(host.world.sense(1, host.clock), 1);
  const usage = containers.find(({ name }) => name === 'app')?.usage;
  assert.ok(usage, 'it runs');
  return usage;
}

const about = (value: number, expected: number, tolerance = 0.03) =>
  assert.ok(Math.abs(value - expected) <= tolerance * Math.abs(expected), `${value}, expected ${expected}`);

test('every scenario is a host that runs for an hour, and its owners lose nothing', async () => {
  for (const name of ['services', 'runaways', 'patterns']) {
    const host = hostOf({}, loadScenario(name));
    await host.pass(3600);
    const owned = [...host.world.containers.values()].filter(({ nature }) => nature !== 'disposable').length;
    assert.equal(owned, host.world.state.ownedCreated - host.world.state.removedByOwner, name);
  }
});

test('a start-up takes CPU for a time or for an amount of work, then the container is steady', async () => {
  const timed = hostOf({ startUp: { cpuPercent: 300, seconds: 100 } });
  await timed.pass(200);
  about(timed.app().cpuNs, (300 + 10) * 1e9, 0.02);
  const work = hostOf({ startUp: { cpuPercent: 300, coreSeconds: 60 } });
  work.app().limitPercent = 50;
  await work.pass(130);
  about(work.app().cpuNs, 60e9);
  assert.equal(work.app().gets, 10);
});

test('CPU is shared in proportion when the cores do not suffice, and waiting shows in PSI, load and idle time', async () => {
  const two = {
    kinds: { app: { ...STEADY, cpuPercent: [300, 300] }, other: { ...STEADY, cpuPercent: [500, 500] } },
  } as const;
  const host = hostOf(
    {},
    {
      ...two,
      residents: [
        { kind: 'app', count: 1, nature: 'service', name: 'app' },
        { kind: 'other', count: 1, nature: 'foreign' },
      ],
    },
  );
  await host.pass(60);
  about(host.app().gets, 150);
  assert.equal(host.world.state.idlePercent, 0);
  about(host.world.state.cpuBusyNs, 60 * 4e9);
  assert.ok(host.world.state.cpuSomeAvg10 > 40 && host.app().psi.cpu > 40);
  assert.ok(host.world.state.load1 > 4);
});

test('page cache is part of available memory, and shrinks for anonymous memory and tmpfs', async () => {
  const host = hostOf({ caches: { toKb: 6 * GB, seconds: 600 }, shmemKb: [1 * GB, 1 * GB] });
  await host.pass(700);
  const usage = await usageOf(host);
  about(usage.memoryUsedKb ?? 0, 1 * GB + 100 * MB);
  about(usage.memoryCurrentKb ?? 0, 7 * GB + 100 * MB);
  const { availableKb } = host.world.pressure();
  about(availableKb, 14 * GB - 100 * MB);
  const { host: sample } = await host.during(host.world.sense(2, host.clock), 1);
  about(sample?.freeKb ?? 0, 8 * GB - 100 * MB);
});

test('a data set is filled once; a leak grows for ever until the kernel kills it', async () => {
  const fills = hostOf({ fills: { toKb: 3 * GB, seconds: 300 } });
  await fills.pass(150);
  about(fills.app().heldKb, 1.55 * GB);
  await fills.pass(600);
  assert.equal(fills.app().heldKb, 3 * GB);
  const leaks = hostOf({ rssKbPerSecond: 100 * MB, growsAfterSeconds: [60, 60], comesBack: true });
  await leaks.pass(60);
  about(leaks.app().heldKb, 100 * MB);
  await leaks.pass(200);
  assert.deepEqual(leaks.actions, [['kill', 'app', undefined]]);
  assert.equal(leaks.app().restartCount, 1);
});

test('memory.high stops growth, shows as PSI of the container, and ends with the run; so do pids.max and io.max', async () => {
  const host = hostOf({
    ...{ rssKbPerSecond: 10 * MB, processes: [10, 10], processesPerSecond: 5, comesBack: true },
    readsKbPerSecond: [100 * MB, 100 * MB],
    stallsAboveKbPerSecond: 60 * MB,
    stallPercent: 30,
  });
  await host.pass(60);
  about(host.world.state.ioFullAvg10, 30);
  const { cgroup } = await usageOf(host);
  assert.ok(host.world.cgroups.limit(cgroup, 'memory', 1 * GB));
  assert.ok(host.world.cgroups.limit(cgroup, 'pids', 400));
  assert.ok(host.world.cgroups.limit(cgroup, 'io', 20));
  await host.pass(300);
  const usage = await usageOf(host);
  assert.ok((usage.memoryUsedKb ?? 0) <= 1 * GB && (usage.memoryPsi?.someAvg10 ?? 0) > 50);
  assert.ok(usage.processCount <= 405);
  assert.deepEqual([usage.squeezedToKb, usage.pidsLimitedTo, usage.ioLimitedTo], [1 * GB, 400, 20]);
  assert.ok(host.world.state.ioFullAvg10 < 1);
  host.world.cgroups.limit(cgroup, 'memory', null);
  await host.pass(30);
  about(host.app().heldKb, 1.3 * GB, 0.05);
  assert.ok(await host.world.cgroups.kill(cgroup));
  await host.pass(2);
  const { squeezedToKb, pidsLimitedTo, ioLimitedTo, processCount } = await usageOf(host);
  assert.deepEqual([squeezedToKb, pidsLimitedTo, ioLimitedTo], [null, null, null]);
  assert.ok(processCount < 40);
  assert.deepEqual(
    host.actions.map(([action]) => action),
    ['squeeze', 'limit-pids', 'limit-io', 'release', 'kill'],
  );
});

test('a squeeze to what a container holds anyway does not hold it back', async () => {
  const host = hostOf({});
  await host.pass(5);
  const { cgroup, memoryUsedKb } = await usageOf(host);
  host.world.cgroups.limit(cgroup, 'memory', memoryUsedKb);
  await host.pass(60);
  assert.equal((await usageOf(host)).memoryPsi?.someAvg10, 0);
});

test("Docker's restart policy doubles its delay; a long run resets it; RestartCount counts only the policy", async () => {
  const host = hostOf({ livesSeconds: [3, 3], comesBack: true, failsForSeconds: [90, 90] });
  const runs: number[] = [];
  for (let i = 0; i < 2000; i += 1) {
    await host.pass(0.1);
    if (runs.at(-1) !== host.app().runStartMs) runs.push(host.app().runStartMs);
  }
  await host.pass(200);
  const seen = new Set<number>([host.app().restartCount]);
  assert.ok(host.app().restartCount >= 6 && host.app().restartCount <= 12, `${host.app().restartCount}`);
  assert.equal(host.app().state, 'running');
  const engine = host.world.engineFor(host.clock);
  await host.during(engine.restart(host.app().id, null), 2);
  seen.add(host.app().restartCount);
  assert.equal(host.app().restartCount, 0);
});

test('between two runs a container is in state restarting, and a stop switches its policy off', async () => {
  const host = hostOf({ livesSeconds: [1, 1], comesBack: true });
  await host.pass(120);
  while (host.app().state !== 'restarting') await host.pass(1);
  const engine = host.world.engineFor(host.clock);
  const [listed] = await host.during(engine.list(), 0);
  assert.equal(listed?.state, 'restarting');
  await host.during(engine.stop(host.app().id, null), 1);
  await host.pass(120);
  assert.equal(host.app().state, 'exited');
});

test('a stop without a grace period of its own takes the container’s stop timeout', async () => {
  const stubborn = { stopSeconds: [500, 500], stopTimeoutSeconds: 120 } as const;
  for (const [asked, took] of [
    [null, 120],
    [5, 5],
  ] as const) {
    const host = hostOf(stubborn);
    const stopped = host.world.engineFor(host.clock).stop(host.app().id, asked);
    await host.pass(took - 1);
    assert.equal(host.app().state, 'running');
    await host.pass(2);
    assert.equal(host.app().state, 'exited');
    await stopped;
    assert.deepEqual(host.actions, [['stop', 'app', asked]]);
  }
});

test('a kill through the cgroup leaves the restart policy on, and a restart outlives the daemon', async () => {
  const host = hostOf({ comesBack: true, stopSeconds: [8, 8] });
  await host.pass(30);
  const { cgroup, pid, startNs } = await usageOf(host);
  assert.ok(host.world.cgroups.isRun(cgroup, { pid, startNs }));
  assert.ok(await host.world.cgroups.kill(cgroup));
  await host.pass(1);
  assert.equal(host.app().state, 'running');
  assert.equal(host.app().restartCount, 1);
  assert.ok(!host.world.cgroups.isRun(cgroup, { pid, startNs }));
  const before = host.app().pid;
  void host.world.engineFor(host.clock).restart(host.app().id, null);
  await host.pass(10);
  assert.notEqual(host.app().pid, before);
});

test('with a silent engine a reading takes its deadline, or until memory runs out, and has what was known last', async () => {
  const host = hostOf({});
  await host.during(host.world.sense(1, host.clock), 1);
  host.world.state.hungUntilMs = host.world.state.nowMs + 100_000;
  const slow = host.world.sense(2, host.clock);
  await host.pass(14);
  const urgent = new AbortController();
  const quick = host.world.sense(3, host.clock, urgent.signal);
  await host.pass(2);
  const blind = await slow;
  assert.deepEqual(
    [blind.containers.length, blind.lastKnown.length, blind.faults[0]?.sensor],
    [0, 1, 'engine'],
  );
  urgent.abort('memory');
  assert.equal((await host.during(quick, 0)).lastKnown[0]?.usage?.pid, host.app().pid);
  host.world.onCrash();
  const later = await host.during(host.world.sense(4, host.clock), 20);
  assert.equal(later.lastKnown.length, 0);
});

test('holders of the host are read, and a binge leaves what it says and gives it back', async () => {
  const binges = {
    everySeconds: [10, 10],
    kbPerSecond: 500 * MB,
    leavesKb: 600 * MB,
    staysSeconds: [60, 60],
  } as const;
  const host = hostOf(
    {},
    {
      host: {
        ...{ cpus: 4, totalKb: 16 * GB, systemKb: 1 * GB },
        holders: [
          { kind: 'process', name: 'compile', holdsKb: 100 * MB, binges },
          { kind: 'tmpfs', name: 'tmpfs', holdsKb: 50 * MB },
        ],
      },
    },
  );
  await host.pass(50);
  about(host.world.pressure().availableKb, 600 * MB);
  const { holders, processes } = await host.during(host.world.sense(1, host.clock), 1);
  assert.match(holders?.[0]?.name ?? '', /^compile \(\d+\)$/);
  assert.ok(holders?.some(({ kind }) => kind === 'tmpfs') && holders.some(({ kind }) => kind === 'kernel'));
  assert.ok(processes.some(({ name }) => name === 'compile'));
  await host.pass(24);
  assert.ok(host.world.pressure().availableKb > 10 * GB);
  assert.deepEqual(host.actions, []);
});

test('owners stop and start, restart, redeploy and scale their services', async () => {
  const owner = (does: Owner['does']): Partial<Scenario> => ({
    owners: [{ kinds: ['app'], everySeconds: 100, does, awaySeconds: [50, 50] }],
  });
  const stops = hostOf({}, owner({ stop: 1 }));
  while (!stops.app().isStoppedByOwner) await stops.pass(1);
  await stops.pass(5);
  assert.equal(stops.app().state, 'exited');
  await stops.pass(60);
  const redeploys = hostOf({}, owner({ redeploy: 1 }));
  const { id } = redeploys.app();
  await redeploys.pass(200);
  assert.notEqual(redeploys.app().id, id);
  assert.match(redeploys.app().image, /^acme\/app:[2-9]$/);
  const scales = hostOf({}, owner({ scale: 1 }));
  await scales.pass(150);
  assert.equal(scales.world.containers.size, 2);
  const restarts = hostOf({}, owner({ restart: 1 }));
  await restarts.pass(160);
  assert.ok(restarts.app().runStartMs > 0 && restarts.app().restartCount === 0);
});

test('a batch ends when its work is done, a burst of connections stays, and a sick container reports it', async () => {
  const batch = hostOf({ cpuPercent: [100, 100], endsAfterCoreSeconds: 50 });
  await batch.pass(60);
  assert.equal(batch.app().state, 'exited');
  const burst = hostOf({
    processes: [300, 300],
    burst: { afterSeconds: [60, 60], processes: 320, seconds: 40 },
  });
  await burst.pass(50);
  assert.equal(burst.app().processCount, 300);
  await burst.pass(100);
  assert.equal(burst.app().processCount, 620);
  const sick = hostOf({ sickensSeconds: [60, 60] });
  const health = async () => (await sick.during(sick.world.engineFor(sick.clock).list(), 0))[0]?.health;
  await sick.pass(5);
  assert.equal(await health(), 'starting');
  await sick.pass(20);
  assert.equal(await health(), 'healthy');
  await sick.pass(60);
  assert.equal(await health(), 'unhealthy');
});
