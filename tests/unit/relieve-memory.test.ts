import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classify } from '../../daemon/src/classify/classify.ts';
import {
  memoryShortage,
  pressureReadingOf,
  updateMemoryPressure,
} from '../../daemon/src/classify/memory-pressure.ts';
import { remember } from '../../daemon/src/classify/remember.ts';
import { decide } from '../../daemon/src/decide/decide.ts';
import { sourceDisagreement } from '../../daemon/src/decide/source-disagreement.ts';
import type { Action, Outcome, Plan } from '../../daemon/src/model/decision.ts';
import { type History, NO_HISTORY } from '../../daemon/src/model/history.ts';
import type { ContainerSample, HostSample } from '../../daemon/src/model/snapshot.ts';
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

const CONFIG = config();
/** What an emergency plans is about memory only. */
const NONE = { keep: 0, trim: true, images: [] };
const NO_FLOORS = config({ quotas: { low: NONE, high: NONE } });
const SHORT: HostSample = { ...HOST, availableKb: TOTAL_KB * 0.04 };

const holding = (n: number, rssKb: number, partial: Partial<ContainerSample> = {}): ContainerSample => ({
  ...container(n, partial),
  usage: usage({ pid: 1000 + n, rssKb }),
});

function planOf(
  containers: readonly ContainerSample[],
  host = SHORT,
  history: Partial<History> = {},
  cfg = CONFIG,
): Plan {
  const now = snapshot(containers, { host });
  const known = { ...historyOf(now, () => 0), ...history };
  return decide(known, now, classify(known, now, cfg), cfg);
}

const actionsOf = (plan: Plan): readonly Action[] => (plan.kind === 'act' ? plan.actions : []);
const removed = (plan: Plan) => actionsOf(plan).flatMap((a) => (a.kind === 'remove' ? [a.id] : []));

const LOWS = [1, 2, 3].map((n) => holding(n, 600));

test('when memory runs out only the largest container is killed, at once, and replaced in the same plan', () => {
  const plan = planOf([...LOWS, holding(4, 70_000), holding(5, 2_000_000)]);
  const [kill, start, ...rest] = actionsOf(plan);
  assert.ok(kill?.kind === 'remove' && kill.id === idOf(5) && kill.urgency === 'now');
  assert.match(
    english(kill.because),
    /memory is running out: 4\.0 % available < 5 %; it holds 50\.0 % of RAM/,
  );
  assert.ok(start?.kind === 'start' && start.level === 'high', 'one of the last two is replaced');
  assert.deepEqual(rest, []);
  const bystander = plan.candidates.find(({ id }) => id === idOf(4));
  assert.match(english(bystander?.excluded), /not the culprit: it holds 1\.8 % of RAM, the largest 50\.0 %/);
});

/** What each container, or holder, held ten minutes ago. */
const before = (held: Readonly<Record<string, number>>): Partial<History> => ({
  held: new Map(
    Object.entries(held).map(([key, heldKb]) => [key, [{ monotonicNs: 400 * SECOND_NS, heldKb }]]),
  ),
});
const keyOf = (n: number): string => `container:${idOf(n)}`;
const SERVICE = { 'vigia.managed': 'true' };
const kinds = (plan: Plan) => actionsOf(plan).map(({ kind }) => kind);
const reasonOf = (plan: Plan): string =>
  english(plan.kind === 'hold' ? plan.because : plan.actions[0]?.because);

test('the holder that grew most is the culprit, also when another one holds more', () => {
  const now = [...LOWS, holding(4, 1_500_000), holding(5, 900_000)];
  const grown = before({ [keyOf(4)]: 1_500_000, [keyOf(5)]: 100_000 });
  assert.deepEqual(removed(planOf(now, SHORT, grown)), [idOf(5)]);
  const plan = planOf(now, SHORT, grown);
  assert.equal(plan.candidates[0]?.id, idOf(5), 'the victim is the first candidate');
  assert.match(english(plan.candidates.find(({ id }) => id === idOf(4))?.excluded), /^not the culprit/);
  assert.deepEqual(removed(planOf(now)), [idOf(4)], 'without a past the largest disposable one');
});

test('a service that is the culprit has its processes killed and is not removed; a disposable one that holds less is spared', () => {
  const service = holding(6, 2_000_000, { labels: SERVICE });
  const plan = planOf([...LOWS, holding(4, 70_000), service], SHORT, before({ [keyOf(6)]: 500_000 }));
  const [kill] = actionsOf(plan);
  assert.ok(kill?.kind === 'kill' && kill.id === idOf(6) && kill.pid === 1006);
  assert.match(
    english(kill.because),
    /container vigia-idle-6 grew by 1465 MiB to 1953 MiB in ten minutes; it holds 50\.0 % of RAM/,
  );
  assert.ok(!kinds(plan).includes('remove'));
});

test('a service whose past is unknown is not guilty; one that forbids it, or holds what its owner expects, is not killed', () => {
  const unknown = planOf([...LOWS, holding(6, 2_000_000, { labels: SERVICE })]);
  assert.ok(!kinds(unknown).includes('kill'));
  const grown = before({ [keyOf(6)]: 500_000 });
  const forbidding = { ...SERVICE, 'vigia.allow': 'throttle,restart' };
  const highs = [holding(4, 70_000), holding(5, 80_000)];
  const refused = planOf([...LOWS, ...highs, holding(6, 2_000_000, { labels: forbidding })], SHORT, grown);
  assert.ok(!kinds(refused).includes('kill'));
  assert.match(reasonOf(refused), /its owner does not allow kill/);
  const expecting = { ...SERVICE, 'vigia.memory': '2000' };
  const expected = planOf([...LOWS, ...highs, holding(6, 2_000_000, { labels: expecting })], SHORT, grown);
  assert.ok(!kinds(expected).includes('kill'));
  assert.doesNotMatch(reasonOf(expected), /vigia-idle-6/);
});

test('while the culprit is not managed, it is named, and at most surplus disposables are given up', () => {
  const foreign = holding(6, 2_500_000, { labels: {} });
  const guarded = holding(6, 2_500_000, { labels: { ...SERVICE, 'vigia.protected': 'true' } });
  const innocents = [
    ...LOWS,
    holding(4, 70_000),
    holding(5, 100_000),
    holding(7, 300_000, { labels: SERVICE }),
  ];
  for (const hog of [foreign, guarded])
    for (const past of [before({ [keyOf(6)]: 0 }), {}]) {
      const held = planOf([...innocents, hog], SHORT, past);
      assert.deepEqual(kinds(held), [], 'three low and two high ones are no surplus');
      assert.match(
        reasonOf(held),
        /vigia-idle-6 .*Vigía does not manage it, and ends no other container for it/,
      );
    }
  const surplus = planOf([...innocents, holding(8, 90_000), foreign], SHORT, before({ [keyOf(6)]: 0 }));
  assert.deepEqual(kinds(surplus), ['remove']);
  assert.deepEqual(removed(surplus), [idOf(5)], 'of the surplus class the one that holds most');
  assert.match(
    reasonOf(surplus),
    /vigia-idle-6 grew .* which Vigía may not end; giving up this surplus container/,
  );
});

test('a process of the host, files in memory and the kernel are named like any other holder', () => {
  for (const [kind, words] of [
    ['process', /process firefox \(77\) grew by 1953 MiB/],
    ['tmpfs', /files in memory/],
    ['kernel', /the kernel/],
  ] as const) {
    const holder = { kind, key: kind, name: kind === 'process' ? 'firefox (77)' : '', heldKb: 2_000_000 };
    const now = snapshot([...LOWS, holding(4, 70_000), holding(5, 80_000)], {
      host: SHORT,
      holders: [holder],
    });
    const history = { ...historyOf(now, () => 0), ...before({ [kind]: 0 }) };
    const plan = decide(history, now, classify(history, now, CONFIG), CONFIG);
    assert.deepEqual(kinds(plan), []);
    assert.match(reasonOf(plan), words);
  }
});

/** What the containers of an image usually hold, in percent of RAM. */
const usually = (image: string, memPercent: number): Partial<History> => ({
  baselines: new Map([
    [image, { taken: 500, cpuPercent: [], memPercent: [], usual: { cpuPercent: 1, memPercent } }],
  ]),
});

test('a database that was just started and loads what it usually holds is named, and no other service pays for it', () => {
  const running = holding(6, 2_000_000, { labels: SERVICE, image: 'postgres' });
  assert.ok(running.usage);
  // It began two minutes ago.
  const database = { ...running, usage: { ...running.usage, startNs: 880 * SECOND_NS } };
  const builder = holding(7, 400_000, { labels: SERVICE, image: 'runner' });
  const points = Array.from({ length: 9 }, (_, i) => ({
    monotonicNs: (400 + 60 * i) * SECOND_NS,
    heldKb: 150_000,
  }));
  // The builder holds more than usual, and has for a while.
  const past = [...points.slice(1), { monotonicNs: 990 * SECOND_NS, heldKb: 400_000 }];
  const first = { monotonicNs: 400 * SECOND_NS, heldKb: 400_000 };
  const held = new Map([
    [keyOf(7), [first, ...past]],
    [keyOf(6), [{ monotonicNs: 400 * SECOND_NS, heldKb: 10_000 }]],
  ]);
  const now = [...LOWS, holding(4, 70_000), holding(5, 80_000), database, builder];
  const plan = planOf(now, SHORT, { ...usually('postgres', 50), held });
  assert.ok(!kinds(plan).includes('kill'), kinds(plan).join());
  assert.match(
    reasonOf(plan),
    /container vigia-idle-6 was just started and loaded 1943 MiB, no more than usual/,
  );
  const leaking = planOf(now, SHORT, { ...usually('postgres', 10), held });
  assert.deepEqual(kinds(leaking), ['kill'], 'one that takes more than usual is killed');
});

test('a large database that always held as much is no culprit', () => {
  const database = holding(6, 3_000_000, { labels: SERVICE });
  const usual = usually('vigia/idle', 76);
  const plan = planOf([database], SHORT, { ...usual, ...before({ [keyOf(6)]: 3_000_000 }) });
  assert.deepEqual(
    kinds(plan).filter((kind) => kind !== 'start'),
    [],
  );
});

test('a foreign hog stays the culprit of a long shortage, also for a daemon that started during it', () => {
  const hog = holding(6, 2_500_000, { labels: {} });
  // A little above its usual, as services are now and then.
  const runner = holding(7, 300_000, { labels: SERVICE, image: 'runner' });
  const { baselines } = usually('runner', 5);
  assert.ok(baselines);
  let history: History = { ...NO_HISTORY, baselines };
  for (let cycle = 0; cycle < 200; cycle += 1) {
    const now = snapshot([hog, runner], { monotonicNs: (1000 + 5 * cycle) * SECOND_NS, host: SHORT });
    const classifications = classify(history, now, NO_FLOORS);
    const plan = decide(history, now, classifications, NO_FLOORS);
    assert.deepEqual(kinds(plan), []);
    assert.match(reasonOf(plan), /vigia-idle-6 .*does not manage it/, `cycle ${cycle}`);
    history = remember(history, now, classifications, [], NO_FLOORS);
  }
});

test('a service that is above its usual by less than half of what is missing is named only', () => {
  const plan = (rssKb: number) =>
    planOf(
      [holding(6, rssKb, { labels: SERVICE })],
      { ...HOST, availableKb: 0 },
      usually('vigia/idle', 25),
      NO_FLOORS,
    );
  assert.ok(!kinds(plan(1_120_000)).includes('kill'), 'it holds 1,000,000 usually');
  assert.match(reasonOf(plan(1_120_000)), /vigia-idle-6 .*not ended on a guess/);
  assert.ok(kinds(plan(1_500_000)).includes('kill'));
});

test('on a large host memory is short only below an absolute amount, too', () => {
  const huge: HostSample = { ...HOST, totalKb: 512 * 2 ** 20, availableKb: 25 * 2 ** 20 };
  const of = (availableKb: number) =>
    kinds(planOf([...LOWS, holding(5, 400 * 2 ** 20)], { ...huge, availableKb }));
  assert.ok(!of(huge.availableKb).includes('remove'), '25 GiB are 4.9 %, and plenty');
  assert.ok(of(2 ** 20 - 1).includes('remove'));
});

test('two acts that gave nothing back exclude a suspect until memory has recovered', () => {
  const now = [...LOWS, holding(4, 1_500_000), holding(5, 900_000)];
  const futile = (count: number) => ({ futile: new Map([[idOf(4), count]]) });
  assert.deepEqual(removed(planOf(now, SHORT, futile(1))), [idOf(4)]);
  assert.deepEqual(removed(planOf(now, SHORT, futile(2))), [idOf(5)]);

  const at = (seconds: number, heldKb: number) =>
    snapshot([holding(4, heldKb, { labels: SERVICE })], { monotonicNs: seconds * SECOND_NS, host: SHORT });
  const [kill] = actionsOf(
    planOf([holding(4, 1_500_000, { labels: SERVICE })], SHORT, before({ [keyOf(4)]: 0 })),
  );
  assert.equal(kill?.kind, 'kill');
  const outcome: Outcome = {
    action: kill,
    result: 'done',
    detail: { code: 'processes-killed' },
    id: idOf(4),
    tookMs: 1,
  };
  const gained = (heldKb: number): number => {
    const killed = remember(NO_HISTORY, at(1000, 1_500_000), [], [outcome], CONFIG);
    return remember(killed, at(1003, heldKb), [], [], CONFIG).futile.get(idOf(4)) ?? 0;
  };
  assert.equal(gained(1_400_000), 1, 'its own cgroup gave nothing back');
  assert.equal(gained(100_000), 0);
});

test('with the engine silent the culprit is killed through its cgroup, from the last good reading', () => {
  const service = holding(6, 2_000_000, { labels: SERVICE });
  const hog = holding(5, 2_000_000);
  const silent = (lastKnown: readonly ContainerSample[], availableKb = SHORT.availableKb) => {
    const fault = { sensor: 'engine', reason: { code: 'message', text: 'no answer' }, blind: true } as const;
    const now = snapshot([], { host: { ...SHORT, availableKb }, lastKnown, faults: [fault] });
    const known = { ...historyOf(now, () => 0), ...before({ [keyOf(6)]: 0, [keyOf(5)]: 0 }) };
    return decide(known, now, classify(known, now, CONFIG), CONFIG);
  };
  for (const culprit of [service, hog]) {
    const [kill, ...others] = actionsOf(silent([...LOWS, culprit]));
    assert.ok(kill?.kind === 'kill' && kill.id === culprit.id && kill.isEngineSilent);
    assert.deepEqual(others, [], 'nothing is started without the engine');
  }
  assert.deepEqual(kinds(silent([...LOWS, service], TOTAL_KB * 0.5)), [], 'memory is not short');
  assert.deepEqual(kinds(silent([])), []);
});

test('a container that is too small, or contradicted by its cgroup, is not killed', () => {
  const doubted = holding(7, 2_000_000);
  const odd = {
    ...doubted,
    usage: usage({ rssKb: 2_000_000, memoryCurrentKb: 2_000_000, cgroupMemoryKb: 1_000_000 }),
  };
  const plan = planOf([...LOWS, holding(8, 9000), odd]);
  assert.deepEqual(removed(plan), []);
  assert.match(english(plan.candidates.find(({ id }) => id === idOf(7))?.excluded), /disagree/);
  assert.match(
    english(planOf([...LOWS, holding(8, 9000)]).candidates.find(({ id }) => id === idOf(8))?.excluded),
    /too small/,
  );
});

test('a container in an unknown state is not killed, and no other one for it', () => {
  const strange = holding(4, 2_000_000, { state: 'unknown' });
  assert.deepEqual(removed(planOf([...LOWS, strange, holding(5, 1_500_000)])), []);
  assert.deepEqual(removed(planOf([...LOWS, strange])), []);
});

test('two sources may differ by 32 MB or by a fifth; a missing one is no disagreement', () => {
  const seen = (memoryCurrentKb: number | null, cgroupMemoryKb: number | null) =>
    sourceDisagreement({ ...container(1), usage: usage({ memoryCurrentKb, cgroupMemoryKb }) });
  assert.equal(seen(100, 32_000), null);
  assert.equal(seen(1_000_000, 810_000), null);
  assert.equal(seen(null, 810_000), null);
  assert.match(english(seen(1_000_000, 700_000)), /977 and 684 MiB/);
});

test('after a kill no other follows for a while, unless memory recovered and runs out again', () => {
  const now = snapshot([holding(5, 2_000_000)], { host: SHORT });
  const [action] = actionsOf(planOf([...LOWS, holding(4, 70_000), holding(5, 2_000_000)]));
  assert.ok(action);
  const outcome = (result: Outcome['result']): Outcome => ({
    action,
    result,
    detail: { code: 'message', text: '' },
    id: idOf(5),
    tookMs: 1,
  });
  const next = (result: Outcome['result']) =>
    remember(NO_HISTORY, now, [], [outcome(result)], CONFIG).memoryPressure;
  const later = (seconds: number, available: number) => ({
    monotonicNs: now.monotonicNs + seconds * SECOND_NS,
    totalKb: TOTAL_KB,
    availableKb: TOTAL_KB * available,
    memoryFullAvg10: 0,
  });
  assert.equal(memoryShortage(next('done'), later(14, 0.01), CONFIG), null);
  assert.notEqual(memoryShortage(next('done'), later(16, 0.01), CONFIG), null);
  assert.notEqual(
    memoryShortage(next('failed'), later(1, 0.01), CONFIG),
    null,
    'after a failed kill the next candidate does not wait',
  );
  const recovered = updateMemoryPressure(next('done'), later(2, 0.2), CONFIG);
  assert.notEqual(memoryShortage(recovered, later(5, 0.01), CONFIG), null, 'another emergency');
});

test('while memory does not recover after kills with replacement, the wait for the next kill doubles up to four minutes', () => {
  const outcomesOf = (containers: readonly ContainerSample[]): Outcome[] =>
    actionsOf(planOf(containers)).map((action) => ({
      ...{ action, result: 'done', detail: { code: 'message', text: '' }, id: null, tookMs: 1 },
    }));
  const replaced = outcomesOf([...LOWS, holding(4, 70_000), holding(5, 2_000_000)]);
  const surplus = outcomesOf([...LOWS, ...[4, 5, 6].map((n) => holding(n, 200_000))]);
  assert.deepEqual([replaced.length, surplus.length], [2, 1]);
  const at = (seconds: number, availableKb: number) =>
    snapshot([], { monotonicNs: seconds * SECOND_NS, host: { ...HOST, availableKb } });
  let history = NO_HISTORY;
  const calmAfter = (seconds: number, outcomes: readonly Outcome[]): number => {
    history = remember(history, at(seconds, TOTAL_KB * 0.01), [], outcomes, CONFIG);
    return history.memoryPressure.coolDownUntilNs / SECOND_NS - seconds;
  };
  assert.equal(calmAfter(10, []), 5, 'nothing was done: another culprit does not wait long');
  assert.deepEqual(
    [100, 200, 300, 400, 1000, 2000].map((seconds) => calmAfter(seconds, replaced)),
    [15, 30, 60, 120, 240, 240],
  );
  assert.equal(calmAfter(2500, surplus), 15, 'a kill without replacement does not lengthen it');
  const memoryPressure = updateMemoryPressure(
    history.memoryPressure,
    pressureReadingOf(at(3000, TOTAL_KB * 0.2)),
    CONFIG,
  );
  history = { ...history, memoryPressure };
  assert.equal(calmAfter(3001, replaced), 15, 'memory recovered in between: this is another emergency');
});

test('a container that cannot be removed is set aside after three failures, by itself; an emergency is not bound by it', () => {
  const containers = [1, 2, 3, 4, 5].map((n) => holding(n, 600 + n));
  const now = snapshot(containers, { monotonicNs: 60 * SECOND_NS });
  const removal = (n: number): Action => ({
    ...{ kind: 'remove', id: idOf(n), name: '', level: 'low', pid: 1, urgency: 'grace' },
    ...{ isThrottled: false, isReplaced: false, because: { code: 'message', text: '' } },
  });
  const outcome = (n: number, result: Outcome['result']): Outcome => ({
    ...{ action: removal(n), result, detail: { code: 'message', text: '' }, id: idOf(n), tookMs: 1 },
  });
  let history: History = NO_HISTORY;
  const cycle = (seconds: number, outcomes: readonly Outcome[]) => {
    history = remember(
      history,
      snapshot(containers, { monotonicNs: seconds * SECOND_NS }),
      [],
      outcomes,
      CONFIG,
    );
  };
  const planned = (host = HOST) => {
    const known = { ...historyOf(now, () => 0), removalFailures: history.removalFailures };
    return decide(known, { ...now, host }, classify(known, now, CONFIG), CONFIG);
  };
  for (const seconds of [1, 2]) cycle(seconds, [outcome(5, 'failed'), outcome(4, 'done')]);
  assert.deepEqual(removed(planned()).toSorted(), [idOf(4), idOf(5)]);
  cycle(3, [outcome(5, 'failed')]);
  assert.deepEqual(removed(planned()).toSorted(), [idOf(3), idOf(4)], 'others go on');
  assert.equal(history.removalFailures.get(idOf(5))?.hasBegun, false);
  cycle(3, [{ ...outcome(5, 'failed'), tookMs: 25_000 }]);
  cycle(3, [outcome(5, 'failed')]);
  assert.equal(history.removalFailures.get(idOf(5))?.hasBegun, true, 'it was not refused at once, once');
  cycle(4, [outcome(5, 'done')]);
  assert.deepEqual(removed(planned()).toSorted(), [idOf(4), idOf(5)]);

  const hog = holding(5, 2_000_000);
  const stuck = { removalFailures: new Map([[idOf(5), { count: 3, asideUntilNs: 1e15, hasBegun: false }]]) };
  assert.deepEqual(removed(planOf([...LOWS, hog], SHORT, stuck)), [idOf(5)]);
});

test('an emergency ends at most one container, of ours and unprotected, and never an innocent one', () => {
  const any = fc.record({
    rss: fc.constantFrom(500, 70_000, 500_000, 2_000_000),
    grown: fc.constantFrom(0, 0.5, 1),
    kind: fc.constantFrom('disposable', 'service', 'foreign', 'protected'),
  });
  let [killed, named] = [0, 0];
  fc.assert(
    fc.property(fc.array(any, { maxLength: 20 }), (specs) => {
      const containers = specs.map(({ rss, kind }, n) => {
        const labels: Record<string, string> = kind === 'foreign' ? {} : { 'vigia.managed': 'true' };
        if (kind === 'disposable') labels['vigia.disposable'] = 'true';
        if (kind === 'protected') labels['vigia.protected'] = 'true';
        return holding(n + 1, rss, { labels });
      });
      const past = before(
        Object.fromEntries(specs.map(({ rss, grown }, n) => [keyOf(n + 1), rss * (1 - grown)])),
      );
      const plan = planOf(containers, SHORT, past, NO_FLOORS);
      const ends = actionsOf(plan).filter((a) => a.kind === 'remove' || a.kind === 'kill');
      assert.ok(ends.length <= 1);
      const most = Math.max(0, ...specs.map(({ rss, grown }) => rss * grown));
      for (const { id, kind, because } of ends) {
        const spec = specs[containers.findIndex((c) => c.id === id)];
        assert.equal(spec?.kind, kind === 'kill' ? 'service' : 'disposable');
        if (because.code === 'sacrifice-for-memory') continue;
        if (spec?.kind === 'service')
          assert.equal(spec.rss * spec.grown, most, 'a service only as the culprit');
        killed += 1;
      }
      if (ends.length === 0 && reasonOf(plan).includes('does not manage')) named += 1;
      assert.deepEqual(
        planOf(containers, SHORT, past, NO_FLOORS),
        plan,
        'the same containers give the same plan',
      );
    }),
    { numRuns: 400 },
  );
  assert.ok(killed > 20 && named > 20, `${killed} were ended, ${named} named`);
});
