import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classify } from '../../daemon/src/classify/classify.ts';
import { learn, observe } from '../../daemon/src/classify/learn-baseline.ts';
import { BASELINE_SIZE, type Baseline, type Observation } from '../../daemon/src/model/baseline.ts';
import { config, container, historyOf, idOf, snapshot, usage } from './builders.ts';

const percents = fc.double({ min: 0, max: 1600, noNaN: true });

function learnAll(values: readonly number[]): Baseline | undefined {
  let baselines: ReadonlyMap<string, Baseline> = new Map();
  for (const [i, value] of values.entries()) {
    const one: Observation = { image: 'vigia/cpu', taken: i + 1, cpuPercent: value, memPercent: value / 100 };
    baselines = learn(baselines, [one]);
  }
  return baselines.get('vigia/cpu');
}

/** Reference implementation: the median plus three times the median absolute deviation. */
function medianAndMad(values: readonly number[]): number {
  const middle = (of: readonly number[]) => {
    const sorted = of.toSorted((a, b) => a - b);
    const half = Math.floor(sorted.length / 2);
    return sorted.length % 2 === 1
      ? (sorted[half] ?? 0)
      : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
  };
  const median = middle(values);
  return median + 3 * middle(values.map((value) => Math.abs(value - median)));
}

test('the usual value is the median plus three median absolute deviations of the newest observations', () => {
  fc.assert(
    fc.property(fc.array(percents, { minLength: 2, maxLength: 60 }), (values) => {
      const rounds = Array.from({ length: 15 * values.length }, (_, i) => values[i % values.length] ?? 0);
      const usual = learnAll(rounds)?.usual?.cpuPercent;
      assert.ok(Math.abs((usual ?? -1) - medianAndMad(rounds.slice(-BASELINE_SIZE))) < 1e-9);
    }),
    { numRuns: 30 },
  );
});

test('a few observations give no usual value, and the ring does not grow', () => {
  assert.equal(learnAll([1, 2, 3])?.usual, null);
  const full = learnAll(Array.from({ length: 3 * BASELINE_SIZE }, (_, i) => i));
  assert.equal(full?.cpuPercent.length, BASELINE_SIZE);
  assert.ok(Math.min(...(full?.cpuPercent ?? [])) >= 2 * BASELINE_SIZE, 'only the newest are left');
});

test('less than half of the observations, however extreme, cannot move it beyond the others', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e4, max: 1e9, noNaN: true }), (extreme) => {
      const values = Array.from({ length: 300 }, (_, i) => (i % 5 < 2 ? extreme : 50 + (i % 7)));
      assert.ok((learnAll(values)?.usual?.cpuPercent ?? extreme) < 100);
    }),
  );
});

test('one managed, classified container of each image is observed in turn; a throttled one with what it used before', () => {
  const one = (n: number, cpu: number, partial: object = {}) => ({
    ...container(n, partial),
    name: `c${n}@${cpu}`,
    usage: usage({ pid: 1000 + n, memoryUsedKb: 40_000 }),
  });
  const containers = [
    one(1, 10),
    one(2, 20),
    one(3, 30, { labels: {} }),
    one(4, 40),
    one(5, 50, { image: 'vigia/cpu:latest' }),
  ];
  const seen = (tick: number) => {
    const now = snapshot(containers, { tick });
    const before = historyOf(now, (c) => Number(c.name.split('@')[1]));
    const held = before.containers.get(idOf(4));
    assert.ok(held);
    const history = {
      ...before,
      containers: new Map(before.containers).set(idOf(4), {
        ...held,
        limits: { cpu: { sinceNs: 0, usedBefore: 130, easedSinceNs: null } },
      }),
    };
    return observe(history, now, classify(history, now, config()), config()).map(
      ({ image, cpuPercent, memPercent }) => `${image} ${cpuPercent.toFixed(0)} ${memPercent.toFixed(0)}`,
    );
  };
  assert.deepEqual(seen(3), ['vigia/idle 10 1', 'vigia/cpu 50 1']);
  assert.deepEqual(seen(4), ['vigia/idle 20 1', 'vigia/cpu 50 1']);
  assert.deepEqual(seen(5), ['vigia/idle 130 1', 'vigia/cpu 50 1']);
});
