import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { classify } from '../../daemon/src/classify/classify.ts';
import { decide } from '../../daemon/src/decide/decide.ts';
import type { Outcome } from '../../daemon/src/model/decision.ts';
import type { ContainerSample } from '../../daemon/src/model/snapshot.ts';
import { openForWriting } from '../../daemon/src/record/database.ts';
import { findContainers, readEvents, readStatus, readStory } from '../../daemon/src/record/queries.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { explain } from '../../daemon/src/show/explain.ts';
import { config, container, HOST, historyOf, idOf, snapshot, TOTAL_KB, usage } from './builders.ts';

const CONFIG = config();

const sized = (n: number, rssKb: number, partial: Partial<ContainerSample> = {}): ContainerSample => ({
  ...container(n, partial),
  name: `c${n}`,
  usage: usage({ pid: 1000 + n, rssKb }),
});

/** One real cycle's judgement, recorded as if every deed had been done. */
function recorded(t: TestContext, containers: readonly ContainerSample[], host = HOST) {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-explain-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const db = openForWriting(join(dir, 'vigia.db'), (message) => assert.fail(message));
  const now = snapshot(containers, { host });
  const history = historyOf(now, () => 0);
  const classifications = classify(history, now, CONFIG);
  const plan = decide(history, now, classifications, CONFIG);
  const outcomes = (plan.kind === 'act' ? plan.actions : []).map(
    (action): Outcome => ({
      action,
      result: 'done',
      detail: 'gone from the engine and its cgroup',
      id: action.kind === 'remove' ? action.id : idOf(99),
      tookMs: 412,
    }),
  );
  const counts = { low: 0, high: 0, unknown: 0 };
  const cost = { senseMs: 1, decideMs: 1, actMs: 1 };
  new Store(db, CONFIG).save(
    {
      history,
      snapshot: now,
      classifications,
      plan,
      outcomes,
      before: counts,
      after: counts,
      observations: [],
      cost,
    },
    1,
  );
  const tell = (n: number) => {
    const story = readStory(db, idOf(n));
    assert.ok(story);
    return explain(story).join('\n');
  };
  return { db, tell };
}

const LOWS = [1, 2, 3].map((n) => sized(n, 600));
const HIGHS = [sized(4, 80_000), sized(5, 120_000), sized(6, 400_000), sized(7, 300_000)];

test('a quota removal names its figures, its rank, who came next, and the outcome', (t) => {
  const { tell } = recorded(t, [...LOWS, ...HIGHS]);
  const first = tell(6);
  assert.match(first, /c6 .* is managed by Vigía\. First seen .*, removed by Vigía/);
  assert.match(first, /Cycle 2 at .* chose it for removal: 4 high where 2 stay; memory 10\.0 % > 0\.16 %\./);
  assert.match(
    first,
    /It ranked 1 of 2 chosen \(10\.00 % of the host\); 7 were weighed\. Next was c7 \(7\.50 % of the host\), which was chosen too\./,
  );
  assert.match(first, /Outcome: done, gone from the engine and its cgroup \(412 ms\)\./);
  assert.match(tell(7), /Next was c5 \(3\.00 % of the host\), spared: within the 2 high that always stay\./);
});

test('one that stayed says who weighed it and why it was spared; one that is not ours, that nothing was done', (t) => {
  const { tell } = recorded(t, [...LOWS, ...HIGHS, sized(8, 900_000, { labels: {} })]);
  assert.match(
    tell(5),
    /Nothing was done to it\. Cycle 2 .* weighed it \(3\.00 % of the host\) and spared it: within the 2 high/,
  );
  assert.match(
    tell(8),
    /is not managed: it is observed and left alone\..*\n.*\nNothing was ever done to it\./,
  );
});

test('an emergency names the threshold, what it held, and the runner-up', (t) => {
  const { tell } = recorded(t, [...LOWS, sized(4, 80_000), sized(5, 2_000_000)], {
    ...HOST,
    availableKb: TOTAL_KB * 0.03,
  });
  assert.match(
    tell(5),
    /memory runs out: 3\.0 % available < 5 %; it holds 50\.0 % of RAM; nobody else would help/,
  );
  assert.match(tell(5), /Next was c4 \(2\.00 % of the host\), spared: a bystander/);
});

test('of several culprits one goes: the other was next, and not chosen too, whatever its class', (t) => {
  const cached = sized(5, 40_000);
  const tmpfs = { ...cached, usage: { ...(cached.usage ?? usage()), memoryUsedKb: 2_000_000 } };
  const { tell } = recorded(t, [...LOWS, sized(4, 80_000), tmpfs, sized(6, 1_900_000)], {
    ...HOST,
    availableKb: TOTAL_KB * 0.03,
  });
  assert.match(tell(5), /it holds 50\.0 % of RAM; next would be c6\./);
  assert.match(
    tell(5),
    /It ranked 1 of 1 chosen .*Next was c6 \(47\.50 % of the host\), spared: one at a time: c5 goes before it\./,
  );
  assert.match(tell(6), /spared it: one at a time: c5 goes before it\./);
});

test('a container is found by part of its name or the beginning of its ID', (t) => {
  const { db } = recorded(t, [...LOWS, ...HIGHS]);
  assert.deepEqual(
    findContainers(db, 'c7', 5).map(({ name }) => name),
    ['c7'],
  );
  assert.equal(findContainers(db, idOf(7), 5)[0]?.['name'], 'c7');
  assert.deepEqual(findContainers(db, 'nobody', 5), []);
  assert.equal(readStory(db, idOf(77)), null);
});

test('who was weighed is read only by who asks for it: it is long', (t) => {
  const { db } = recorded(t, [...LOWS, ...HIGHS]);
  assert.ok(!('candidates' in (readStatus(db).actions[0] ?? {})));
  assert.match(String(readEvents(db, { limit: 1, withCandidates: true })[0]?.['candidates']), /"share":/);
});
