import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classify } from '../../daemon/src/classify/classify.ts';
import { remember } from '../../daemon/src/classify/remember.ts';
import { followRuns } from '../../daemon/src/classify/runs.ts';
import { countsAfter } from '../../daemon/src/decide/counts-after.ts';
import { decide } from '../../daemon/src/decide/decide.ts';
import {
  buildContext,
  countClasses,
  expectedClasses,
  quotaContainers,
} from '../../daemon/src/decide/decision-context.ts';
import { climbLadder } from '../../daemon/src/decide/rules/climb-ladder.ts';
import {
  type Action,
  type ClassCounts,
  type Classification,
  LIMIT_OF,
  type Outcome,
} from '../../daemon/src/model/decision.ts';
import { type History, NO_HISTORY } from '../../daemon/src/model/history.ts';
import type {
  ContainerSample,
  ContainerUsage,
  HostSample,
  Snapshot,
} from '../../daemon/src/model/snapshot.ts';
import {
  config,
  container,
  english,
  HOST,
  historyOf,
  idOf,
  SECOND_NS,
  snapshot,
  TOTAL_KB,
  usage,
} from './builders.ts';

const keeping = (keep: number) =>
  config({
    quotas: { low: { keep: 0, trim: true, images: [] }, high: { keep, trim: true, images: ['vigia/ram'] } },
  });
const CONFIG = keeping(2);
const START = 1_800_000_000_000;

/** Labels of containers that Vigía started for class high: they count for it before they are classified. */
const OURS = {
  'vigia.managed': 'true',
  'vigia.disposable': 'true',
  'vigia.spawn': 'floor',
  'vigia.class': 'high',
};
/** Labels of an owner's service. */
const SERVICE = { 'vigia.managed': 'true' };

/** The usage of a container at an age of its run; `cpu` is what it would use without a limit. */
type Behaviour = (
  runSeconds: number,
  second: number,
) => Partial<ContainerUsage> & { cpu?: number; restartCount?: number };

interface Seen {
  readonly second: number;
  readonly action: Action;
  readonly after: ClassCounts;
}

/** Where the usage shows each limit of ours. */
const FIELDS = { cpu: '', memory: 'squeezedToKb', pids: 'pidsLimitedTo', io: 'ioLimitedTo' } as const;

/** Simulates containers with these behaviours, cycle after cycle; every planned action is done at once. */
function simulate(
  behaviours: readonly Behaviour[],
  seconds: number,
  host: Partial<HostSample> | ((second: number) => Partial<HostSample>) = {},
  labels: Readonly<Record<string, string>> = OURS,
  cfg = CONFIG,
): Seen[] {
  const seen: Seen[] = [];
  let history: History = NO_HISTORY;
  let created = 0;
  const create = (behaviour: Behaviour, since: number) => {
    created += 1;
    return { n: created, behaviour, pid: created, since, cpuNs: 0, limit: 1e9, limits: {} };
  };
  const simulated = behaviours.map((behaviour) => create(behaviour, 0));
  for (let second = 20; second <= seconds; second += 20) {
    const containers = simulated.map((d): ContainerSample => {
      const { cpu = 1, restartCount, ...figures } = d.behaviour(second - d.since, second);
      d.cpuNs += (Math.min(d.limit, cpu) / 100) * 20 * SECOND_NS;
      const cpuLimitPercent = d.limit === 1e9 ? null : d.limit;
      const own = {
        pid: d.pid,
        startNs: d.since * SECOND_NS,
        cpuTimeNs: d.cpuNs,
        rssKb: 90_000,
        cpuLimitPercent,
        isLimitOurs: cpuLimitPercent !== null,
        ...d.limits,
      };
      // Each container is of an image of its own, except those that Vigía starts.
      const made = container(d.n, { createdAt: START, labels, restartCount: restartCount ?? null });
      return { ...made, usage: usage({ ...own, ...figures }) };
    });
    const now = snapshot(containers, {
      tick: second / 20,
      at: START + second * 1000,
      monotonicNs: second * SECOND_NS,
      host: { ...HOST, ...(typeof host === 'function' ? host(second) : host) },
    });
    history = { ...history, runs: followRuns(history.runs, now, cfg) };
    const classifications = classify(history, now, cfg);
    const plan = decide(history, now, classifications, cfg);
    const actions = plan.kind === 'act' ? plan.actions : [];
    const outcomes = actions.map(
      (action): Outcome => ({
        action,
        result: 'done',
        detail: { code: 'message', text: '' },
        id: action.kind === 'start' ? null : action.id,
        tookMs: 1,
      }),
    );
    const counted = quotaContainers(now.containers, cfg);
    const expectedClass = expectedClasses(history, counted, classifications);
    const after = countsAfter(
      countClasses(now.containers, classifications, cfg),
      expectedClass,
      classifications,
      outcomes,
    );
    for (const action of actions) {
      seen.push({ second, action, after });
      if (action.kind === 'start') simulated.push(create(calm, second));
      const i = simulated.findIndex(({ n }) => action.kind !== 'start' && idOf(n) === action.id);
      const target = simulated[i];
      if (target === undefined) continue;
      if (action.kind in LIMIT_OF && 'to' in action) {
        if (action.kind === 'throttle') target.limit = action.to;
        else Object.assign(target.limits, { [FIELDS[LIMIT_OF[action.kind]]]: action.to });
      }
      if (action.kind === 'release') {
        if (action.limit === 'cpu') target.limit = 1e9;
        else Object.assign(target.limits, { [FIELDS[action.limit]]: null });
      }
      if (action.kind === 'restart')
        Object.assign(target, { pid: target.pid + 1000, since: second, cpuNs: 0, limit: 1e9, limits: {} });
      if (action.kind === 'remove') simulated.splice(i, 1);
    }
    history = remember(history, now, classifications, outcomes, cfg);
  }
  return seen;
}

const decideFor = (history: History, now: Snapshot, classifications: readonly Classification[]) => {
  const plan = decide(history, now, classifications, CONFIG);
  return plan.kind === 'act' ? plan.actions.map(({ kind }) => kind) : [];
};
const GUARDED = { ...OURS, 'vigia.protected': 'true' };
const summaryOf = (seen: readonly Seen[]) => seen.map(({ second, action }) => `${second} ${action.kind}`);
const calm: Behaviour = () => ({});
const leaking: Behaviour = (run) => ({ memoryUsedKb: 50_000 + run * 500 });
/** A host whose available memory falls by what the leak takes. */
const scarce = (second: number): Partial<HostSample> => ({ availableKb: 0.35 * TOTAL_KB - second * 500 });

test('a disposable container that leaks is replaced after the window of the leak', () => {
  const seen = simulate([calm, leaking], 700, scarce);
  const actions = seen.filter(({ action }) => action.kind !== 'start');
  assert.deepEqual(summaryOf(actions), ['560 remove']);
  assert.match(
    english(actions[0]?.action.because),
    /^memory rose steadily from 59 to 322 MiB in 9 min; RAM will be full in \d+ min; replacing it$/,
  );
  const replaced = seen.filter(({ second }) => second === 560).map(({ action }) => action.kind);
  assert.deepEqual(
    replaced,
    ['remove', 'start'],
    'one of the last of its class is removed with a replacement',
  );
  for (const { second, after } of seen) assert.equal(after.high, 2, `${second}: a class is never left short`);
});

test('the age of a run is measured by the monotonic clock: the wall clock may be set back', () => {
  const stepsFor = (startSecond: number) => {
    const spin = { pattern: 'spin', sinceNs: 0, because: { code: 'message', text: 'CPU 100 %' } } as const;
    const run = usage({ startNs: startSecond * SECOND_NS });
    const made = container(1, { createdAt: START + 86_400_000, labels: OURS, usage: run });
    const now = snapshot([made], { at: START, monotonicNs: 100 * SECOND_NS });
    const history = historyOf(now, () => 100);
    const classifications = classify(history, now, CONFIG).map((classification) => ({
      ...classification,
      breaches: [spin],
    }));
    return climbLadder(buildContext(history, now, classifications, CONFIG), []).map(({ kind }) => kind);
  };
  assert.deepEqual(stepsFor(1), ['throttle']);
  assert.deepEqual(stepsFor(80), [], 'too young');
});

test('a fork storm of a disposable container is killed at once, without a grace period', () => {
  const storming: Behaviour = (_, second) => ({ processCount: second >= 200 ? 900 : 2 });
  const [first] = simulate([calm, storming], 260).filter(({ action }) => action.kind === 'remove');
  assert.equal(first?.second, 200);
  assert.equal(first?.action.kind === 'remove' && first.action.urgency, 'now');
});

test('an I/O storm of a disposable container is limited, then ends with its replacement, each after its grace period', () => {
  const storming: Behaviour = (run) => ({ blockReadBytes: 0, blockWriteBytes: run * 100 * 2 ** 20 });
  const kinds = (cgroupVersion: 1 | 2) =>
    summaryOf(
      simulate([calm, storming], 600, { ioFullAvg10: 50, cgroupVersion }).filter(
        ({ action }) => action.kind !== 'start',
      ),
    );
  assert.deepEqual(kinds(2), ['100 limit-io', '180 remove']);
  assert.deepEqual(kinds(1), ['100 throttle', '180 remove'], 'v1 limits no I/O');
});

test('a disposable container whose restart policy starts it over and over is replaced', () => {
  const looping: Behaviour = (_, second) => ({ restartCount: Math.floor(second / 60) });
  const seen = simulate([calm, looping], 260);
  const [removal] = seen.filter(({ action }) => action.kind === 'remove');
  assert.equal(removal?.second, 180);
  assert.match(english(removal?.action.because), /^restarted 3 times in 5 min \(limit 3\)/);
  assert.ok(seen.some(({ action, second }) => action.kind === 'start' && second === 180));
});

test('a protected container in breach does not delay another one, and a foreign CPU limit is respected', () => {
  const limited: Behaviour = () => ({ cpu: 200, cpuLimitPercent: 300 });
  assert.deepEqual(summaryOf(simulate([limited, calm], 600)), []);
  const now = snapshot([1, 2].map((n) => container(n, n === 1 ? { labels: GUARDED } : { labels: OURS })));
  const storm = {
    pattern: 'fork-storm',
    sinceNs: 0,
    because: { code: 'message', text: 'fork storm' },
  } as const;
  const history = historyOf(now, () => 1);
  const classifications = classify(history, now, CONFIG).map((classification) => ({
    ...classification,
    breaches: [storm],
  }));
  const steps = climbLadder(buildContext(history, now, classifications, CONFIG), []);
  assert.deepEqual(
    steps.map((step) => step.kind !== 'start' && step.id),
    [idOf(2)],
  );
});

test('a restarted container counts for its former class until it is classified again, also when it is removed', () => {
  const now = snapshot([container(1)]);
  const classifications = classify(NO_HISTORY, now, CONFIG);
  const known = historyOf(now, () => 1).containers.get(idOf(1));
  assert.ok(known);
  const history: History = {
    ...NO_HISTORY,
    containers: new Map([[idOf(1), { ...known, pid: 7, restartedAs: 'high' }]]),
  };
  const expectedClass = expectedClasses(history, now.containers, classifications);
  assert.deepEqual([...expectedClass], [[idOf(1), 'high']]);
  assert.equal(decideFor(history, now, classifications).filter((kind) => kind === 'start').length, 1);
  assert.equal(decideFor(NO_HISTORY, now, classifications).filter((kind) => kind === 'start').length, 1);

  const before = countClasses(now.containers, classifications, CONFIG);
  const action: Action = {
    kind: 'remove',
    ...{ id: idOf(1), name: '', level: null, pid: 1, urgency: 'now', because: { code: 'message', text: '' } },
    ...{ isThrottled: false, isReplaced: true },
  };
  const gone: Outcome = {
    action,
    result: 'done',
    detail: { code: 'message', text: '' },
    id: idOf(1),
    tookMs: 1,
  };
  assert.deepEqual(countsAfter(before, expectedClass, classifications, []), { low: 0, high: 1, unknown: 0 });
  assert.deepEqual(countsAfter(before, expectedClass, classifications, [gone]), {
    low: 0,
    high: 0,
    unknown: 0,
  });
});

test('a flapping container that is removed does not count for the surplus', () => {
  const now = snapshot(
    [1, 2, 3].map((n) => container(n, { usage: usage({ pid: 1000 + n, rssKb: 90_000 }) })),
  );
  const history = historyOf(now, () => 1);
  const runs = new Map([
    [idOf(1), { restartCount: 3, restartTimesNs: [1, 2, 3].map((n) => now.monotonicNs - n) }],
  ]);
  const classifications = classify(history, now, CONFIG);
  assert.deepEqual(decideFor({ ...history, runs }, now, classifications), ['remove']);
});

test('CPU use that is usual for an image is no longer throttled', () => {
  const busy: Behaviour = () => ({ cpu: 100 });
  // An hour of an image whose containers always use a core: they are throttled only at the beginning.
  const seen = simulate([busy, busy, busy], 3600).filter(({ action }) => action.kind === 'throttle');
  assert.ok(seen.length >= 1 && seen.every(({ second }) => second <= 200), summaryOf(seen).join());
});

test('no action is taken on a foreign or a protected container in breach', () => {
  const storm: Behaviour = (run) => ({ processCount: 900, memoryUsedKb: 50_000 + run * 500, cpu: 200 });
  const actionsOn = (labels: Readonly<Record<string, string>>) =>
    summaryOf(
      simulate([storm, leaking], 1300, scarce, labels).filter(({ action }) => action.kind !== 'start'),
    );
  for (const labels of [{}, GUARDED]) assert.deepEqual(actionsOn(labels), []);
  assert.ok(actionsOn(OURS).length > 2, 'on a managed one there are');
});

/** The CPU of a host with two cores that is all used, or all idle. */
const busy = (second: number): Partial<HostSample> => ({ cpuBusyNs: second * 2 * SECOND_NS });
const idle = (): Partial<HostSample> => ({ cpuBusyNs: 0 });
const onServices = (
  behaviours: readonly Behaviour[],
  seconds: number,
  host: Parameters<typeof simulate>[2],
) => simulate(behaviours, seconds, host, SERVICE);

test('a service with peaks on a contended host is let go after its first peak, and not over and over', () => {
  // 120 s of work, 240 s of none: ten peaks an hour.
  const peaks: Behaviour = (_, second) => ({ cpu: second % 360 < 120 ? 150 : 10 });
  const seen = onServices([peaks], 3600, busy).filter(({ action }) => action.kind !== 'start');
  const throttled = seen.filter(({ action }) => action.kind === 'throttle');
  assert.ok(throttled.length >= 2 && throttled.length <= 6, summaryOf(seen).join());
  const [first, second] = seen;
  assert.equal(second?.action.kind, 'release');
  assert.ok(Number(second?.second) - Number(first?.second) <= 180, summaryOf(seen).join());
});

test('a service whose peaks follow each other closely does not stay limited for hours', () => {
  const peaks: Behaviour = (_, second) => ({ cpu: second % 360 < 120 ? 150 : 10 });
  const unlearned = { ...CONFIG, soft: { ...CONFIG.soft, learn: false } };
  const seen = simulate([peaks], 6 * 3600, busy, SERVICE, unlearned).filter(
    ({ action }) => action.kind !== 'start',
  );
  const seconds = seen.map(({ second }) => second);
  const limited = seen.flatMap(({ action }, i) =>
    action.kind === 'throttle' ? [(seconds[i + 1] ?? 6 * 3600) - (seconds[i] ?? 0)] : [],
  );
  assert.ok(limited.length > 4 && Math.max(...limited) <= 3600 + 360, limited.join());
});

test('a service is throttled only while the CPU of the host is contended, and to what is no fault', () => {
  const heavy: Behaviour = () => ({ cpu: 150 });
  const ours = (seen: readonly Seen[]) => seen.filter(({ action }) => action.kind !== 'start');
  assert.deepEqual(summaryOf(ours(onServices([heavy], 3600, idle))), []);
  const [throttle] = ours(onServices([heavy], 400, busy));
  assert.deepEqual([throttle?.second, throttle?.action.kind], [100, 'throttle']);
  assert.equal(throttle?.action.kind === 'throttle' && throttle.action.to, 90, 'its threshold');
});

test('a throttled service gets its CPU back when the host has it to give; each time it is held twice as long', () => {
  const heavy: Behaviour = () => ({ cpu: 150 });
  // Contended for five minutes, idle for five, and so on.
  const host = (second: number): Partial<HostSample> => {
    const busySeconds = Math.floor(second / 600) * 300 + Math.min(300, second % 600);
    return { cpuBusyNs: busySeconds * 2 * SECOND_NS };
  };
  const seen = onServices([heavy], 3000, host).filter(({ action }) => action.kind !== 'start');
  const kinds = seen.map(({ action }) => action.kind);
  assert.ok(kinds.length >= 4, kinds.join());
  assert.deepEqual(
    kinds,
    kinds.map((_, i) => (i % 2 === 0 ? 'throttle' : 'release')),
  );
  assert.match(english(seen[1]?.action.because), /is idle, enough for the .* that were taken from it/);
});

test('a service that leaks is left alone while there is memory; then it is squeezed, and restarted once', () => {
  const plenty = onServices([leaking], 1300, (second) => ({ availableKb: 0.9 * TOTAL_KB - second * 500 }));
  assert.deepEqual(summaryOf(plenty.filter(({ action }) => action.kind !== 'start')), []);

  const seen = onServices(
    [(run) => ({ memoryUsedKb: Math.min(1_400_000, 50_000 + run * 500) })],
    5000,
    (second) => ({
      availableKb: Math.max(0.1 * TOTAL_KB, 0.35 * TOTAL_KB - second * 500),
    }),
  ).filter(({ action }) => action.kind !== 'start');
  const kinds = seen.map(({ action }) => action.kind);
  assert.deepEqual([...new Set(kinds)], ['squeeze', 'restart']);
  const restarts = seen.filter(({ action }) => action.kind === 'restart');
  assert.equal(restarts.length, 1, 'a day passes before another restart');
  assert.ok((restarts[0]?.second ?? 0) >= 1800, 'not while it may be loading what it needs');
});

test('a service that loads what it needs, and fills the host with it, is at most held for a while', () => {
  // Redis: a dump of 1.2 GB in eight minutes, then flat.
  const calmPsi = { someAvg10: 0, someTotalUs: 0, fullAvg10: 0, fullTotalUs: 0 };
  const loading: Behaviour = (run) => ({
    memoryUsedKb: 50_000 + Math.min(480, run) * 2500,
    memoryPsi: calmPsi,
  });
  const seen = onServices([loading], 3600, (second) => ({
    availableKb: 0.4 * TOTAL_KB - Math.min(480, second) * 2500,
  })).filter(({ action }) => action.kind !== 'start');
  assert.deepEqual([...new Set(seen.map(({ action }) => action.kind))], ['squeeze', 'release']);
});

test('a service that only holds what it always held is not touched when another holder takes the memory', () => {
  const steady: Behaviour = () => ({ memoryUsedKb: 0.31 * TOTAL_KB });
  const seen = onServices([steady], 3600, (second) => ({
    availableKb: second < 1200 ? 0.5 * TOTAL_KB : 0.125 * TOTAL_KB,
  })).filter(({ action }) => action.kind !== 'start');
  assert.deepEqual(summaryOf(seen), []);
});

test('a service with a fork storm is limited to twice its processes, released when it has settled, and not restarted', () => {
  // Postgres after a fail-over: 300 back-ends become 620 within 40 s, and stay.
  const burst: Behaviour = (_, second) => ({
    processCount: second < 600 ? 300 : Math.min(620, 300 + (second - 600) * 8),
  });
  const seen = onServices([burst], 1800, {}).filter(({ action }) => action.kind !== 'start');
  const [limit, release] = seen;
  assert.deepEqual(
    seen.map(({ action }) => action.kind),
    ['limit-pids', 'release'],
  );
  assert.equal(limit?.action.kind === 'limit-pids' && limit.action.to, 1240);
  assert.ok((release?.second ?? 0) - (limit?.second ?? 0) >= 60);
});

test('where no limit can be set, a burst of processes is waited out, and only a storm that goes on is restarted', () => {
  const burst: Behaviour = (_, second) => ({
    processCount: second < 600 ? 300 : Math.min(620, 300 + (second - 600) * 8),
  });
  const storm: Behaviour = (run, second) => ({
    processCount: second < 600 || run < 600 ? 300 : Math.min(30_000, 300 + (second - 600) * 20),
  });
  const restartsOf = (behaviour: Behaviour) =>
    onServices([behaviour], 1800, { cgroupVersion: 1 })
      .filter(({ action }) => action.kind === 'restart')
      .map(({ second }) => second);
  assert.deepEqual(restartsOf(burst), []);
  const [first] = restartsOf(storm);
  assert.ok(first !== undefined && first >= 660 && first < 900, `restarted at ${first} s`);
});

test('a service whose restart policy starts it over and over is left to the engine, unless its owner allows to stop it', () => {
  const looping: Behaviour = (_, second) => ({ restartCount: Math.floor(second / 30) });
  const kinds = (labels: Readonly<Record<string, string>>) =>
    simulate([looping], 300, {}, labels)
      .map(({ action }) => action.kind)
      .filter((kind) => kind !== 'start');
  assert.deepEqual(kinds(SERVICE), []);
  assert.equal(kinds({ ...SERVICE, 'vigia.allow': 'stop' })[0], 'stop');
});

test('a service that allows nothing gets advice only, whatever it does', () => {
  const storm: Behaviour = (run) => ({ processCount: 10 * run, memoryUsedKb: 50_000 + run * 500, cpu: 200 });
  const seen = simulate([storm], 1300, scarce, { ...SERVICE, 'vigia.allow': 'none' });
  assert.deepEqual(summaryOf(seen.filter(({ action }) => action.kind !== 'start')), []);
});

test('outside enforce a limit of ours is lifted', () => {
  const limited = container(1, {
    labels: SERVICE,
    usage: usage({ cpuLimitPercent: 90, isLimitOurs: true, squeezedToKb: 70_000 }),
  });
  const foreign = container(2, { labels: {}, usage: usage({ cpuLimitPercent: 90, isLimitOurs: false }) });
  const now = snapshot([limited, foreign]);
  const history = historyOf(now, () => 1);
  for (const mode of ['observe', 'dry-run'] as const) {
    const cfg = config({ mode, quotas: CONFIG.quotas });
    const plan = decide(history, now, classify(history, now, cfg), cfg);
    const released = plan.kind === 'act' ? plan.actions.filter(({ kind }) => kind === 'release') : [];
    assert.deepEqual(
      released.map((action) => action.kind === 'release' && [action.id, action.limit]),
      [
        [idOf(1), 'cpu'],
        [idOf(1), 'memory'],
      ],
    );
  }
});

test('whatever disposable containers do, no class is left short; whatever services do, none is removed or restarted twice in an hour', () => {
  const figure = fc.record({
    cpu: fc.constantFrom(0, 1, 95, 300),
    processCount: fc.constantFrom(1, 600, 5000),
    memoryUsedKb: fc.constantFrom(700, 90_000, 1_200_000),
    blockWriteBytes: fc.constantFrom(0, 5e10, 1e11),
    restartCount: fc.constantFrom(0, 0, 0, 4, 9),
  });
  const behaviour = fc.array(figure, { minLength: 10, maxLength: 10 }).map(
    (figures): Behaviour =>
      (_, second) =>
        figures[Math.floor(second / 60) % figures.length] ?? {},
  );
  const hosts = fc.record({
    availableKb: fc.constantFrom(0.1 * TOTAL_KB, 0.8 * TOTAL_KB),
    ioFullAvg10: fc.constantFrom(0, 50),
  });
  const counts = { actionsOnServices: 0, removals: 0 };
  fc.assert(
    fc.property(
      fc.array(behaviour, { minLength: 1, maxLength: 4 }),
      hosts,
      fc.boolean(),
      (behaviours, host, areServices) => {
        const seen = simulate(
          behaviours,
          3600,
          (second) => ({ ...host, ...busy(second) }),
          areServices ? SERVICE : OURS,
        );
        if (areServices) {
          const taken = seen.filter(({ action }) => action.kind !== 'start');
          assert.ok(taken.every(({ action }) => action.kind !== 'remove' && action.kind !== 'stop'));
          const restarts = Map.groupBy(
            taken.filter(({ action }) => action.kind === 'restart'),
            ({ action }) => (action.kind === 'start' ? '' : action.id),
          );
          for (const ofOne of restarts.values()) assert.ok(ofOne.length <= 1);
          counts.actionsOnServices += taken.length;
          return;
        }
        const removals = seen.filter(({ action }) => action.kind === 'remove' && action.level === 'high');
        for (const { after } of removals) assert.ok(after.high >= 2);
        counts.removals += removals.length;
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(counts.actionsOnServices > 20 && counts.removals > 20, JSON.stringify(counts));
});
