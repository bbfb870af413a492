import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { learn, observe } from '../../daemon/src/classify/baseline.ts';
import { classify } from '../../daemon/src/classify/classify.ts';
import { remember } from '../../daemon/src/classify/remember.ts';
import { followRuns } from '../../daemon/src/classify/runs.ts';
import { decide } from '../../daemon/src/decide/decide.ts';
import { awaitedIn, standingOf } from '../../daemon/src/decide/scene.ts';
import { standingAfter } from '../../daemon/src/decide/standing-after.ts';
import type { Action, Outcome, Standing } from '../../daemon/src/model/decision.ts';
import { type History, NO_HISTORY } from '../../daemon/src/model/history.ts';
import type { ContainerSample, ContainerUsage, HostSample } from '../../daemon/src/model/snapshot.ts';
import { config, container, HOST, idOf, SECOND_NS, snapshot, TOTAL_KB, usage } from './builders.ts';

const CONFIG = config({
  quotas: { low: { keep: 0, images: [] }, high: { keep: 2, images: ['vigia/ram'] } },
});
const START = 1_800_000_000_000;

/** Started by us for the class that they will have: nothing is started beside them. */
const OURS = { 'vigia.managed': 'true', 'vigia.spawn': 'floor', 'vigia.class': 'high' };

/** What one container does in a run of it that is so old; CPU is what it wants. */
type Behaviour = (runSeconds: number, second: number) => Partial<ContainerUsage> & { cpu?: number };

interface Seen {
  readonly second: number;
  readonly action: Action;
  readonly after: Standing;
}

/** Containers that behave so, cycle after cycle; what is planned is done at once. */
function live(
  behaviours: readonly Behaviour[],
  seconds: number,
  host: Partial<HostSample> = {},
  labels: Readonly<Record<string, string>> = OURS,
): Seen[] {
  const seen: Seen[] = [];
  let history: History = NO_HISTORY;
  let born = 0;
  const bear = (behaviour: Behaviour, since: number) => {
    born += 1;
    return { n: born, behaviour, pid: born, since, cpuNs: 0, limit: 1e9 };
  };
  const dwellers = behaviours.map((behaviour) => bear(behaviour, 0));
  for (let second = 20; second <= seconds; second += 20) {
    const containers = dwellers.map((d): ContainerSample => {
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
    history = { ...history, runs: followRuns(history.runs, now, CONFIG) };
    const verdicts = classify(history, now, CONFIG);
    const plan = decide(history, now, verdicts, CONFIG);
    const actions = plan.kind === 'act' ? plan.actions : [];
    const outcomes = actions.map(
      (action): Outcome => ({
        action,
        result: 'done',
        detail: '',
        id: action.kind === 'start' ? null : action.id,
        tookMs: 1,
      }),
    );
    const awaited = awaitedIn(history, now.containers, verdicts);
    const after = standingAfter(standingOf(now.containers, verdicts), awaited, verdicts, outcomes);
    for (const action of actions) {
      seen.push({ second, action, after });
      if (action.kind === 'start') dwellers.push(bear(calm, second));
      const i = dwellers.findIndex(({ n }) => action.kind !== 'start' && idOf(n) === action.id);
      const target = dwellers[i];
      if (target === undefined) continue;
      if (action.kind === 'throttle') target.limit = CONFIG.soft.throttlePercent;
      if (action.kind === 'release') target.limit = 1e9;
      if (action.kind === 'restart')
        Object.assign(target, { pid: target.pid + 1000, since: second, cpuNs: 0, limit: 1e9 });
      if (action.kind === 'remove') dwellers.splice(i, 1);
    }
    const observations = observe(history, now, verdicts);
    history = remember(history, now, verdicts, outcomes, CONFIG);
    history = { ...history, baselines: learn(history.baselines, observations) };
  }
  return seen;
}

const told = (seen: readonly Seen[]) => seen.map(({ second, action }) => `${second} ${action.kind}`);
const calm: Behaviour = () => ({});
const leaking: Behaviour = (run) => ({ memoryUsedKb: 50_000 + run * 500 });
const SCARCE = { availableKb: 0.2 * TOTAL_KB };

test('a leak is restarted when its window is over, and replaced when the next run leaks as well', () => {
  const seen = live([calm, leaking], 1300, SCARCE);
  const strikes = seen.filter(({ action }) => action.kind !== 'start');
  assert.deepEqual(told(strikes), ['560 restart', '1120 remove']);
  assert.match(
    strikes[0]?.action.because ?? '',
    /^memory rose steadily from 59 MiB to 322 MiB in 9 min; RAM is full in 27 min; a new run begins anew$/,
  );
  assert.match(strikes[1]?.action.because ?? '', /restarted less than 60 min ago in vain: it is replaced$/);
});

test('one of the last of its class is restarted without a successor, and removed with one', () => {
  const seen = live([calm, leaking], 1300, SCARCE);
  const atRemoval = seen.filter(({ second }) => second === 1120);
  assert.deepEqual(
    atRemoval.map(({ action }) => action.kind),
    ['remove', 'start'],
  );
  for (const { second, after } of seen) assert.equal(after.high, 2, `${second}: a class is never left short`);
  assert.equal(seen.filter(({ action }) => action.kind === 'start').length, 1);
});

test('containers of one image are not restarted all at once, and one restart a cycle is enough', () => {
  const seen = live([leaking, leaking, leaking], 700, SCARCE).filter(
    ({ action }) => action.kind === 'restart',
  );
  const seconds = seen.map(({ second }) => second);
  assert.equal(new Set(seconds).size, seconds.length, 'one a cycle');
  assert.ok(seconds.length >= 2);
});

test('a fork storm does not wait for the grace, and is restarted without one', () => {
  const [first] = live([calm, (_, second) => ({ processCount: second >= 200 ? 900 : 2 })], 260).filter(
    ({ action }) => action.kind === 'restart',
  );
  assert.equal(first?.second, 200);
  assert.equal(first?.action.kind === 'restart' && first.action.urgency, 'now');
});

test('an I/O storm is throttled, then restarted, then replaced, each after its grace', () => {
  const storming: Behaviour = (run) => ({ blockReadBytes: 0, blockWriteBytes: run * 100 * 2 ** 20 });
  const strikes = live([calm, storming], 600, { ioFullAvg10: 50 }).filter(
    ({ action }) => action.kind !== 'start',
  );
  assert.deepEqual(told(strikes), ['100 throttle', '180 restart', '280 remove']);
});

test('what flaps is removed, and its place filled', () => {
  const flappy: Behaviour = (_, second) => ({ startNs: Math.floor(second / 60) * SECOND_NS });
  const seen = live([calm, flappy], 260);
  const [strike] = seen.filter(({ action }) => action.kind === 'remove');
  assert.equal(strike?.second, 180);
  assert.match(strike?.action.because ?? '', /^it flaps: restarted 3 times in 5 min/);
  assert.ok(seen.some(({ action, second }) => action.kind === 'start' && second === 180));
});

test('what an image always does becomes usual: it is no longer throttled for it, and only more than that is', () => {
  const busy: Behaviour = () => ({ cpu: 100 });
  // Two hours of an image whose containers always hold a core: at first they are throttled, later let be.
  const seen = live([busy, busy, busy], 3600).filter(({ action }) => action.kind === 'throttle');
  assert.ok(seen.length >= 1 && seen.every(({ second }) => second <= 200), told(seen).join());
});

test('neither a foreign nor a protected container ever climbs the ladder', () => {
  const storm: Behaviour = (run) => ({ processCount: 900, memoryUsedKb: 50_000 + run * 500, cpu: 200 });
  for (const labels of [{}, { ...OURS, 'vigia.protected': 'true' }]) {
    const strikes = live([storm, leaking], 1300, SCARCE, labels).filter(
      ({ action }) => action.kind !== 'start',
    );
    assert.deepEqual(told(strikes), []);
  }
});

test('whatever containers do, no class is left short, and each is restarted once an hour at most', () => {
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
  fc.assert(
    fc.property(fc.array(behaviour, { minLength: 1, maxLength: 4 }), hosts, (behaviours, host) => {
      const seen = live(behaviours, 3600, host);
      const restarts = Map.groupBy(
        seen.filter(({ action }) => action.kind === 'restart'),
        ({ action }) => (action.kind === 'start' ? '' : action.id),
      );
      for (const times of restarts.values()) assert.ok(times.length <= 1);
      for (const { action, after } of seen)
        if (action.kind === 'remove' && action.level === 'high') assert.ok(after.high >= 2);
    }),
    { numRuns: 60 },
  );
});
