import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classify } from '../../daemon/src/classify/classify.ts';
import { remember } from '../../daemon/src/classify/remember.ts';
import { decide } from '../../daemon/src/decide/decide.ts';
import type { Action, Outcome } from '../../daemon/src/model/decision.ts';
import { type History, NO_HISTORY } from '../../daemon/src/model/history.ts';
import type { ContainerSample } from '../../daemon/src/model/snapshot.ts';
import { config, container, english, idOf, SECOND_NS, snapshot, usage } from './builders.ts';

const CONFIG = config({
  quotas: { low: { keep: 0, trim: true, images: [] }, high: { keep: 9, trim: true, images: ['vigia/ram'] } },
});
const START = 1_800_000_000_000;

interface Seen {
  readonly second: number;
  readonly kinds: readonly Action['kind'][];
  readonly because: string;
}

/**
 * Simulates one container that would use this much CPU, cycle after cycle; a throttle limits it as a cgroup quota
 * would. Starts for the quotas are left out.
 */
function simulate(
  demand: (second: number) => number,
  seconds: number,
  partial: Partial<ContainerSample> = {},
): Seen[] {
  const seen: Seen[] = [];
  let history: History = NO_HISTORY;
  let [cpuTimeNs, limit] = [0, Number.POSITIVE_INFINITY];
  for (let second = 20; second <= seconds; second += 20) {
    cpuTimeNs += (Math.min(limit, demand(second)) / 100) * 20 * SECOND_NS;
    const one = {
      ...container(1, { createdAt: START, ...partial }),
      usage: usage({
        rssKb: 90_000,
        cpuTimeNs,
        ...(limit < 1e9 && { cpuLimitPercent: limit, isLimitOurs: true }),
      }),
    };
    const now = snapshot([one], { tick: second, at: START + second * 1000, monotonicNs: second * SECOND_NS });
    const classifications = classify(history, now, CONFIG);
    const plan = decide(history, now, classifications, CONFIG);
    const actions = plan.kind === 'act' ? plan.actions.filter(({ kind }) => kind !== 'start') : [];
    for (const { kind, because } of actions) {
      if (kind === 'throttle') limit = CONFIG.soft.throttlePercent;
      if (kind === 'release') limit = Number.POSITIVE_INFINITY;
      seen.push({ second, kinds: [kind], because: english(because) });
    }
    const outcomes = actions.map(
      (action): Outcome => ({
        action,
        result: 'done',
        detail: { code: 'message', text: '' },
        id: idOf(1),
        tookMs: 1,
      }),
    );
    history = remember(history, now, classifications, outcomes, CONFIG);
  }
  return seen;
}

const kindsOf = (seen: readonly Seen[]) => seen.flatMap(({ kinds }) => kinds);

test('a container that uses a whole core is throttled once, after the grace period, with its figures', () => {
  const seen = simulate(() => 100, 3600);
  assert.deepEqual(kindsOf(seen), ['throttle']);
  assert.equal(seen[0]?.second, 100, 'the rate is known at 40 s, and the grace period is 60 s');
  assert.equal(seen[0]?.because, 'CPU 100.0 % > 90 % for 60 s; limiting it to 25 % of a core');
});

test('a short burst is not throttled, nor are bursts with pauses', () => {
  assert.deepEqual(
    simulate((second) => (second < 100 ? 100 : 5), 3600),
    [],
  );
  assert.deepEqual(
    simulate((second) => (second % 80 === 0 ? 5 : 100), 3600),
    [],
  );
});

test('a throttled container is released when it has used less than its limit for the grace period', () => {
  const seen = simulate((second) => (second < 600 ? 100 : 10), 3600);
  assert.deepEqual(kindsOf(seen), ['throttle', 'release']);
  assert.match(seen[1]?.because ?? '', /used 10\.0 % CPU for \d+ s, limited to 25 %/);
});

test('with any constant load a container is not throttled and released repeatedly', () => {
  let throttled = 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 }), (demand) => {
      const kinds = kindsOf(simulate(() => demand, 7200));
      assert.ok(kinds.length <= 1, `${demand} %: ${kinds}`);
      throttled += kinds.length;
    }),
  );
  assert.ok(throttled > 20, `${throttled} loads were throttled`);
});

test('with any load throttles and releases alternate, a grace period apart', () => {
  const loads = fc.array(fc.constantFrom(0, 22, 95, 300), { minLength: 180, maxLength: 180 });
  const counts = { throttle: 0, release: 0 };
  fc.assert(
    fc.property(loads, (load) => {
      const seen = simulate((second) => load[second / 20 - 1] ?? 0, 3600);
      for (const [i, { second }] of seen.entries())
        assert.ok(i === 0 || second - (seen[i - 1]?.second ?? 0) >= 60);
      for (const [i, kind] of kindsOf(seen).entries()) {
        const expected = i % 2 === 0 ? 'throttle' : 'release';
        assert.equal(kind, expected);
        counts[expected] += 1;
      }
    }),
    { numRuns: 50 },
  );
  assert.ok(counts.throttle > 10 && counts.release > 0, JSON.stringify(counts));
});

test('neither a foreign nor a protected container is throttled', () => {
  assert.deepEqual(
    simulate(() => 100, 600, { labels: {} }),
    [],
  );
  assert.deepEqual(
    simulate(() => 100, 600, { labels: { 'vigia.managed': 'true', 'vigia.protected': 'true' } }),
    [],
  );
});
