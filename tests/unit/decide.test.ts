import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classify } from '../../daemon/src/classify/classify.ts';
import { buildContext } from '../../daemon/src/decide/context.ts';
import { decide, isVetoed } from '../../daemon/src/decide/decide.ts';
import { unconfirmedRemovals } from '../../daemon/src/decide/unconfirmed-removals.ts';
import type { Action, Plan } from '../../daemon/src/model/decision.ts';
import { NO_HISTORY } from '../../daemon/src/model/history.ts';
import { isManaged, protectedBy, repositoryOf } from '../../daemon/src/model/ownership.ts';
import type { ContainerSample } from '../../daemon/src/model/snapshot.ts';
import { config, container, historyOf, idOf, snapshot, TOTAL_KB, usage } from './builders.ts';

const CONFIG = config();
const NONE: readonly Action[] = [];
const actionsOf = (plan: Plan) => (plan.kind === 'act' ? plan.actions : NONE);

/** CPU percent is carried in the name, so that one value describes a container whole. */
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

/** Any host: ours and foreign ones, protected ones, running and ended, of every size. */
const anyContainer = (n: number) =>
  fc
    .record({
      cpu: fc.constantFrom(0, 0.05, 0.5, 30, 100),
      rss: fc.constantFrom(500, 3000, 60_000, 400_000),
      managed: fc.boolean(),
      guard: fc.constantFrom('none', 'none', 'none', 'label', 'name', 'image'),
      state: fc.constantFrom('running', 'running', 'running', 'exited', 'created', 'dead') as fc.Arbitrary<
        ContainerSample['state']
      >,
      priority: fc.constantFrom('0', '0', '5', '-1', 'x'),
      declared: fc.constantFrom('low', 'high'),
    })
    .map(({ cpu, rss, managed, guard, state, priority, declared }): ContainerSample => {
      const labels: Record<string, string> = { 'vigia.priority': priority, 'vigia.class': declared };
      if (managed) labels['vigia.managed'] = 'true';
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

/** The world after a plan: what was removed is gone, what was started runs and does what its class does. */
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
    classifications.filter((v) => v.level === level && containers.some((c) => c.id === v.id && isManaged(c)))
      .length;
  return { low: ours('low'), high: ours('high') };
}

test('whatever runs, a fully classified host ends with exactly 3 low and 2 high, protected ones apart', () => {
  fc.assert(
    fc.property(anyHost, (containers) => {
      const after = carriedOut(containers, actionsOf(plan(containers)));
      const guarded = classesOf(after.filter((c) => protectedBy(c, CONFIG.protect) !== null));
      const { low, high } = classesOf(after);
      assert.equal(low, Math.max(3, guarded.low));
      assert.equal(high, Math.max(2, guarded.high));
    }),
    { numRuns: 500 },
  );
});

test('a class that is not trimmed keeps whoever comes, and is filled up all the same; without quotas nothing but what has ended goes', () => {
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
      const now = snapshot(after.filter(isManaged));
      const levels = classify(historyOf(now, cpuOf), now, CONFIG).map(({ level }) => level);
      for (const wanted of ['low', 'high'])
        assert.ok(levels.filter((level) => level === wanted).length >= 2, levels.join(' '));
      const none = actionsOf(plan(containers, untrimmed(0)));
      assert.ok(none.every((action) => action.kind === 'remove' && !running.has(action.id)));
      removals += none.length;
    }),
  );
  assert.ok(removals > 20, `${removals} removals`);
  const many = [1, 2, 3, 4].map((n) => sized(n, 0, 500));
  const held = plan(many, untrimmed(0));
  assert.equal(held.kind === 'hold' && held.because, 'nothing to do: the quotas stand');
  assert.deepEqual(
    held.candidates.map(({ excluded }) => excluded),
    many.map(() => 'its class is not trimmed'),
  );
});

test('dry-run and enforce decide the same: only the hands differ', () => {
  fc.assert(
    fc.property(anyHost, (containers) => {
      assert.deepEqual(
        plan(containers, config({ mode: 'dry-run' })),
        plan(containers, config({ mode: 'enforce' })),
      );
    }),
  );
});

test('no plan ever names a container that is not ours, or that is protected', () => {
  let named = 0;
  fc.assert(
    fc.property(anyHost, (containers) => {
      for (const action of actionsOf(plan(containers))) {
        if (action.kind === 'start') continue;
        const target = containers.find(({ id }) => id === action.id);
        assert.ok(target && isManaged(target), `${action.name} is not ours`);
        assert.equal(protectedBy(target, CONFIG.protect), null);
        named += 1;
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(named > 500, `${named} containers were named`);
});

test('the last veto stops a foreign, a protected and an unknown target even if every rule named them', () => {
  const ours = container(1);
  const guarded = container(2, { labels: { 'vigia.managed': 'true', 'vigia.protected': 'true' } });
  const now = snapshot([ours, guarded, container(3, { labels: {} })]);
  const context = buildContext(NO_HISTORY, now, [], CONFIG);
  const vetoed = [1, 2, 3, 4].map((n) =>
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
        because: '',
      },
      context,
    ),
  );
  assert.deepEqual(vetoed, [false, true, true, true]);
});

test('the same world gives the same plan, in whatever order the engine lists it', () => {
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

test('a second cycle on the world that the plan made plans nothing', () => {
  fc.assert(
    fc.property(anyHost, (containers) => {
      const after = carriedOut(containers, actionsOf(plan(containers)));
      assert.deepEqual(actionsOf(plan(after)), []);
    }),
    { numRuns: 300 },
  );
});

test('class labels swapped, names and images apart, the plan is the same', () => {
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

test('the survivors of a trim are the least greedy of their class', () => {
  const highs = [10, 90, 20, 80, 30].map((cpu, i) => sized(i + 1, cpu, 500));
  const lows = [700, 100, 600, 200, 500].map((rss, i) => sized(i + 11, 0, rss));
  const removed = actionsOf(plan([...highs, ...lows])).flatMap((a) => (a.kind === 'remove' ? [a.name] : []));
  assert.deepEqual(removed.toSorted(), ['c11@0', 'c13@0', 'c2@90', 'c4@80', 'c5@30']);
});

test('between equals the youngest goes, and a low priority goes before greed', () => {
  const twins = [1, 2, 3, 4].map((n) => sized(n, 0, 700));
  const [first] = actionsOf(plan([...twins, sized(9, 30, 700), sized(8, 30, 700)]));
  assert.equal(first?.kind === 'remove' && first.id, idOf(4));
  const unwanted = sized(1, 0, 700, { labels: { 'vigia.managed': 'true', 'vigia.priority': '-1' } });
  const [second] = actionsOf(plan([unwanted, ...twins.slice(1), sized(9, 30, 700), sized(8, 30, 700)]));
  assert.equal(second?.kind === 'remove' && second.id, idOf(1));
});

test('a class that is short is filled from its own images, the rarer of the two high ones first', () => {
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

test('an image is protected however the configuration names it', () => {
  const lows = [1, 2, 3, 4].map((n) => sized(n, 0, 700));
  const database = { ...sized(5, 0, 3000), image: 'postgres:18' };
  for (const named of ['postgres', 'postgres:18', 'docker.io/library/postgres:18', 'postgres@sha256:0']) {
    const settings = config({ protect: { names: [], images: [named] } });
    const removed = actionsOf(plan([...lows, database], settings)).flatMap((a) =>
      a.kind === 'remove' ? [a.name] : [],
    );
    assert.deepEqual(removed, ['c4@0', 'c3@0'], named);
  }
});

test('who has been told to go goes on first, and is counted no more where memory cut that short', () => {
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
  // It winds down, and looks the least greedy by now: another one in its place would be one too many.
  assert.deepEqual(decided([1], false), ['c1@0']);
  assert.deepEqual(decided([5], false), ['c4@0']);
  assert.deepEqual(decided([5], true), ['c4@0', 'vigia/cpu']);
});

test('a surplus that is spared is not called quotas that stand', () => {
  const guarded = [1, 2, 3, 4].map((n) =>
    sized(n, 0, 700, { labels: { 'vigia.managed': 'true', 'vigia.protected': 'true' } }),
  );
  const held = plan([...guarded, sized(5, 30, 700), sized(6, 30, 700)]);
  assert.equal(
    held.kind === 'hold' && held.because,
    'nothing to do: 4 low where 3 stay, but who is beyond that is spared',
  );
});

test('what we started fills its gap while it waits for its class; what others started does not', () => {
  const starts = (spawn: string) => {
    const labels = { 'vigia.managed': 'true', 'vigia.class': 'low', 'vigia.spawn': spawn };
    const now = snapshot([1, 2, 3, 4, 5].map((n) => container(n, n > 3 ? {} : { labels })));
    const classifications = classify(NO_HISTORY, now, CONFIG);
    return actionsOf(decide(NO_HISTORY, now, classifications, CONFIG)).flatMap((a) =>
      a.kind === 'start' ? [a.level] : [],
    );
  };
  assert.deepEqual(starts('floor'), ['high', 'high']);
  assert.deepEqual(starts('cron'), ['low', 'low', 'low', 'high', 'high']);
});

test('ended containers of ours are removed, one that is about to run is not, one that never started is', () => {
  const { at } = snapshot([]);
  const states = ['exited', 'dead', 'created', 'restarting', 'removing'] as const;
  const ended = states.map((state, i) => container(i + 1, { state, usage: null, createdAt: at - 60_000 }));
  const forgotten = container(9, { state: 'created', usage: null, createdAt: at - 400_000 });
  const removed = actionsOf(plan([...ended, forgotten])).flatMap((a) => (a.kind === 'remove' ? [a.id] : []));
  assert.deepEqual(removed, [idOf(1), idOf(2), idOf(9)]);
});

test('a blind sensor holds the cycle and says why; a fault that blinds nothing does not', () => {
  const surplus = [1, 2, 3, 4, 5].map((n) => sized(n, 0, 500));
  const fault = (blind: boolean) => {
    const now = snapshot(surplus, { faults: [{ sensor: 'continfo', message: 'the file is empty', blind }] });
    const history = historyOf(now, cpuOf);
    return decide(history, now, classify(history, now, CONFIG), CONFIG);
  };
  const held = fault(true);
  assert.equal(held.kind, 'hold');
  assert.equal(held.kind === 'hold' && held.because, 'continfo: the file is empty');
  assert.equal(fault(false).kind, 'act');
});

test('mode observe plans nothing and still weighs every candidate', () => {
  const observed = plan(
    [1, 2, 3, 4, 5].map((n) => sized(n, 0, 500)),
    config({ mode: 'observe' }),
  );
  assert.equal(observed.kind, 'hold');
  assert.equal(observed.candidates.length, 5);
});

test('every candidate that is spared says why', () => {
  const candidates = plan([1, 2, 3, 4, 5].map((n) => sized(n, 0, 500))).candidates;
  assert.equal(candidates.filter(({ excluded }) => excluded === null).length, 2);
  assert.equal(
    candidates.filter(({ excluded }) => excluded === 'within the 3 low that always stay').length,
    3,
  );
});

test('a container at its own memory limit goes before a greedier one', () => {
  const atLimit = {
    ...sized(1, 0, 100),
    usage: usage({ pid: 1001, rssKb: 100, memoryCurrentKb: 512, memoryLimitKb: 512 }),
  };
  const [action] = actionsOf(
    plan([atLimit, ...[2, 3, 4].map((n) => sized(n, 0, 900)), sized(8, 30, 1), sized(9, 30, 1)]),
  );
  assert.equal(action?.kind === 'remove' && action.id, idOf(1));
});

test('a removed container that a newer snapshot still shows is a fault', () => {
  const history = { ...NO_HISTORY, tick: 7, removed: new Set([idOf(1)]) };
  assert.match(
    unconfirmedRemovals(history, snapshot([container(1), container(2)]))[0]?.message ?? '',
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
