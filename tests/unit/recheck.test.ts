import assert from 'node:assert/strict';
import { test } from 'node:test';
import { carryOutPlan } from '../../daemon/src/act/carry-out-plan.ts';
import { classify } from '../../daemon/src/classify/classify.ts';
import { remember } from '../../daemon/src/classify/remember.ts';
import { followRuns } from '../../daemon/src/classify/runs.ts';
import { decide } from '../../daemon/src/decide/decide.ts';
import type { Config } from '../../daemon/src/model/config.ts';
import type { Cgroups, Engine, Inspected } from '../../daemon/src/model/engine.ts';
import { type History, NO_HISTORY } from '../../daemon/src/model/history.ts';
import type { ContainerSample } from '../../daemon/src/model/snapshot.ts';
import { config, container, HOST, historyOf, idOf, SECOND_NS, snapshot, usage } from './builders.ts';

/**
 * Plans whose targets have changed since the snapshot, or that the engine refuses. The engine is a fake: a real one
 * answers like this only in a race, or when it is broken.
 */
const SHORT = { ...HOST, availableKb: 100_000 };
const FLOOR_LABELS = { 'vigia.managed': 'true', 'vigia.spawn': 'floor' };
const LOWS = [4, 5, 6].map((n) => container(n));

function holding(n: number, rssKb: number, partial: Partial<ContainerSample> = {}): ContainerSample {
  const cgroup = `/docker/${n}`;
  return container(n, {
    ...{ name: `ram-${n}`, image: 'vigia/ram' },
    usage: usage({ pid: 1000 + n, rssKb, memoryUsedKb: rssKb, cgroup }),
    ...partial,
  });
}

interface Behaviour {
  /** What inspecting any container gives instead. */
  readonly inspected: Partial<Inspected>;
  /** Calls that the engine refuses. */
  readonly refuses: readonly string[];
  /** Cgroups with another container's inside. */
  readonly nested: readonly string[];
}

/** A fake host with these containers. It logs the calls of its engine. */
class Host {
  readonly calls: string[] = [];
  nowNs = 0;
  readonly #containers: Map<string, ContainerSample>;
  readonly #killed = new Set<string>();
  readonly #inspected: Partial<Inspected>;
  readonly #refuses: readonly string[];
  readonly #nested: readonly string[];

  constructor(
    containers: readonly ContainerSample[],
    { inspected = {}, refuses = [], nested = [] }: Partial<Behaviour> = {},
  ) {
    this.#containers = new Map(containers.map((one) => [one.id, one]));
    this.#inspected = inspected;
    this.#refuses = refuses;
    this.#nested = nested;
  }

  context(settings: Config) {
    const clock = {
      now: () => 0,
      monotonicNs: () => this.nowNs,
      sleep: async (ms: number) => {
        this.nowNs += ms * 1e6;
      },
    };
    return { engine: this.#engine(), clock, config: settings, cgroups: this.#cgroups() };
  }

  /** A killed container takes a second to disappear. */
  #cgroups(): Cgroups {
    const exists = (path: string) => !this.#killed.has(path) || this.nowNs < SECOND_NS;
    return {
      exists,
      holdsAnother: (path) => this.#nested.includes(path),
      isRun: (path, { pid }) =>
        exists(path) &&
        [...this.#containers.values()].some(({ usage: one }) => one?.cgroup === path && one.pid === pid),
      kill: async (path) => {
        this.calls.push(`kill ${path}`);
        this.#killed.add(path);
        return true;
      },
      limit: (path, limit, value) => {
        this.calls.push(`limit ${limit} ${path} ${value}`);
        return true;
      },
    };
  }

  #do(call: string): void {
    if (this.#refuses.includes(call.split(' ')[0] ?? '')) throw new Error(`${call}: refused`);
    this.calls.push(call);
  }

  #engine(): Engine {
    const nameOf = (id: string) => this.#containers.get(id)?.name;
    return {
      list: async () => [...this.#containers.values()],
      inspect: async (id) => {
        const found = this.#containers.get(id);
        if (found === undefined) return null;
        const pid = found.usage?.pid ?? 0;
        const isCpuLimitOurs = found.usage?.isLimitOurs === true;
        return {
          ...found,
          ...{ running: pid > 0, pid, hasCpuLimit: found.usage?.cpuLimitPercent != null, isCpuLimitOurs },
          ...{ restartCount: 0, stopSeconds: null },
          ...this.#inspected,
        };
      },
      stop: async (id) => this.#do(`stop ${nameOf(id)}`),
      restart: async (id) => this.#do(`restart ${nameOf(id)}`),
      limitCpu: async (id, percent) => this.#do(`limit ${nameOf(id)} ${percent}`),
      remove: async (id) => {
        this.#do(`remove ${nameOf(id)}`);
        this.#killed.add(this.#containers.get(id)?.usage?.cgroup ?? '');
        this.#containers.delete(id);
      },
      start: async ({ image }) => {
        this.#do(`start ${image}`);
        return idOf(99);
      },
    };
  }
}

/** Runs one cycle on a host with these containers. Returns the history afterwards. */
async function cycle(
  containers: readonly ContainerSample[],
  host: Host,
  {
    settings = config(),
    before,
    sensed = SHORT,
  }: { settings?: Config; before?: History; sensed?: typeof HOST } = {},
) {
  const now = snapshot(containers, { host: sensed });
  const history = before ?? historyOf(now, () => 0);
  const classifications = classify(history, now, settings);
  const plan = decide(history, now, classifications, settings);
  const outcomes = await carryOutPlan(host.context(settings), plan, now, classifications);
  const next = remember(history, now, classifications, outcomes, settings);
  return {
    history: next,
    isCalm: next.memoryPressure.coolDownUntilNs > now.monotonicNs,
    results: outcomes.map((o) => o.result),
  };
}

test('a paused container counts for its class, and the largest container of that class is killed without waiting', async () => {
  for (const bystanders of [[], [holding(3, 100_000)]]) {
    const containers = [
      holding(1, 3_000_000),
      holding(2, 200_000, { state: 'paused' }),
      ...bystanders,
      ...LOWS,
    ];
    const host = new Host(containers);
    const { results } = await cycle(containers, host);
    assert.deepEqual(host.calls.slice(0, 2), ['kill /docker/1', 'remove ram-1']);
    assert.ok(results.length > 0 && results.every((result) => result === 'done'));
  }
});

test('when the recheck excludes the victim nobody else is killed for it, and the next cycle asks again without a pause', async () => {
  const settings = config({ protect: { names: [], images: ['corp/db'] } });
  const containers = [
    holding(1, 2_000_000, { image: 'sha256:0' }),
    holding(2, 1_900_000),
    holding(3, 90_000),
    ...LOWS,
  ];
  const excluding = new Host(containers, { inspected: { image: 'corp/db:1' } });
  const first = await cycle(containers, excluding, { settings });
  assert.deepEqual([first.results, first.isCalm, excluding.calls], [['skipped'], false, []]);

  const second = await cycle(containers, excluding, { settings, before: first.history });
  assert.deepEqual([second.results, second.isCalm, excluding.calls], [['skipped'], false, []]);
  const host = new Host(containers);
  const third = await cycle(containers, host, { settings, before: second.history });
  assert.deepEqual([third.isCalm, host.calls], [true, ['kill /docker/1', 'remove ram-1']]);

  // In dry-run the victim counts as killed, so that the decisions are the same as in mode enforce.
  const dry = await cycle(containers, new Host(containers), { settings: { ...settings, mode: 'dry-run' } });
  assert.deepEqual([dry.isCalm, dry.history.failed.size], [true, 0]);
});

test('in the first emergency after a start, when no class is known, the floor does not protect the culprit', async () => {
  const labels = { ...FLOOR_LABELS, 'vigia.class': 'high' };
  const containers = [holding(1, 3_000_000, { labels }), holding(2, 90_000, { labels }), ...LOWS];
  const host = new Host(containers);
  await cycle(containers, host, { before: NO_HISTORY });
  assert.deepEqual(host.calls.slice(0, 2), ['kill /docker/1', 'remove ram-1']);
});

test('after a kill whose removal the engine refuses, the daemon waits until the memory is returned', async () => {
  const containers = [holding(1, 2_000_000), holding(2, 1_900_000), holding(3, 90_000), ...LOWS];
  const host = new Host(containers, { refuses: ['remove'] });
  const { results, isCalm } = await cycle(containers, host);
  assert.deepEqual([results, host.calls], [['failed'], ['kill /docker/1']]);
  assert.ok(host.nowNs >= SECOND_NS, `waited ${host.nowNs / 1e6} ms`);
  assert.equal(isCalm, false);
});

test('while memory runs out, growth between the readings of two sources is no disagreement', async () => {
  const grown = (from: number, to: number) =>
    usage({
      ...{ pid: 1001, rssKb: from, memoryUsedKb: to, cgroup: '/docker/1' },
      memoryCurrentKb: from,
      cgroupMemoryKb: to,
    });
  const others = [holding(2, 600_000), ...LOWS];
  for (const [from, to, calls] of [
    [1_000_000, 1_260_000, ['kill /docker/1', 'remove ram-1', 'start vigia/cpu']],
    // A smaller figure that was read later is one: then nobody is killed for it, the next largest neither.
    [1_260_000, 1_000_000, []],
  ] as const) {
    const containers = [holding(1, from, { usage: grown(from, to) }), ...others];
    const host = new Host(containers);
    await cycle(containers, host);
    assert.deepEqual(host.calls, calls);
  }
});

test('a removal that was sent is pending, whatever the engine answered; a skipped one is not', async () => {
  const lows = [1, 2, 3, 4].map((n) => container(n));
  const settings = config({ quotas: { ...config().quotas, high: { ...config().quotas.high, keep: 0 } } });
  const pendingRemovals = async (host: Host) =>
    [...(await cycle(lows, host, { settings, sensed: HOST })).history.pendingRemovals].map(
      (id) => lows.findIndex((one) => one.id === id) + 1,
    );
  assert.deepEqual(await pendingRemovals(new Host(lows)), []);
  assert.deepEqual(await pendingRemovals(new Host(lows, { refuses: ['stop'] })), [4]);
  assert.deepEqual(await pendingRemovals(new Host(lows, { inspected: { pid: 7 } })), []);
  const later = async (seen: readonly ContainerSample[]) => {
    const before = { ...historyOf(snapshot(lows), () => 0), pendingRemovals: new Set([idOf(4)]) };
    // In this cycle the recheck finds another run of it and skips the removal.
    const { history } = await cycle(seen, new Host(seen, { inspected: { pid: 7 } }), {
      settings,
      before,
      sensed: HOST,
    });
    return [...history.pendingRemovals];
  };
  assert.deepEqual(await later(lows), [idOf(4)], 'pending while the same run exists');
  const restarted = container(4, { usage: usage({ pid: 2004, startNs: 9 * SECOND_NS }) });
  assert.deepEqual(await later([...lows.slice(0, 3), restarted]), [], 'not pending for another run');
});

test('a replaced container is removed when its replacement runs, and kept when none can be started', async () => {
  const flapping = (restarts: number): History => {
    const now = snapshot(LOWS);
    const restartTimesNs = Array.from({ length: restarts }, (_, i) => now.monotonicNs - i * SECOND_NS);
    return {
      ...historyOf(now, () => 0),
      runs: new Map([[idOf(4), { restartCount: restarts, restartTimesNs }]]),
    };
  };
  const settings = config({ quotas: { ...config().quotas, high: { ...config().quotas.high, keep: 0 } } });
  const before = flapping(settings.patterns.flapping.restarts);
  const host = new Host(LOWS);
  await cycle(LOWS, host, { settings, before, sensed: HOST });
  assert.deepEqual(host.calls, ['start vigia/idle', 'stop vigia-idle-4', 'remove vigia-idle-4']);

  const without = new Host(LOWS, { refuses: ['start'] });
  const { results } = await cycle(LOWS, without, { settings, before, sensed: HOST });
  assert.deepEqual([results, without.calls], [['failed', 'skipped'], []]);

  // A container that is not classified yet counts for the class that it was started for.
  const labels = { ...FLOOR_LABELS, 'vigia.class': 'low' };
  const unclassified = [container(4, { labels, usage: usage({ pid: 2004 }) }), ...LOWS.slice(1)];
  const unable = new Host(unclassified, { refuses: ['start'] });
  await cycle(unclassified, unable, { settings, before, sensed: HOST });
  assert.deepEqual(unable.calls, []);
  const able = new Host(unclassified);
  await cycle(unclassified, able, { settings, before, sensed: HOST });
  assert.deepEqual(able.calls, ['start vigia/idle', 'stop vigia-idle-4', 'remove vigia-idle-4']);
});

test('a throttled container that may no longer be limited is released at once, whatever it has become', async () => {
  const limited = { pid: 1004, cpuLimitPercent: 25, cgroup: '/docker/4' };
  const highs = [holding(1, 90_000), holding(2, 90_000)];
  const disposable = { 'vigia.managed': 'true', 'vigia.disposable': 'true' };
  // Only disposable containers count for the quotas: two are left where this one is none.
  const { low, high } = config().quotas;
  const settings = config({ quotas: { low: { ...low, keep: 2, trim: false }, high } });
  for (const [labels, isOurs, calls] of [
    [disposable, true, []],
    [{ 'vigia.managed': 'true' }, true, []],
    [{ ...disposable, 'vigia.protected': 'true' }, true, ['limit vigia-idle-4 null']],
    [{ 'vigia.managed': 'true', 'vigia.allow': 'none' }, true, ['limit vigia-idle-4 null']],
    [{ 'vigia.managed': 'true', 'vigia.allow': 'squeeze,restart' }, true, ['limit vigia-idle-4 null']],
    [{}, true, ['limit vigia-idle-4 null']],
    // Not a limit of ours.
    [{ ...disposable, 'vigia.protected': 'true' }, false, []],
    [{}, false, []],
  ] as const) {
    const throttled = container(4, { labels, usage: usage({ ...limited, isLimitOurs: isOurs }) });
    const containers = [throttled, container(5), container(6), ...highs];
    const host = new Host(containers);
    await cycle(containers, host, { sensed: HOST, settings });
    assert.deepEqual(host.calls, calls, JSON.stringify(labels));
  }
});

test('a limit in the cgroup of a container that may no longer be limited is lifted in its cgroup', async () => {
  for (const [seen, call] of [
    [{ squeezedToKb: 9000 }, 'limit memory /docker/4 null'],
    [{ pidsLimitedTo: 20 }, 'limit pids /docker/4 null'],
    [{ ioLimitedTo: 50 }, 'limit io /docker/4 null'],
  ] as const) {
    const limited = container(4, { labels: {}, usage: usage({ pid: 1004, cgroup: '/docker/4', ...seen }) });
    const containers = [limited, container(5), container(6), container(7)];
    const settings = config({ quotas: { ...config().quotas, high: { ...config().quotas.high, keep: 0 } } });
    const host = new Host(containers);
    await cycle(containers, host, { sensed: HOST, settings });
    assert.deepEqual(host.calls, [call]);
  }
});

test('an evicted container with another one inside is left to the engine, whose removal ends only the first', async () => {
  const containers = [holding(1, 3_000_000), ...LOWS];
  const host = new Host(containers, { nested: ['/docker/1'] });
  await cycle(containers, host);
  assert.equal(host.calls[0], 'remove ram-1');
  assert.ok(!host.calls.some((call) => call.startsWith('kill')));
});

test('the same run read by the modules and by /proc is one run', () => {
  const at = (startNs: number, seconds: number) =>
    snapshot([container(1, { restartCount: 2, usage: usage({ startNs }) })], {
      monotonicNs: seconds * SECOND_NS,
    });
  const exact = 1_234_567_891;
  const startTimes = [exact, 1_230_000_000, exact, 1_230_000_000, exact];
  const snapshots = startTimes.map((startNs, i) => at(startNs, 1000 + 20 * i));
  const runs = snapshots.reduce(
    (known, now) => followRuns(known, now, config()),
    new Map() as History['runs'],
  );
  assert.deepEqual(runs.get(idOf(1))?.restartTimesNs, []);
  const [first, second] = snapshots;
  assert.ok(first && second);
  const before = historyOf(first, () => 0);
  const known = remember(before, first, classify(before, first, config()), [], config());
  assert.equal(classify(known, second, config())[0]?.level, 'low');
});
