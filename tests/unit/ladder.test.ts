import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classify } from '../../daemon/src/classify/classify.ts';
import { remember } from '../../daemon/src/classify/remember.ts';
import { followRuns } from '../../daemon/src/classify/runs.ts';
import { countsAfter } from '../../daemon/src/decide/counts-after.ts';
import { decide } from '../../daemon/src/decide/decide.ts';
import { buildContext, countClasses, expectedClasses } from '../../daemon/src/decide/decision-context.ts';
import { climbLadder } from '../../daemon/src/decide/rules/climb-ladder.ts';
import type { Action, ClassCounts, Classification, Outcome } from '../../daemon/src/model/decision.ts';
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
const OURS = { 'vigia.managed': 'true', 'vigia.spawn': 'floor', 'vigia.class': 'high' };

/** The usage of a container at an age of its run; `cpu` is what it would use without a limit. */
type Behaviour = (runSeconds: number, second: number) => Partial<ContainerUsage> & { cpu?: number };

interface Seen {
  readonly second: number;
  readonly action: Action;
  readonly after: ClassCounts;
}

/** Simulates containers with these behaviours, cycle after cycle; every planned action is done at once. */
function simulate(
  behaviours: readonly Behaviour[],
  seconds: number,
  host: Partial<HostSample> = {},
  labels: Readonly<Record<string, string>> = OURS,
  cfg = CONFIG,
): Seen[] {
  const seen: Seen[] = [];
  let history: History = NO_HISTORY;
  let created = 0;
  const create = (behaviour: Behaviour, since: number) => {
    created += 1;
    return { n: created, behaviour, pid: created, since, cpuNs: 0, limit: 1e9 };
  };
  const simulated = behaviours.map((behaviour) => create(behaviour, 0));
  for (let second = 20; second <= seconds; second += 20) {
    const containers = simulated.map((d): ContainerSample => {
      const { cpu = 1, ...figures } = d.behaviour(second - d.since, second);
      d.cpuNs += (Math.min(d.limit, cpu) / 100) * 20 * SECOND_NS;
      const cpuLimitPercent = d.limit === 1e9 ? null : d.limit;
      const own = {
        pid: d.pid,
        startNs: d.since * SECOND_NS,
        cpuTimeNs: d.cpuNs,
        rssKb: 90_000,
        cpuLimitPercent,
      };
      return { ...container(d.n, { createdAt: START, labels }), usage: usage({ ...own, ...figures }) };
    });
    const now = snapshot(containers, {
      tick: second / 20,
      at: START + second * 1000,
      monotonicNs: second * SECOND_NS,
      host: { ...HOST, ...host },
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
    const expectedClass = expectedClasses(history, now.containers, classifications);
    const after = countsAfter(
      countClasses(now.containers, classifications),
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
      if (action.kind === 'throttle') target.limit = cfg.soft.throttlePercent;
      if (action.kind === 'release') target.limit = 1e9;
      if (action.kind === 'restart')
        Object.assign(target, { pid: target.pid + 1000, since: second, cpuNs: 0, limit: 1e9 });
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
const SCARCE = { availableKb: 0.2 * TOTAL_KB };

test('a leak is restarted after its window, and replaced when the next run leaks too', () => {
  const seen = simulate([calm, leaking], 1300, SCARCE);
  const actions = seen.filter(({ action }) => action.kind !== 'start');
  assert.deepEqual(summaryOf(actions), ['560 restart', '1120 remove']);
  assert.match(
    english(actions[0]?.action.because),
    /^memory rose steadily from 59 to 322 MiB in 9 min; RAM will be full in 27 min; restarting it$/,
  );
  assert.match(
    english(actions[1]?.action.because),
    /a restart in the last 60 min did not help; replacing it$/,
  );
});

test('one of the last of its class is restarted without a replacement, and removed with one', () => {
  const seen = simulate([calm, leaking], 1300, SCARCE);
  const atRemoval = seen.filter(({ second }) => second === 1120);
  assert.deepEqual(
    atRemoval.map(({ action }) => action.kind),
    ['remove', 'start'],
  );
  for (const { second, after } of seen) assert.equal(after.high, 2, `${second}: a class is never left short`);
  assert.equal(seen.filter(({ action }) => action.kind === 'start').length, 1);
});

test('there is one restart a cycle, and the pause after each restart of an image doubles', () => {
  const seen = simulate(Array(6).fill(leaking), 1100, SCARCE, OURS, keeping(6));
  const restarts = seen.filter(({ action }) => action.kind === 'restart');
  // 10, 20, 40, 80 and 160 s, in cycles of 20 s.
  assert.deepEqual(
    restarts.map(({ second }) => second),
    [560, 580, 600, 640, 720, 880],
  );
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

test('a fork storm is restarted at once, without a grace period', () => {
  const [first] = simulate([calm, (_, second) => ({ processCount: second >= 200 ? 900 : 2 })], 260).filter(
    ({ action }) => action.kind === 'restart',
  );
  assert.equal(first?.second, 200);
  assert.equal(first?.action.kind === 'restart' && first.action.urgency, 'now');
});

test('an I/O storm is throttled, then restarted, then replaced, each after its grace period', () => {
  const storming: Behaviour = (run) => ({ blockReadBytes: 0, blockWriteBytes: run * 100 * 2 ** 20 });
  const actions = simulate([calm, storming], 600, { ioFullAvg10: 50 }).filter(
    ({ action }) => action.kind !== 'start',
  );
  assert.deepEqual(summaryOf(actions), ['100 throttle', '180 restart', '280 remove']);
});

test('a flapping container is removed and replaced', () => {
  const flappy: Behaviour = (_, second) => ({ startNs: Math.floor(second / 60) * SECOND_NS });
  const seen = simulate([calm, flappy], 260);
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
  const now = snapshot([container(1, { labels: { 'vigia.managed': 'true' } })]);
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
  assert.equal(decideFor(NO_HISTORY, now, classifications).filter((kind) => kind === 'start').length, 2);

  const before = countClasses(now.containers, classifications);
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
    [idOf(1), { newest: '1001/1', restartTimesNs: [1, 2, 3].map((n) => now.monotonicNs - n) }],
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
      simulate([storm, leaking], 1300, SCARCE, labels).filter(({ action }) => action.kind !== 'start'),
    );
  for (const labels of [{}, GUARDED]) assert.deepEqual(actionsOn(labels), []);
  assert.ok(actionsOn(OURS).length > 2, 'on a managed one there are');
});

test('whatever containers do, no class is left short, and each is restarted at most once an hour', () => {
  const figure = fc.record({
    cpu: fc.constantFrom(0, 1, 95, 300),
    processCount: fc.constantFrom(1, 600, 5000),
    memoryUsedKb: fc.constantFrom(700, 90_000, 1_200_000),
    blockWriteBytes: fc.constantFrom(0, 5e10, 1e11),
    startNs: fc.constantFrom(0, 0, 0, 1, 2),
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
  const counts = { restarts: 0, removals: 0 };
  fc.assert(
    fc.property(fc.array(behaviour, { minLength: 1, maxLength: 4 }), hosts, (behaviours, host) => {
      const seen = simulate(behaviours, 3600, host);
      const restarts = Map.groupBy(
        seen.filter(({ action }) => action.kind === 'restart'),
        ({ action }) => (action.kind === 'start' ? '' : action.id),
      );
      for (const ofOne of restarts.values()) assert.ok(ofOne.length <= 1);
      const removals = seen.filter(({ action }) => action.kind === 'remove' && action.level === 'high');
      for (const { after } of removals) assert.ok(after.high >= 2);
      counts.restarts += restarts.size;
      counts.removals += removals.length;
    }),
    { numRuns: 60 },
  );
  assert.ok(counts.restarts > 20 && counts.removals > 20, JSON.stringify(counts));
});
