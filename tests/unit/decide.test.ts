import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classify } from '../../daemon/src/classify/classify.ts';
import { decide, isVetoed } from '../../daemon/src/decide/decide.ts';
import { buildContext } from '../../daemon/src/decide/decision-context.ts';
import { unconfirmedRemovals } from '../../daemon/src/decide/unconfirmed-removals.ts';
import type { Action, Plan } from '../../daemon/src/model/decision.ts';
import { NO_HISTORY } from '../../daemon/src/model/history.ts';
import { repositoryOf } from '../../daemon/src/model/ownership.ts';
import type { ContainerSample } from '../../daemon/src/model/snapshot.ts';
import { policyOf } from '../../daemon/src/policy/resolve-policy.ts';
import { config, container, english, historyOf, idOf, snapshot, TOTAL_KB, usage } from './builders.ts';

const CONFIG = config();
const kindOf = (c: ContainerSample) => policyOf(c, CONFIG).kind;
const isDisposable = (c: ContainerSample): boolean => kindOf(c) === 'disposable';
const DISPOSABLE = { 'vigia.managed': 'true', 'vigia.disposable': 'true' };
const NONE: readonly Action[] = [];
const actionsOf = (plan: Plan) => (plan.kind === 'act' ? plan.actions : NONE);

/** The CPU percentage is part of the name, so that a container sample alone gives its CPU use. */
const cpuOf = (c: ContainerSample): number => Number(c.name.split('@')[1] ?? 0);

function plan(containers: readonly ContainerSample[], cfg = CONFIG): Plan {
  const now = snapshot(containers);
  const history = historyOf(now, cpuOf);
  return decide(history, now, classify(history, now, cfg), cfg);
}

function sized(
  n: number,
  cpuPercent: number,
  rssKb: number,
  partial: Partial<ContainerSample> = {},
): ContainerSample {
  const made = container(n, partial);
  return { ...made, name: `c${n}@${cpuPercent}`, usage: usage({ pid: 1000 + n, rssKb }) };
}

/** Any container: disposable, service, foreign or protected, running or ended, of any size. */
const anyContainer = (n: number) =>
  fc
    .record({
      cpu: fc.constantFrom(0, 0.05, 0.5, 30, 100),
      rss: fc.constantFrom(500, 3000, 60_000, 400_000),
      kind: fc.constantFrom('disposable', 'disposable', 'spawned', 'service', 'foreign'),
      guard: fc.constantFrom('none', 'none', 'none', 'label', 'name', 'image'),
      state: fc.constantFrom('running', 'running', 'running', 'exited', 'created', 'dead') as fc.Arbitrary<
        ContainerSample['state']
      >,
      priority: fc.constantFrom('0', '0', '5', '-1', 'x'),
      declared: fc.constantFrom('low', 'high'),
    })
    .map(({ cpu, rss, kind, guard, state, priority, declared }): ContainerSample => {
      const labels: Record<string, string> = { 'vigia.priority': priority, 'vigia.class': declared };
      if (kind !== 'foreign') labels['vigia.managed'] = 'true';
      if (kind === 'disposable') labels['vigia.disposable'] = 'true';
      if (kind === 'spawned') labels['vigia.spawn'] = '261130-1';
      if (guard === 'label') labels['vigia.protected'] = 'true';
      const made = sized(n, cpu, rss, { labels, state });
      return {
        ...made,
        name: guard === 'name' ? 'vigia-grafana' : made.name,
        image: guard === 'image' ? 'grafana/grafana:13.2.1' : made.image,
        usage: state === 'running' ? made.usage : null,
      };
    });
const anyHost = fc
  .integer({ min: 0, max: 30 })
  .chain((size) => fc.tuple(...Array.from({ length: size }, (_, n) => anyContainer(n + 1))));

/** The containers after a plan: without the removed ones, with started ones that use what their class uses. */
function carriedOut(containers: readonly ContainerSample[], actions: readonly Action[]): ContainerSample[] {
  const removed = new Set(actions.flatMap((action) => (action.kind === 'remove' ? [action.id] : [])));
  const started = actions
    .filter((action) => action.kind === 'start')
    .map(({ level, image }, i) => ({ ...sized(5000 + i, level === 'high' ? 30 : 0, 500), image }));
  return [...containers.filter(({ id }) => !removed.has(id)), ...started];
}

function classesOf(containers: readonly ContainerSample[]) {
  const now = snapshot(containers);
  const classifications = classify(historyOf(now, cpuOf), now, CONFIG);
  const ours = (level: string) =>
    classifications.filter(
      (v) => v.level === level && containers.some((c) => c.id === v.id && isDisposable(c)),
    ).length;
  return { low: ours('low'), high: ours('high') };
}

test('any fully classified host ends with exactly 3 low and 2 high disposable containers', () => {
  fc.assert(
    fc.property(anyHost, (containers) => {
      const after = carriedOut(containers, actionsOf(plan(containers)));
      assert.deepEqual(classesOf(after), { low: 3, high: 2 });
      const untouched = (c: ContainerSample) => !isDisposable(c);
      assert.deepEqual(after.filter(untouched), containers.filter(untouched));
    }),
    { numRuns: 500 },
  );
});

test('an untrimmed class keeps its surplus and is still filled; without quotas only ended containers are removed', () => {
  const untrimmed = (keep: number) => {
    const { low, high } = CONFIG.quotas;
    return config({ quotas: { low: { ...low, keep, trim: false }, high: { ...high, keep, trim: false } } });
  };
  let removals = 0;
  fc.assert(
    fc.property(anyHost, (containers) => {
      const actions = actionsOf(plan(containers, untrimmed(2)));
      const running = new Set(containers.flatMap(({ id, usage }) => (usage === null ? [] : [id])));
      assert.ok(actions.every((action) => action.kind !== 'remove' || !running.has(action.id)));
      const after = carriedOut(containers, actions);
      const now = snapshot(after.filter(isDisposable));
      const levels = classify(historyOf(now, cpuOf), now, CONFIG).map(({ level }) => level);
      for (const required of ['low', 'high'])
        assert.ok(levels.filter((level) => level === required).length >= 2, levels.join(' '));
      const none = actionsOf(plan(containers, untrimmed(0)));
      assert.ok(none.every((action) => action.kind === 'remove' && !running.has(action.id)));
      removals += none.length;
    }),
  );
  assert.ok(removals > 20, `${removals} removals`);
  const many = [1, 2, 3, 4].map((n) => sized(n, 0, 500));
  const held = plan(many, untrimmed(0));
  assert.equal(held.kind === 'hold' && held.because.code, 'quotas-met');
  assert.deepEqual(
    held.candidates.map(({ excluded }) => excluded?.code),
    many.map(() => 'class-not-trimmed'),
  );
});

test('dry-run and enforce decide the same', () => {
  fc.assert(
    fc.property(anyHost, (containers) => {
      assert.deepEqual(
        plan(containers, config({ mode: 'dry-run' })),
        plan(containers, config({ mode: 'enforce' })),
      );
    }),
  );
});

test('with all well no plan names anything but a disposable container', () => {
  let named = 0;
  fc.assert(
    fc.property(anyHost, (containers) => {
      for (const action of actionsOf(plan(containers))) {
        if (action.kind === 'start') continue;
        const target = containers.find(({ id }) => id === action.id);
        assert.equal(target && kindOf(target), 'disposable', action.name);
        named += 1;
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(named > 500, `${named} containers were named`);
});

test('the final veto stops removals of a service, a foreign, a protected and an unknown target', () => {
  const ours = container(1);
  const guarded = container(2, { labels: { 'vigia.managed': 'true', 'vigia.protected': 'true' } });
  const service = container(4, { labels: { 'vigia.managed': 'true' } });
  const now = snapshot([ours, guarded, container(3, { labels: {} }), service]);
  const context = buildContext(NO_HISTORY, now, [], CONFIG);
  const vetoed = [1, 2, 3, 4, 5].map((n) =>
    isVetoed(
      {
        kind: 'remove',
        id: idOf(n),
        name: '',
        level: 'low',
        pid: 1,
        urgency: 'grace',
        isThrottled: false,
        isReplaced: false,
        because: { code: 'message', text: '' },
      },
      context,
    ),
  );
  assert.deepEqual(vetoed, [false, true, true, true, true]);
});

test('the same containers give the same plan, in any order', () => {
  fc.assert(
    fc.property(anyHost, fc.integer(), (containers, seed) => {
      const shuffled = containers.toSorted((a, b) => (hash(a.id, seed) < hash(b.id, seed) ? -1 : 1));
      const removals = (p: Plan) =>
        actionsOf(p)
          .flatMap((a) => (a.kind === 'remove' ? [a.id] : []))
          .sort();
      assert.deepEqual(plan(containers), plan(containers));
      assert.deepEqual(removals(plan(shuffled)), removals(plan(containers)));
    }),
  );
});

test('a second cycle after the plan plans nothing', () => {
  fc.assert(
    fc.property(anyHost, (containers) => {
      const after = carriedOut(containers, actionsOf(plan(containers)));
      assert.deepEqual(actionsOf(plan(after)), []);
    }),
    { numRuns: 300 },
  );
});

test('swapping the class labels does not change the plan', () => {
  fc.assert(
    fc.property(anyHost, (containers) => {
      const swap = (c: ContainerSample) => ({
        ...c,
        labels: { ...c.labels, 'vigia.class': c.labels['vigia.class'] === 'low' ? 'high' : 'low' },
      });
      assert.deepEqual(plan(containers.map(swap)), plan(containers));
    }),
  );
});

test('a trim keeps the containers of a class that use least', () => {
  const highs = [10, 90, 20, 80, 30].map((cpu, i) => sized(i + 1, cpu, 500));
  const lows = [700, 100, 600, 200, 500].map((rss, i) => sized(i + 11, 0, rss));
  const removed = actionsOf(plan([...highs, ...lows])).flatMap((a) => (a.kind === 'remove' ? [a.name] : []));
  assert.deepEqual(removed.toSorted(), ['c11@0', 'c13@0', 'c2@90', 'c4@80', 'c5@30']);
});

test('of equal containers the youngest is removed; a low priority counts more than resource use', () => {
  const twins = [1, 2, 3, 4].map((n) => sized(n, 0, 700));
  const [first] = actionsOf(plan([...twins, sized(9, 30, 700), sized(8, 30, 700)]));
  assert.equal(first?.kind === 'remove' && first.id, idOf(4));
  const unwanted = sized(1, 0, 700, { labels: { ...DISPOSABLE, 'vigia.priority': '-1' } });
  const [second] = actionsOf(plan([unwanted, ...twins.slice(1), sized(9, 30, 700), sized(8, 30, 700)]));
  assert.equal(second?.kind === 'remove' && second.id, idOf(1));
});

test('a class that is short is filled from its own images, the rarer one first', () => {
  const started = (containers: ContainerSample[]) =>
    actionsOf(plan(containers)).flatMap((a) => (a.kind === 'start' ? [a.image] : []));
  assert.deepEqual(started([]), ['vigia/idle', 'vigia/idle', 'vigia/idle', 'vigia/cpu', 'vigia/ram']);
  const lows = [1, 2, 3].map((n) => sized(n, 0, 500));
  assert.deepEqual(started([...lows, { ...sized(4, 30, 500), image: 'vigia/cpu:latest' }]), ['vigia/ram']);

  const high = { keep: 2, trim: true, images: ['docker.io/corp/cpu:1.2', 'corp/ram@sha256:0'] };
  const tagged = config({ quotas: { ...CONFIG.quotas, high } });
  const [next, ...others] = actionsOf(
    plan([...lows, { ...sized(4, 30, 500), image: 'corp/cpu:1.2' }], tagged),
  );
  assert.deepEqual([next?.kind === 'start' && next.image, others], ['corp/ram@sha256:0', []]);
});

test('an image is protected in any form that the configuration names it in', () => {
  const lows = [1, 2, 3, 4].map((n) => sized(n, 0, 700));
  const database = { ...sized(5, 0, 3000), image: 'postgres:18' };
  for (const named of ['postgres', 'postgres:18', 'docker.io/library/postgres:18', 'postgres@sha256:0']) {
    const settings = config({ protect: { names: [], images: [named] } });
    const removed = actionsOf(plan([...lows, database], settings)).flatMap((a) =>
      a.kind === 'remove' ? [a.name] : [],
    );
    assert.deepEqual(removed, ['c4@0'], named);
  }
});

test('a pending removal is retried first, and no longer counts for its class after a memory alarm interrupted it', () => {
  const lows = [1, 2, 3, 4].map((n) => sized(n, 0, 700 + n));
  const now = snapshot([...lows, sized(5, 30, 700), sized(6, 30, 700)]);
  const decided = (pendingRemovals: readonly number[], isPreempted: boolean) => {
    const known = historyOf(now, cpuOf);
    const memoryPressure = { ...known.memoryPressure, isPreempted };
    const history = { ...known, memoryPressure, pendingRemovals: new Set(pendingRemovals.map(idOf)) };
    const actions = actionsOf(decide(history, now, classify(history, now, CONFIG), CONFIG));
    return actions.map((a) => (a.kind === 'start' ? a.image : a.name));
  };
  assert.deepEqual(decided([], false), ['c4@0']);
  // It is stopping and uses little by now: removing another one instead would be one too many.
  assert.deepEqual(decided([1], false), ['c1@0']);
  assert.deepEqual(decided([5], false), ['c4@0']);
  assert.deepEqual(decided([5], true), ['c4@0', 'vigia/cpu']);
});

test('a surplus whose removal is stuck is set aside by itself, and said to be; an other one is still trimmed', () => {
  const lows = [1, 2, 3, 4].map((n) => sized(n, 0, 700 + n));
  const now = snapshot([...lows, sized(5, 30, 700), sized(6, 30, 700)]);
  const decided = (aside: readonly number[], hasBegun = false) => {
    const until = { count: 3, asideUntilNs: now.monotonicNs + 1, hasBegun };
    const history = {
      ...historyOf(now, cpuOf),
      removalFailures: new Map(aside.map((n) => [idOf(n), until])),
      pendingRemovals: new Set(aside.map(idOf)),
    };
    return decide(history, now, classify(history, now, CONFIG), CONFIG);
  };
  assert.deepEqual(
    actionsOf(decided([4])).map((a) => a.kind === 'remove' && a.id),
    [idOf(3)],
  );
  assert.deepEqual(actionsOf(decided([4], true)), [], 'the engine may still remove it: three are left then');
  const held = decided([1, 2, 3, 4]);
  assert.equal(
    english(held.kind === 'hold' && held.because),
    'no action: removing c1@0, c2@0, c3@0, c4@0 failed three times in a row; set aside for now',
  );
});

test('of two pending removals the one that the engine may be at comes first: the recheck spares the last one', () => {
  const highs = [1, 2, 3, 4].map((n) => sized(n, 10 * n, 700));
  const now = snapshot(highs);
  const failed = (hasBegun: boolean) => ({ count: 1, asideUntilNs: 0, hasBegun });
  const history = {
    ...historyOf(now, cpuOf),
    pendingRemovals: new Set([idOf(1), idOf(4)]),
    removalFailures: new Map([
      [idOf(1), failed(true)],
      [idOf(4), failed(false)],
    ]),
  };
  const plan = decide(history, now, classify(history, now, CONFIG), CONFIG);
  assert.deepEqual(
    actionsOf(plan).flatMap((a) => (a.kind === 'remove' ? [a.id] : [])),
    [idOf(1), idOf(4)],
  );
});

test('protected containers and services count for no quota', () => {
  const others = [1, 2, 3, 4].map((n) =>
    sized(n, 0, 700, { labels: { 'vigia.managed': 'true', ...(n < 3 && { 'vigia.protected': 'true' }) } }),
  );
  const held = plan([...others, ...[5, 6].map((n) => sized(n, 30, 700))]);
  assert.deepEqual(
    actionsOf(held).map((a) => a.kind === 'start' && a.level),
    ['low', 'low', 'low'],
  );
});

test('an unclassified container counts for the class that Vigía started it for, or for any: nothing starts on a guess', () => {
  const starts = (labels: Readonly<Record<string, string>>, count: number) => {
    const now = snapshot(Array.from({ length: count }, (_, n) => container(n + 1, { labels })));
    const classifications = classify(NO_HISTORY, now, CONFIG);
    return actionsOf(decide(NO_HISTORY, now, classifications, CONFIG)).flatMap((a) =>
      a.kind === 'start' ? [a.level] : [],
    );
  };
  const floor = { ...DISPOSABLE, 'vigia.class': 'low', 'vigia.spawn': 'floor' };
  assert.deepEqual(starts(floor, 3), ['high', 'high']);
  assert.deepEqual(starts(DISPOSABLE, 3), [], 'they may be three low ones, or two high ones and one low one');
  assert.deepEqual(starts(DISPOSABLE, 1), ['low', 'low', 'high'], 'short however the one turns out');
  assert.deepEqual(starts({ 'vigia.managed': 'true' }, 3), ['low', 'low', 'low', 'high', 'high']);
});

test('ended disposable containers are removed, also one that never started, but none that is about to run', () => {
  const states = ['exited', 'dead', 'created', 'restarting', 'removing'] as const;
  const ended = states.map((state, i) => container(i + 1, { state, usage: null }));
  const forgotten = container(9, { state: 'created', usage: null });
  const now = snapshot([...ended, forgotten]);
  // Seen so for 400 s, by the monotonic clock: the wall clock may have jumped since it was created.
  const createdNs = new Map([[idOf(9), now.monotonicNs - 400e9]]);
  const history = { ...historyOf(now, cpuOf), createdNs };
  const removed = actionsOf(decide(history, now, classify(history, now, CONFIG), CONFIG)).flatMap((a) =>
    a.kind === 'remove' ? [a.id] : [],
  );
  assert.deepEqual(removed, [idOf(1), idOf(2), idOf(9)]);
  const services = ended.map((one) => ({ ...one, labels: { 'vigia.managed': 'true' } }));
  assert.deepEqual(
    actionsOf(plan(services)).filter(({ kind }) => kind !== 'start'),
    [],
    'what its owner stopped stays',
  );
});

test('a blind sensor makes the cycle hold with its reason; another fault does not', () => {
  const surplus = [1, 2, 3, 4, 5].map((n) => sized(n, 0, 500));
  const fault = (blind: boolean) => {
    const now = snapshot(surplus, {
      faults: [{ sensor: 'continfo', reason: { code: 'file-empty' }, blind }],
    });
    const history = historyOf(now, cpuOf);
    return decide(history, now, classify(history, now, CONFIG), CONFIG);
  };
  const held = fault(true);
  assert.equal(held.kind, 'hold');
  assert.equal(english(held.kind === 'hold' && held.because), 'continfo: the file is empty');
  assert.equal(fault(false).kind, 'act');
});

test('mode observe plans nothing and still lists every candidate', () => {
  const observed = plan(
    [1, 2, 3, 4, 5].map((n) => sized(n, 0, 500)),
    config({ mode: 'observe' }),
  );
  assert.equal(observed.kind, 'hold');
  assert.equal(observed.candidates.length, 5);
});

test('every candidate that is not removed has the reason', () => {
  const candidates = plan([1, 2, 3, 4, 5].map((n) => sized(n, 0, 500))).candidates;
  assert.equal(candidates.filter(({ excluded }) => excluded === null).length, 2);
  assert.equal(
    candidates.filter(
      ({ excluded }) => english(excluded) === 'within the quota of 3 low-consumption containers',
    ).length,
    3,
  );
});

test('a container at its own memory limit is removed before one that uses more', () => {
  const atLimit = {
    ...sized(1, 0, 100),
    usage: usage({ pid: 1001, rssKb: 100, memoryCurrentKb: 512, memoryLimitKb: 512 }),
  };
  const [action] = actionsOf(
    plan([atLimit, ...[2, 3, 4].map((n) => sized(n, 0, 900)), sized(8, 30, 1), sized(9, 30, 1)]),
  );
  assert.equal(action?.kind === 'remove' && action.id, idOf(1));
});

test('a removed container that a newer snapshot still shows is reported as a fault', () => {
  const history = { ...NO_HISTORY, tick: 7, removed: new Set([idOf(1)]) };
  assert.match(
    english(unconfirmedRemovals(history, snapshot([container(1), container(2)]))[0]?.reason),
    /removed in cycle 7/,
  );
  assert.deepEqual(unconfirmedRemovals(history, snapshot([container(2)])), []);
});

test('image references lose tag, digest and the default registry', () => {
  assert.equal(repositoryOf('grafana/grafana:13.2.1'), 'grafana/grafana');
  assert.equal(repositoryOf('docker.io/grafana/grafana@sha256:abc'), 'grafana/grafana');
  assert.equal(repositoryOf('registry:5000/team/app'), 'registry:5000/team/app');
  assert.equal(repositoryOf('docker.io/library/busybox:1'), 'busybox');
});

test('memory alone makes a container high', () => {
  const rssKb = Math.ceil(TOTAL_KB * 0.0017);
  assert.deepEqual(classesOf([sized(1, 0, rssKb)]), { low: 0, high: 1 });
});

function hash(text: string, seed: number): number {
  let h = seed;
  for (const char of text) h = (Math.imul(h, 31) + char.charCodeAt(0)) | 0;
  return h;
}
