import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awaitNothing, followFloorStarts } from '../../daemon/src/classify/floor-starts.ts';
import type { Classification, Outcome } from '../../daemon/src/model/decision.ts';
import { type FloorStarts, type History, NO_HISTORY } from '../../daemon/src/model/history.ts';
import type { ContainerSample } from '../../daemon/src/model/snapshot.ts';
import { container, idOf, snapshot } from './builders.ts';

const FLOOR = {
  'vigia.managed': 'true',
  'vigia.disposable': 'true',
  'vigia.spawn': 'floor',
  'vigia.class': 'low',
};
const floor = (n: number, state: ContainerSample['state'] = 'running') =>
  container(n, { labels: FLOOR, state });

const started = (n: number): Outcome => ({
  action: {
    ...{ kind: 'start', level: 'low', image: 'vigia/idle', because: { code: 'shortage' } },
  } as unknown as Outcome['action'],
  result: 'done',
  detail: { code: 'started', name: `vigia-idle-${n}` },
  id: idOf(n),
  tookMs: 1,
});

const classed = (n: number, level: Classification['level']) => ({ id: idOf(n), level }) as Classification;

/** The starts after a cycle that saw these containers, and in which those outcomes came about. */
const after = (
  before: History['floorStarts'],
  containers: readonly ContainerSample[],
  { classes = [], outcomes = [] }: { classes?: Classification[]; outcomes?: Outcome[] } = {},
): History['floorStarts'] => followFloorStarts(before, snapshot(containers), classes, outcomes);

const lowOf = (starts: History['floorStarts']): FloorStarts => {
  const low = starts.get('low vigia/idle');
  assert.ok(low);
  return low;
};

const begun = (...ns: number[]) => after(NO_HISTORY.floorStarts, [], { outcomes: ns.map(started) });

test('a start that ends before it has a class is a miss, and three of one cycle are one', () => {
  const ended = after(begun(1, 2, 3), [floor(1, 'exited'), floor(2, 'exited'), floor(3, 'dead')]);
  assert.equal(lowOf(ended).misses, 1);
  assert.equal(lowOf(ended).lastMiss?.code, 'start-ended-at-once');
  // It stays in the list until it has been removed.
  assert.equal(lowOf(after(ended, [floor(1, 'exited')])).misses, 1);
});

test('a start that gets the other class is a miss; one that reaches its own ends the row', () => {
  const missed = after(begun(1, 2), [floor(1), floor(2)], { classes: [classed(1, 'high')] });
  assert.deepEqual([lowOf(missed).misses, lowOf(missed).lastMiss?.code], [1, 'start-other-class']);
  assert.deepEqual([...lowOf(missed).awaited], [idOf(2)]);
  const reached = after(missed, [floor(1), floor(2)], { classes: [classed(1, 'high'), classed(2, 'low')] });
  assert.deepEqual([lowOf(reached).misses, lowOf(reached).lastMiss], [0, null]);
});

test('what ran long ago, was started by others, or ended while the engine was silent, is no miss', () => {
  const reached = after(begun(1), [floor(1)], { classes: [classed(1, 'low')] });
  assert.equal(lowOf(after(reached, [floor(1, 'exited'), floor(9, 'exited')])).misses, 0);
  assert.equal(lowOf(after(awaitNothing(begun(1, 2, 3)), [floor(1, 'exited')])).misses, 0);
});
