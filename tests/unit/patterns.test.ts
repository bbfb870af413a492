import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { forkStorm } from '../../daemon/src/classify/patterns/fork-storm.ts';
import { hoard } from '../../daemon/src/classify/patterns/hoard.ts';
import { ioStorm } from '../../daemon/src/classify/patterns/io-storm.ts';
import { leak } from '../../daemon/src/classify/patterns/leak.ts';
import type { PatternInput } from '../../daemon/src/classify/patterns/pattern-input.ts';
import { spin } from '../../daemon/src/classify/patterns/spin.ts';
import { followRuns } from '../../daemon/src/classify/runs.ts';
import { extendTrail } from '../../daemon/src/classify/trail.ts';
import type { HostPoint, TrailPoint } from '../../daemon/src/model/history.ts';
import type { HostSample } from '../../daemon/src/model/snapshot.ts';
import { policyOf } from '../../daemon/src/policy/resolve-policy.ts';
import { config, container, english, HOST, idOf, SECOND_NS, snapshot, TOTAL_KB, usage } from './builders.ts';

const CONFIG = config();
const NOW_S = 2000;
const MIB_KB = 1024;

/** Pattern input with one trail point every 20 s; the last one is now. */
function input(
  points: readonly Partial<TrailPoint>[],
  partial: Partial<PatternInput> = {},
  host = HOST,
): PatternInput {
  const trail = points.map((point, i) => ({
    monotonicNs: (NOW_S - 20 * (points.length - 1 - i)) * SECOND_NS,
    memoryKb: 10_000,
    processCount: 1,
    blockBytes: 0,
    ...point,
  }));
  return {
    usage: usage({ processCount: trail.at(-1)?.processCount ?? 1, startNs: SECOND_NS }),
    cpuPercent: 1,
    trail,
    usual: null,
    policy: policyOf(container(1), CONFIG),
    host: fallingTo(host.availableKb),
    now: snapshot([], { monotonicNs: NOW_S * SECOND_NS, host }),
    config: CONFIG,
    ...partial,
  };
}

/** Ten minutes of a host whose available memory falls by half of RAM to this. */
const fallingTo = (availableKb: number): HostPoint[] =>
  Array.from({ length: 30 }, (_, i) => ({
    monotonicNs: (NOW_S - 20 * (30 - i)) * SECOND_NS,
    availableKb: availableKb + ((30 - i) / 30) * 0.5 * TOTAL_KB,
    cpuBusyNs: null,
  }));

const rising = (fromKb: number, stepKb: number, count = 31) =>
  Array.from({ length: count }, (_, i) => ({ memoryKb: fromKb + i * stepKb }));

test('a leak is a steady rise over the whole window that would soon fill the RAM', () => {
  const evidence = leak(input(rising(100 * MIB_KB, 10 * MIB_KB), {}, { ...HOST, availableKb: 600 * MIB_KB }));
  assert.equal(
    english(evidence),
    'memory rose steadily from 100 to 400 MiB in 10 min; RAM will be full in 20 min',
  );
});

test('a rise that is too short, too small, a step, a sawtooth, or slow for the free RAM is no leak', () => {
  const scarce: HostSample = { ...HOST, availableKb: 600 * MIB_KB };
  const noLeaks = {
    'ten readings': input(rising(100 * MIB_KB, 10 * MIB_KB, 10), {}, scarce),
    'a rise of 0.1 % of RAM': input(rising(100 * MIB_KB, 100), {}, scarce),
    'one step': input(
      rising(0, 0).map((_, i) => ({ memoryKb: i < 15 ? 100_000 : 400_000 })),
      {},
      scarce,
    ),
    'a sawtooth': input(
      rising(0, 0).map((_, i) => ({ memoryKb: 100_000 + (i % 10) * 30_000 })),
      {},
      scarce,
    ),
    'much RAM left': input(rising(100 * MIB_KB, 4 * MIB_KB), {}, { ...HOST, availableKb: 3_900_000 }),
    'an unknown host': input(rising(100 * MIB_KB, 10 * MIB_KB), {
      now: snapshot([], { host: null, monotonicNs: NOW_S * SECOND_NS }),
    }),
  };
  for (const [name, seen] of Object.entries(noLeaks)) assert.equal(leak(seen), null, name);
});

test('constant memory with any noise is never a leak', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1000, max: TOTAL_KB }),
      fc.array(fc.integer({ min: -20_000, max: 20_000 }), { minLength: 31, maxLength: 31 }),
      (level, noise) => {
        const points = noise.map((n) => ({ memoryKb: Math.max(0, level + n) }));
        assert.equal(leak(input(points, {}, { ...HOST, availableKb: 1000 })), null);
      },
    ),
  );
});

test('a container with much memory is a hoarder only while the host has little left', () => {
  const big = { usage: usage({ memoryUsedKb: 0.3 * TOTAL_KB }) };
  const low: HostSample = { ...HOST, availableKb: 0.1 * TOTAL_KB };
  assert.equal(
    english(hoard(input([{}], big, low))),
    'memory 30.0 % of RAM > 25 %, with 10.0 % available < 15 %',
  );
  assert.equal(hoard(input([{}], big)), null, 'three quarters of RAM are available');
  const usual = { cpuPercent: 0, memPercent: 40 };
  assert.equal(hoard(input([{}], { ...big, usual }, low)), null, 'its image usually holds as much');
});

test('a fork storm is many processes, twice as many as a minute ago; a container that always had many is none', () => {
  assert.equal(
    english(forkStorm(input([{ processCount: 3 }, { processCount: 700 }]))),
    'fork storm: 700 processes ≥ 512, 3 a minute ago',
  );
  assert.equal(forkStorm(input([{ processCount: 3 }, { processCount: 300 }])), null);
  assert.equal(forkStorm(input([{ processCount: 700 }, { processCount: 800 }])), null);
  assert.match(
    english(forkStorm(input([{ processCount: 2000 }, { processCount: 2600 }]))),
    /2600 processes/,
    'a storm that began before the first reading',
  );
  assert.equal(forkStorm(input([{ processCount: 700 }])), null, 'an old run in its first reading');
  assert.equal(
    english(forkStorm(input([{ processCount: 3 }, { processCount: 200 }, { processCount: 700 }]))),
    'fork storm: 700 processes ≥ 512, 3 a minute ago',
    'an old run whose storm begins now',
  );
});

/**
 * Whether each reading of a run is a fork storm; readings are 20 s apart, the first one at an age of `first` seconds.
 */
function stormsAt(first: number, counts: readonly number[], suspendedSeconds = 0): boolean[] {
  return counts.map((processCount, i) => {
    const points = counts.slice(0, i + 1).map((count) => ({ processCount: count }));
    const bootNs = (NOW_S + suspendedSeconds) * SECOND_NS;
    const young = usage({ processCount, startNs: bootNs - (first + 20 * i) * SECOND_NS });
    const now = snapshot([], { monotonicNs: NOW_S * SECOND_NS, bootNs });
    return forkStorm(input(points, { usage: young, now })) !== null;
  });
}

test('a server that starts its workers is no fork storm at any reading; one that keeps forking is', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 19 }),
      fc.integer({ min: 512, max: 5000 }),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 1e6 }),
      (first, workers, startSeconds, suspended) => {
        const before = Math.min(511, workers - 1);
        // Grows linearly, or all at once at the end; before that it has too few processes for a storm.
        const grown = (age: number) =>
          age >= startSeconds ? workers : Math.min(before, Math.ceil((workers * age) / startSeconds));
        const counts = Array.from({ length: 12 }, (_, i) => grown(first + 20 * i));
        assert.deepEqual([...new Set(stormsAt(first, counts, suspended))], [false], counts.join(' '));
      },
    ),
  );
  const forking = (aSecond: number) => Array.from({ length: 8 }, (_, i) => aSecond * (10 + 20 * i));
  assert.equal(stormsAt(10, forking(100)).indexOf(true), 1, 'at its second reading');
  assert.equal(stormsAt(10, forking(30)).indexOf(true), 2, 'at the age of 50 s');
  assert.equal(stormsAt(10, forking(12)).indexOf(true), 5, 'at the age of 110 s');
  // It starts with many processes and forks later.
  assert.equal(stormsAt(10, [600, 600, 600, 600, 600, 1300]).indexOf(true), 5);
});

test('an I/O storm is much I/O while every task waits; on a fast disk, with an unknown count or on a quiet host there is none', () => {
  const moved = [{ blockBytes: 0 }, { blockBytes: 2000 * 2 ** 20 }];
  const waiting: HostSample = { ...HOST, ioFullAvg10: 35 };
  assert.equal(
    english(ioStorm(input(moved, {}, waiting))),
    'I/O storm: 100 MiB/s > 50 MiB/s while every task waits for I/O 35 % of the time > 20 %',
  );
  assert.equal(ioStorm(input(moved)), null);
  assert.equal(ioStorm(input(moved, {}, { ...HOST, ioFullAvg10: null })), null);
  assert.equal(ioStorm(input([{ blockBytes: null }, moved[1] ?? {}], {}, waiting)), null);
  assert.equal(ioStorm(input([{}, { blockBytes: 2 ** 20 }], {}, waiting)), null);
});

test('the limit of spin is the configured one, or what is usual for the image if that is more', () => {
  assert.equal(english(spin(input([{}], { cpuPercent: 95 }))), 'CPU 95.0 % > 90 %');
  assert.equal(spin(input([{}], { cpuPercent: 95, usual: { cpuPercent: 120, memPercent: 1 } })), null);
  assert.equal(
    english(spin(input([{}], { cpuPercent: 130, usual: { cpuPercent: 120, memPercent: 1 } }))),
    'CPU 130.0 % > 120 % (usual for its image)',
  );
  const still = { ...CONFIG, soft: { ...CONFIG.soft, learn: false } };
  const usual = { cpuPercent: 120, memPercent: 1 };
  assert.equal(english(spin(input([{}], { cpuPercent: 95, config: still, usual }))), 'CPU 95.0 % > 90 %');
  assert.equal(spin(input([{}], { cpuPercent: null })), null);
});

test('the trail covers the window and no more, however often it is extended', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 300 }), (steps) => {
      let [trail, second]: [readonly TrailPoint[], number] = [[], 0];
      for (const step of steps) {
        second += step;
        trail = extendTrail(trail, usage({ rssKb: second }), second * SECOND_NS, CONFIG);
        assert.equal(trail.at(-1)?.memoryKb, second, 'the newest reading is its end');
      }
      const first = trail[0]?.monotonicNs ?? 0;
      assert.ok(first >= (second - CONFIG.patterns.leak.windowSeconds) * SECOND_NS);
      assert.ok(trail.length <= (2 * CONFIG.patterns.leak.windowSeconds) / CONFIG.classify.minSeconds + 2);
      // It covers nearly the whole window.
      if (second > 700) assert.ok(second * SECOND_NS - first > 500 * SECOND_NS);
    }),
  );
});

test("only a rise of the engine's restart count is a restart; what somebody does through the engine is none", () => {
  const counts: (number | undefined)[] = [];
  let runs: ReturnType<typeof followRuns> = new Map();
  const seen = (second: number, restartCount: number | null) =>
    snapshot([container(1, { restartCount })], { monotonicNs: second * SECOND_NS });
  for (const [second, restartCount] of [
    [20, null],
    [40, 4],
    [60, 6],
    [80, null],
    [100, 7],
    // Somebody started it: the engine begins to count anew.
    [120, 0],
    [140, 1],
    [500, 1],
  ] as const) {
    runs = followRuns(runs, seen(second, restartCount), CONFIG);
    counts.push(runs.get(idOf(1))?.restartTimesNs.length);
  }
  assert.deepEqual(counts, [undefined, 0, 2, 2, 3, 0, 1, 0]);
  const blind = snapshot([], {
    faults: [{ sensor: 'engine', reason: { code: 'message', text: 'no answer' }, blind: true }],
  });
  assert.equal(followRuns(runs, blind, CONFIG), runs, 'a blind reading keeps the runs');
});

test('nothing is a leak or a hoard while the memory of the host does not fall: somebody else gives it back', () => {
  const low: HostSample = { ...HOST, availableKb: 0.1 * TOTAL_KB };
  const steady = fallingTo(0).map((point) => ({ ...point, availableKb: low.availableKb }));
  const big = { usage: usage({ memoryUsedKb: 0.3 * TOTAL_KB }) };
  assert.notEqual(hoard(input([{}], big, low)), null);
  assert.equal(hoard(input([{}], { ...big, host: steady }, low)), null);
  const scarce: HostSample = { ...HOST, availableKb: 600 * MIB_KB };
  const flat = steady.map((point) => ({ ...point, availableKb: scarce.availableKb }));
  const rise = rising(100 * MIB_KB, 10 * MIB_KB);
  assert.notEqual(leak(input(rise, {}, scarce)), null);
  assert.equal(leak(input(rise, { host: flat }, scarce)), null);
});

test('memory up to what its owner expects is neither a leak nor a hoard', () => {
  const expecting = (mib: number) => {
    const labels = { 'vigia.managed': 'true', 'vigia.memory': String(mib) };
    return { policy: policyOf(container(1, { labels }), CONFIG) };
  };
  const scarce: HostSample = { ...HOST, availableKb: 0.1 * TOTAL_KB };
  const rise = rising(100 * MIB_KB, 10 * MIB_KB);
  assert.equal(leak(input(rise, expecting(401), scarce)), null);
  assert.notEqual(leak(input(rise, expecting(399), scarce)), null);
  const big = { usage: usage({ memoryUsedKb: 0.3 * TOTAL_KB }) };
  assert.equal(hoard(input([{}], { ...big, ...expecting(1300) }, scarce)), null);
  assert.notEqual(hoard(input([{}], { ...big, ...expecting(1000) }, scarce)), null);
});

test('a storm or a hoard that a limit of ours holds back goes on', () => {
  const held = (partial: Parameters<typeof usage>[0]) =>
    input(
      [{ processCount: 900 }, { processCount: 905 }],
      { usage: usage({ processCount: 905, ...partial }) },
      { ...HOST, availableKb: 0.1 * TOTAL_KB },
    );
  assert.equal(forkStorm(held({})), null);
  assert.notEqual(forkStorm(held({ pidsLimitedTo: 977 })), null);
  assert.equal(forkStorm(held({ pidsLimitedTo: 1977 })), null, 'far below its limit');
  assert.equal(hoard(held({ memoryUsedKb: 100_000 })), null);
  assert.notEqual(hoard(held({ memoryUsedKb: 100_000, squeezedToKb: 104_000 })), null);
});
