import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loop } from '../../daemon/src/loop/loop.ts';
import type { Action, Decision, Outcome } from '../../daemon/src/model/decision.ts';
import { NO_HISTORY } from '../../daemon/src/model/history.ts';
import type { Ports } from '../../daemon/src/model/ports.ts';
import type { ContainerSample } from '../../daemon/src/model/snapshot.ts';
import { config, container, SECOND_NS, snapshot, usage } from './builders.ts';

const CONFIG = config();

interface Modelled {
  readonly seen: ContainerSample;
  readonly cpuPercent: number;
  readonly bornMs: number;
}

interface WorldOptions {
  readonly seed: number;
  readonly cycles: number;
  /** Chance that a deed fails or a snapshot is blind. */
  readonly faults: number;
}

/**
 * A modelled host in virtual time: ten containers a minute, as cron starts them, and an engine that does what it is
 * told, late or not at all when faults are on. It lies about one thing: a start or stop takes no time.
 */
async function live({ seed, cycles, faults }: WorldOptions): Promise<Decision[]> {
  const random = randomFrom(seed);
  const decisions: Decision[] = [];
  const end = new AbortController();
  const world = new Map<string, Modelled>();
  let nowMs = 1_800_000_000_000;
  let born = 0;

  function bear(kind: 'cpu' | 'ram' | 'idle'): string {
    born += 1;
    const rssKb = kind === 'ram' ? 65_536 + Math.floor(random() * 1000) : 500;
    const seen = {
      ...container(born, { image: `vigia/${kind}`, createdAt: nowMs }),
      usage: usage({ pid: 1000 + born, rssKb, startNs: born }),
    };
    world.set(seen.id, { seen, cpuPercent: kind === 'cpu' ? 20 + random() * 20 : 0, bornMs: nowMs });
    return seen.id;
  }

  const ports: Ports = {
    clock: {
      now: () => nowMs,
      monotonicNs: () => nowMs * 1e6,
      async sleep(ms) {
        const minute = Math.floor(nowMs / 60_000);
        nowMs += ms;
        if (Math.floor(nowMs / 60_000) > minute) {
          for (let i = 0; i < 10; i += 1)
            bear((['cpu', 'ram', 'idle'] as const)[Math.floor(random() * 3)] ?? 'idle');
        }
        if (decisions.length >= cycles) end.abort();
      },
    },
    async sense(tick) {
      const blind = random() < faults;
      const containers = [...world.values()].map(({ seen, cpuPercent, bornMs }) => ({
        ...seen,
        usage: seen.usage && {
          ...seen.usage,
          cpuTimeNs: ((nowMs - bornMs) / 1000) * (cpuPercent / 100) * SECOND_NS,
        },
      }));
      return snapshot(blind ? [] : containers, {
        tick,
        at: nowMs,
        monotonicNs: nowMs * 1e6,
        faults: blind ? [{ sensor: 'continfo', message: 'cut', blind: true }] : [],
      });
    },
    async act(plan) {
      if (plan.kind === 'hold') return [];
      return plan.actions.map((action): Outcome => {
        if (random() < faults)
          return { action, result: 'failed', detail: 'engine error', id: null, tookMs: 1 };
        return { action, result: 'done', detail: '', id: carryOut(action), tookMs: 1 };
      });
    },
    record: (decision) => decisions.push(decision),
    report: () => {},
  };

  function carryOut(action: Action): string {
    if (action.kind === 'start')
      return bear(action.image.endsWith('idle') ? 'idle' : action.image.endsWith('cpu') ? 'cpu' : 'ram');
    world.delete(action.id);
    return action.id;
  }

  await loop(ports, CONFIG, NO_HISTORY, end.signal);
  return decisions;
}

/** What "always 3 and 2" means where it can be checked. */
function assertInvariants(decisions: readonly Decision[]): void {
  const seenOnce = new Set<string>();
  for (const { snapshot: now, before, after, outcomes, verdicts } of decisions) {
    const where = `cycle ${now.tick}`;
    const failed = outcomes.some(({ result }) => result !== 'done');
    const blind = now.faults.some((fault) => fault.blind);
    if (!blind && before.unknown === 0 && !failed) {
      assert.deepEqual([after.low, after.high], [3, 2], `${where}: not 3 + 2`);
    }
    for (const level of ['low', 'high'] as const) {
      const removed = outcomes.filter(
        ({ action, result }) => result === 'done' && action.kind === 'remove' && action.level === level,
      );
      const keep = CONFIG.quotas[level].keep;
      assert.ok(
        removed.length === 0 || before[level] - removed.length >= keep,
        `${where}: ${level} taken below ${keep}`,
      );
    }
    for (const { id, level } of verdicts) {
      assert.ok(level !== 'unknown' || !seenOnce.has(id), `${where}: unclassified for a second time`);
      seenOnce.add(id);
    }
  }
}

test('a day of cron and cycles keeps 3 low and 2 high', async () => {
  const decisions = await live({ seed: 1, cycles: 4320, faults: 0 });
  assertInvariants(decisions);
  const classified = decisions.filter(({ before }) => before.unknown === 0);
  assert.ok(classified.length > decisions.length / 2, 'most cycles see everything classified');
  assert.ok(
    decisions.every(({ snapshot: now }) => now.containers.length <= 25),
    'the host never fills up',
  );
});

test('with blind cycles and failing deeds the invariants hold all the same, for any seed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1e9 }),
      fc.constantFrom(0, 0.05, 0.3),
      async (seed, faults) => {
        assertInvariants(await live({ seed, cycles: 120, faults }));
      },
    ),
    { numRuns: 40 },
  );
});

test('a stop that comes while it sleeps ends it without another cycle', async () => {
  const end = new AbortController();
  let cycles = 0;
  const ports: Ports = {
    clock: { now: () => 0, monotonicNs: () => 0, sleep: async () => end.abort() },
    sense: async (tick) => snapshot([], { tick }),
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
  const slept: number[] = [];
  let wallMs = 1_800_000_000_000;
  let monotonicNs = 0;
  const ports: Ports = {
    clock: {
      now: () => wallMs,
      monotonicNs: () => monotonicNs,
      async sleep(ms) {
        slept.push(ms);
        end.abort();
      },
    },
    async sense(tick) {
      wallMs -= 3_600_000;
      monotonicNs += 2 * SECOND_NS;
      return snapshot([], { tick });
    },
    act: async () => [],
    record: () => {},
    report: () => {},
  };
  await loop(ports, CONFIG, NO_HISTORY, end.signal);
  assert.deepEqual(slept, [18_000]);
});

function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
