import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { carryOutPlan } from '../../daemon/src/act/carry-out-plan.ts';
import { removeContainer } from '../../daemon/src/act/remove-container.ts';
import { untilUrgent } from '../../daemon/src/act/until-urgent.ts';
import { memoryShortage, updateMemoryPressure } from '../../daemon/src/classify/memory-pressure.ts';
import type { Action, Plan } from '../../daemon/src/model/decision.ts';
import type { Cgroups, Engine } from '../../daemon/src/model/engine.ts';
import { NO_HISTORY } from '../../daemon/src/model/history.ts';
import { PressureFiles } from '../../daemon/src/sense/pressure.ts';
import { config, container, english, idOf, SECOND_NS, snapshot, TOTAL_KB } from './builders.ts';

const CONFIG = config();
const NO_CGROUPS: Cgroups = {
  exists: () => false,
  holdsAnother: () => false,
  isRun: () => false,
  kill: async () => false,
  limit: () => false,
};

test('memory is short after ten seconds of high PSI without a break, or at once with little MemAvailable', () => {
  const reading = (seconds: number, memoryFullAvg10: number | null, availableKb = TOTAL_KB / 5) => ({
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
  assert.equal(
    after(reading(1, 80, TOTAL_KB * 0.25), reading(60, 80, TOTAL_KB * 0.25)),
    null,
    'a container that stalls at its own limit on a host with memory is no shortage',
  );
  assert.match(english(after(reading(1, 0, TOTAL_KB * 0.049))), /4\.9 % available < 5 %/);
  assert.equal(after(reading(1, 0, TOTAL_KB * 0.05)), null);
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
  const context = { engine, clock, config: CONFIG, cgroups: NO_CGROUPS };
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
  const cgroups = { ...NO_CGROUPS, kill: async (path: string) => calls.push(`kill ${path}`) > 0 };
  const context = { engine, clock, config: CONFIG, cgroups };
  const removal = {
    kind: 'remove' as const,
    ...{ id: idOf(1), name: 'c1', level: 'high' as const, pid: 1 },
    because: { code: 'message', text: '' } as const,
    ...{ isThrottled: false, isReplaced: false },
  };
  await removeContainer(context, { ...removal, urgency: 'now' }, '/docker/1', null);
  assert.deepEqual(calls.splice(0), ['kill /docker/1', 'remove']);
  const crowded = { ...context, cgroups: { ...cgroups, holdsAnother: () => true } };
  await removeContainer(crowded, { ...removal, urgency: 'now' }, '/docker/1', null);
  assert.deepEqual(calls.splice(0), ['remove'], 'another container lies inside its cgroup');
  await removeContainer(context, { ...removal, urgency: 'now' }, null, null);
  assert.deepEqual(calls.splice(0), ['remove']);
  await removeContainer(context, { ...removal, urgency: 'grace' }, '/docker/1', null);
  assert.deepEqual(calls, ['stop', 'remove']);
});
