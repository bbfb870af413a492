import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { carryOutPlan } from '../../daemon/src/act/carry-out-plan.ts';
import { removeContainer } from '../../daemon/src/act/remove-container.ts';
import { untilUrgent } from '../../daemon/src/act/until-urgent.ts';
import { classify } from '../../daemon/src/classify/classify.ts';
import {
  memoryShortage,
  pressureReadingOf,
  updateMemoryPressure,
} from '../../daemon/src/classify/memory-pressure.ts';
import { remember } from '../../daemon/src/classify/remember.ts';
import { decide } from '../../daemon/src/decide/decide.ts';
import { sourceDisagreement } from '../../daemon/src/decide/source-disagreement.ts';
import { watch } from '../../daemon/src/loop/watch.ts';
import type { Action, Outcome, Plan } from '../../daemon/src/model/decision.ts';
import type { Engine } from '../../daemon/src/model/engine.ts';
import { type History, NO_HISTORY } from '../../daemon/src/model/history.ts';
import type { Ports } from '../../daemon/src/model/ports.ts';
import type { ContainerSample, HostSample, Snapshot } from '../../daemon/src/model/snapshot.ts';
import { PressureFiles } from '../../daemon/src/sense/pressure.ts';
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
const SHORT: HostSample = { ...HOST, availableKb: TOTAL_KB * 0.04 };

const holding = (n: number, rssKb: number, partial: Partial<ContainerSample> = {}): ContainerSample => ({
  ...container(n, partial),
  usage: usage({ pid: 1000 + n, rssKb }),
});

function planOf(containers: readonly ContainerSample[], host = SHORT, history: Partial<History> = {}): Plan {
  const now = snapshot(containers, { host });
  const known = { ...historyOf(now, () => 0), ...history };
  return decide(known, now, classify(known, now, CONFIG), CONFIG);
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

test('surplus, priority and memory decide only between containers that hold about as much as the largest', () => {
  const labels = (priority: string) => ({ 'vigia.managed': 'true', 'vigia.priority': priority });
  const preferred = holding(5, 1_000_000, { labels: labels('5') });
  assert.deepEqual(removed(planOf([...LOWS, preferred, holding(6, 900_000)])), [idOf(6)]);
  assert.deepEqual(
    removed(planOf([...LOWS, preferred, holding(6, 400_000)])),
    [idOf(5)],
    'the largest is killed in spite of its priority',
  );
});

test('a growing container is ranked by what it will hold soon', () => {
  const now = [...LOWS, holding(4, 500_000), holding(5, 450_000)];
  const at = snapshot(now, { host: SHORT });
  const history = historyOf(at, () => 0);
  const grown = new Map(history.containers);
  const before = grown.get(idOf(5));
  assert.ok(before);
  grown.set(idOf(5), { ...before, memoryKb: 50_000 });
  assert.deepEqual(removed(planOf(now)), [idOf(4)]);
  const plan = planOf(now, SHORT, { containers: grown });
  assert.deepEqual(removed(plan), [idOf(5)]);
  assert.equal(
    plan.candidates.find(({ id }) => id === idOf(5))?.share,
    450_000 / TOTAL_KB,
    'share is what it holds now',
  );
});

test('a container that is too small, protected, foreign or contradicted by its cgroup is not killed', () => {
  const guarded = holding(5, 2_000_000, { labels: { 'vigia.managed': 'true', 'vigia.protected': 'true' } });
  const foreign = holding(6, 2_000_000, { labels: {} });
  const doubted = holding(7, 2_000_000);
  const odd = {
    ...doubted,
    usage: usage({ rssKb: 2_000_000, memoryCurrentKb: 2_000_000, cgroupMemoryKb: 1_000_000 }),
  };
  const plan = planOf([...LOWS, guarded, foreign, odd]);
  assert.deepEqual(removed(plan), []);
  const why = planOf([...LOWS, guarded, holding(8, 9000), foreign, odd]);
  assert.match(
    english(why.kind === 'hold' && why.because),
    /memory is running out: .*; no managed container holds enough to help/,
  );
});

test('a container in an unknown state is not killed and does not keep another one from being killed', () => {
  const strange = holding(4, 2_000_000, { state: 'unknown' });
  assert.deepEqual(removed(planOf([...LOWS, strange, holding(5, 1_500_000)])), [idOf(5)]);
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

test('memory is short after ten seconds of high PSI without a break, or at once with little MemAvailable', () => {
  const reading = (seconds: number, memoryFullAvg10: number | null, availableKb = TOTAL_KB) => ({
    monotonicNs: seconds * SECOND_NS,
    totalKb: TOTAL_KB,
    availableKb,
    memoryFullAvg10,
  });
  const after = (...readings: ReturnType<typeof reading>[]) => {
    let memoryPressure = NO_HISTORY.memoryPressure;
    for (const each of readings) memoryPressure = updateMemoryPressure(memoryPressure, each, CONFIG);
    return memoryShortage(memoryPressure, readings.at(-1) ?? null, CONFIG);
  };
  assert.equal(after(reading(1, 50), reading(10, 50)), null);
  assert.match(english(after(reading(1, 50), reading(11, 50))), /PSI full 50\.0 % > 40 % for 10 s/);
  assert.equal(
    after(reading(1, 50), reading(6, 30), reading(11, 50)),
    null,
    'a break restarts the ten seconds',
  );
  assert.equal(after(reading(1, null), reading(20, null)), null);
  assert.match(english(after(reading(1, 0, TOTAL_KB * 0.049))), /4\.9 % available < 5 %/);
  assert.equal(after(reading(1, 0, TOTAL_KB * 0.05)), null);
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
  assert.equal(calmAfter(10, []), 15, 'no managed container would help');
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

test('while the host has memory only a managed container that stalls at its own limit is killed', () => {
  const host = { ...HOST, availableKb: TOTAL_KB * 0.5, memoryFullAvg10: 70 };
  const memoryPressure = { ...NO_HISTORY.memoryPressure, fullSinceNs: 0 };
  const planned = (containers: readonly ContainerSample[], available = 0.5) => {
    const now = snapshot(containers, {
      monotonicNs: 60 * SECOND_NS,
      host: { ...host, availableKb: TOTAL_KB * available },
    });
    const known = { ...historyOf(now, () => 0), memoryPressure };
    return decide(known, now, classify(known, now, CONFIG), CONFIG);
  };
  const stalled = (fullAvg10: number, labels: Record<string, string> = { 'vigia.managed': 'true' }) => ({
    ...container(5, { labels, name: 'narrow' }),
    usage: usage({
      pid: 1005,
      rssKb: 20_000,
      memoryCurrentKb: 19_900,
      memoryLimitKb: 20_000,
      memoryPsi: { someAvg10: 90, someTotalUs: 9, fullAvg10, fullTotalUs: 9 },
    }),
  });
  const larger = holding(4, 2_000_000);
  const plan = planned([...LOWS, larger, stalled(80)]);
  assert.deepEqual(removed(plan), [idOf(5)]);
  assert.equal(
    english(plan.candidates.find(({ id }) => id === idOf(4))?.excluded),
    'the host is not short of memory; narrow stalls at its own limit',
  );
  assert.deepEqual(removed(planned([...LOWS, larger, stalled(80, {})])), []);
  assert.deepEqual(removed(planned([...LOWS, larger, stalled(10)])), [idOf(4)], 'it does not stall');
  assert.deepEqual(removed(planned([...LOWS, larger, stalled(80)], 0.04)), [idOf(4)], 'memory is short');
});

test('the breaker opens after three cycles in which every removal failed; one success closes it', () => {
  const at = (seconds: number): Snapshot => snapshot([], { monotonicNs: seconds * SECOND_NS });
  const [action] = actionsOf(
    planOf(
      [1, 2, 3, 4].map((n) => holding(n, 600)),
      HOST,
    ),
  );
  assert.ok(action);
  const outcome = (result: Outcome['result']): Outcome => ({
    action,
    result,
    detail: { code: 'message', text: '' },
    id: idOf(4),
    tookMs: 1,
  });
  let history = NO_HISTORY;
  for (const seconds of [1, 2, 3]) history = remember(history, at(seconds), [], [outcome('failed')], CONFIG);
  const during = snapshot(
    [1, 2, 3, 4, 5, 6].map((n) => holding(n, n > 4 ? 70_000 : 600)),
    { monotonicNs: 60 * SECOND_NS },
  );
  const known = { ...historyOf(during, () => 0), breaker: history.breaker };
  const plan = decide(known, during, classify(known, during, CONFIG), CONFIG);
  assert.match(english(plan.kind === 'hold' && plan.because), /circuit breaker open/);
  const closed = remember(history, at(70), [], [outcome('done')], CONFIG);
  assert.deepEqual(closed.breaker, { failures: 0, openUntilNs: 0 });
});

test('an emergency kills at most one container, a managed and unprotected one that holds about as much as the largest', () => {
  const any = fc.record({
    rss: fc.constantFrom(500, 70_000, 500_000, 2_000_000),
    managed: fc.boolean(),
    guarded: fc.boolean(),
    priority: fc.constantFrom('0', '7'),
  });
  let killed = 0;
  fc.assert(
    fc.property(fc.array(any, { maxLength: 20 }), (specs) => {
      const containers = specs.map(({ rss, managed, guarded, priority }, n) => {
        const labels: Record<string, string> = { 'vigia.priority': priority };
        if (managed) labels['vigia.managed'] = 'true';
        if (guarded) labels['vigia.protected'] = 'true';
        return holding(n + 1, rss, { labels });
      });
      const plan = planOf(containers);
      const kills = actionsOf(plan).filter((a) => a.kind === 'remove');
      assert.ok(kills.length <= 1);
      for (const { id } of kills) {
        const spec = specs[containers.findIndex((c) => c.id === id)];
        assert.ok(spec?.managed && !spec.guarded);
        const most = Math.max(...specs.filter((s) => s.managed && !s.guarded).map((s) => s.rss));
        assert.ok(spec.rss >= most / 2);
        killed += 1;
      }
      assert.deepEqual(planOf(containers), plan, 'the same containers give the same plan');
    }),
  );
  assert.ok(killed > 20, `${killed} containers were killed`);
});

test('the watch ends when memory runs out, at its deadline, and when it is aborted', async () => {
  const readSeconds: number[] = [];
  let seconds = 0;
  const end = new AbortController();
  const ports = (available: (second: number) => number): Ports => ({
    clock: {
      now: () => 0,
      monotonicNs: () => seconds * SECOND_NS,
      sleep: async (ms) => {
        seconds += ms / 1000;
      },
    },
    pressure: () => {
      readSeconds.push(seconds);
      return {
        monotonicNs: seconds * SECOND_NS,
        totalKb: 100,
        availableKb: available(seconds),
        memoryFullAvg10: null,
      };
    },
    sense: () => assert.fail(),
    act: () => assert.fail(),
    record: () => {},
    report: () => {},
  });
  const { memoryPressure } = NO_HISTORY;
  const quiet = await watch(
    ports(() => 50),
    CONFIG,
    memoryPressure,
    5.5 * SECOND_NS,
    end.signal,
  );
  assert.deepEqual([quiet.alarm, seconds, readSeconds.length], [null, 5.5, 5]);
  seconds = 0;
  readSeconds.length = 0;
  const short = await watch(
    ports((s) => 50 - 20 * s),
    CONFIG,
    memoryPressure,
    60 * SECOND_NS,
    end.signal,
  );
  // Memory is short at 2.25 s. Each interval is half of the time until then, and at least a tenth of a second.
  assert.deepEqual(
    [short.alarm === null, readSeconds.map((second) => second.toFixed(3))],
    [false, ['1.000', '2.000', '2.125', '2.225', '2.325']],
  );
  // While memory is short and no kill is allowed yet, the interval is not shortened.
  [seconds, readSeconds.length] = [0, 0];
  const waiting = { ...memoryPressure, coolDownUntilNs: 60 * SECOND_NS };
  const { alarm } = await watch(
    ports((s) => 4 - s / 10),
    CONFIG,
    waiting,
    10.5 * SECOND_NS,
    end.signal,
  );
  assert.deepEqual([alarm, readSeconds.length], [null, 10]);
  end.abort();
  const aborted = await watch(
    ports(() => 1),
    CONFIG,
    memoryPressure,
    60 * SECOND_NS,
    end.signal,
  );
  assert.equal(aborted.alarm, null);
});

test('the pressure files are read again each time; without PSI it is null, without MemAvailable there is no reading', (t) => {
  const proc = mkdtempSync(join(tmpdir(), 'vigia-pressure-'));
  t.after(() => rmSync(proc, { recursive: true, force: true }));
  const meminfo = (kb: number) =>
    writeFileSync(
      join(proc, 'meminfo'),
      `MemTotal:        4000000 kB\nMemFree:  1 kB\nMemAvailable:    ${kb} kB\n`,
    );
  meminfo(900_000);
  {
    using bare = new PressureFiles(proc);
    assert.deepEqual(bare.read(7), {
      monotonicNs: 7,
      totalKb: 4_000_000,
      availableKb: 900_000,
      memoryFullAvg10: null,
    });
    meminfo(800_000);
    assert.equal(bare.read(8)?.availableKb, 800_000);
    writeFileSync(join(proc, 'meminfo'), 'MemTotal: 5 kB\n');
    assert.equal(bare.read(9), null);
  }
  meminfo(1);
  mkdirSync(join(proc, 'pressure'));
  writeFileSync(
    join(proc, 'pressure/memory'),
    'some avg10=5.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=41.50 avg60=0.00 avg300=0.00 total=1\n',
  );
  using whole = new PressureFiles(proc);
  assert.equal(whole.read(1)?.memoryFullAvg10, 41.5);
  using real = new PressureFiles();
  assert.ok((real.read(1)?.totalKb ?? 0) > 0);
});

test('an alarm lasts until memory has clearly recovered: just above the limit it still holds', () => {
  const reading = (availableKb: number) => ({
    monotonicNs: 100 * SECOND_NS,
    totalKb: 1000,
    availableKb,
    memoryFullAvg10: null,
  });
  const { memoryPressure } = NO_HISTORY;
  const alarmed = { ...memoryPressure, isPreempted: true };
  assert.equal(memoryShortage(memoryPressure, reading(55), CONFIG), null);
  assert.equal(
    english(memoryShortage(alarmed, reading(55), CONFIG)),
    'memory is running out: 5.5 % available < 6.25 %',
  );
  assert.equal(
    english(memoryShortage(alarmed, reading(45), CONFIG)),
    'memory is running out: 4.5 % available < 5 %',
  );
  assert.equal(memoryShortage(alarmed, reading(63), CONFIG), null);
});

test('an alarm does not wait for the engine, and a removal that has begun does not continue', async () => {
  const urgent = new AbortController();
  const calls: string[] = [];
  const answered = Promise.withResolvers<void>();
  const slow = (name: string) => async () => {
    calls.push(name);
    await answered.promise;
    return [] as never;
  };
  const engine: Engine = {
    list: slow('list'),
    inspect: slow('inspect'),
    stop: slow('stop'),
    restart: slow('restart'),
    remove: slow('remove'),
    limitCpu: slow('limitCpu'),
    start: slow('start'),
  };
  const clock = { now: () => 0, monotonicNs: () => 0, sleep: async () => {} };
  const context = { engine, clock, config: CONFIG, cgroupExists: () => false, cgroupKill: () => false };
  const removal: Action = {
    kind: 'remove',
    ...{
      id: idOf(1),
      name: 'c1',
      level: 'high',
      pid: 1,
      urgency: 'grace',
      because: { code: 'message', text: '' },
    },
    ...{ isThrottled: false, isReplaced: false },
  };
  const plan: Plan = { kind: 'act', actions: [removal], candidates: [] };
  const acting = carryOutPlan(context, plan, snapshot([container(1)]), [], urgent.signal);
  urgent.abort();
  const [outcome] = await acting;
  assert.deepEqual([outcome?.result, outcome?.detail.code], ['skipped', 'preempted']);
  answered.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(calls, ['list', 'inspect']);

  // The same when the removal is under way: the container is stopped and not removed during the next cycle.
  const later = new AbortController();
  const stopping = Promise.withResolvers<void>();
  const pending: string[] = [];
  const quick = { ...engine, list: async () => [], inspect: async () => null };
  const removing = removeContainer(
    {
      ...context,
      engine: untilUrgent(
        {
          ...quick,
          stop: async () => {
            pending.push('stop');
            await stopping.promise;
          },
          remove: async () => void pending.push('remove'),
        },
        later.signal,
      ),
    },
    removal as Extract<Action, { kind: 'remove' }>,
    null,
  );
  later.abort();
  stopping.resolve();
  await assert.rejects(removing, /left for later: memory is running out/);
  assert.deepEqual(pending, ['stop']);
});

test('a kill for memory kills the cgroup before it calls the engine; a removal with grace does not', async () => {
  const calls: string[] = [];
  const engine = {
    stop: async () => void calls.push('stop'),
    remove: async () => void calls.push('remove'),
    inspect: async () => null,
  } as unknown as Engine;
  const clock = { now: () => 0, monotonicNs: () => 0, sleep: async () => {} };
  const context = {
    ...{ engine, clock, config: CONFIG, cgroupExists: () => false },
    cgroupKill: (path: string) => calls.push(`kill ${path}`) > 0,
  };
  const removal = {
    kind: 'remove' as const,
    ...{ id: idOf(1), name: 'c1', level: 'high' as const, pid: 1 },
    because: { code: 'message', text: '' } as const,
    ...{ isThrottled: false, isReplaced: false },
  };
  await removeContainer(context, { ...removal, urgency: 'now' }, '/docker/1');
  assert.deepEqual(calls.splice(0), ['kill /docker/1', 'remove']);
  await removeContainer(context, { ...removal, urgency: 'now' }, null);
  assert.deepEqual(calls.splice(0), ['remove']);
  await removeContainer(context, { ...removal, urgency: 'grace' }, '/docker/1');
  assert.deepEqual(calls, ['stop', 'remove']);
});
