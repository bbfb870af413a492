import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loop } from '../../daemon/src/loop/loop.ts';
import { Watch } from '../../daemon/src/loop/watch.ts';
import { NO_HISTORY } from '../../daemon/src/model/history.ts';
import type { Ports } from '../../daemon/src/model/ports.ts';
import { config, english, SECOND_NS, snapshot } from './builders.ts';

const CONFIG = config();

test('a stop during the sleep ends the loop without another cycle', async () => {
  const end = new AbortController();
  let cycles = 0;
  const ports: Ports = {
    clock: { now: () => 0, monotonicNs: () => 0, sleep: async () => end.abort() },
    sense: async (tick) => snapshot([], { tick }),
    watch: new Watch({ judge() {} }),
    act: async () => [],
    record: () => {
      cycles += 1;
    },
    report: () => {},
  };
  await loop(ports, CONFIG, NO_HISTORY, end.signal);
  assert.equal(cycles, 1);
});

test('a wall clock that is set back during a cycle does not delay the next one', async () => {
  const end = new AbortController();
  const beganSeconds: number[] = [];
  let wallMs = 1_800_000_000_000;
  let monotonicNs = 0;
  const ports: Ports = {
    clock: {
      now: () => wallMs,
      monotonicNs: () => monotonicNs,
      async sleep(ms, signal) {
        // The watch of memory pressure ends with the plan, which takes no time here.
        await null;
        if (!signal.aborted) monotonicNs += ms * 1e6;
      },
    },
    async sense(tick) {
      beganSeconds.push(monotonicNs / SECOND_NS);
      if (tick === 2) end.abort();
      wallMs -= 3_600_000;
      monotonicNs += 2 * SECOND_NS;
      return snapshot([], { tick, monotonicNs });
    },
    watch: new Watch({ judge() {} }),
    act: async () => [],
    record: () => {},
    report: () => {},
  };
  await loop(ports, CONFIG, NO_HISTORY, end.signal);
  assert.deepEqual(beganSeconds, [0, 20]);
});

test('a reading that is older than its request is not acted on', async () => {
  const end = new AbortController();
  let nowNs = 0;
  const plans: string[] = [];
  const ports: Ports = {
    clock: {
      now: () => 0,
      monotonicNs: () => nowNs,
      sleep: async (ms) => {
        nowNs += ms * 1e6;
      },
    },
    sense: async (tick) => snapshot([], { tick, monotonicNs: 5 * SECOND_NS }),
    watch: new Watch({ judge() {} }),
    act: async () => [],
    record: ({ plan }) => {
      plans.push(plan.kind === 'hold' ? english(plan.because) : plan.kind);
      if (plans.length === 2) end.abort();
    },
    report: () => {},
  };
  await loop(ports, CONFIG, NO_HISTORY, end.signal);
  assert.deepEqual(plans, ['act', 'verify: the reading was taken before it was asked for']);
});
