/** The newest cycle's reading precedes its actions: what it removed is shown nowhere as running. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import { migrate } from '../../daemon/src/record/database.ts';
import { readStatus } from '../../daemon/src/record/queries.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { renderFirstLook } from '../../daemon/src/show/first-look.ts';
import { renderPage } from '../../daemon/src/show/page.ts';
import { renderTop } from '../../daemon/src/show/top.ts';
import { FIRST_STATE } from '../../daemon/src/show/top-state.ts';
import { config, container, decisionOn, snapshot } from './builders.ts';

const CONFIG = config();
const because = { code: 'message', text: 'surplus' } as const;

/** The record of one cycle that saw containers 0 to `seen` and removed the first `removed` of them. */
function recordOf(seen: number, removed: number): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  const containers = Array.from({ length: seen }, (_, n) => container(n, { name: `worker-${n}-end` }));
  const outcomes = containers.slice(0, removed).map(({ id, name }) => ({
    action: {
      ...({ kind: 'remove', id, name, level: 'low', pid: null, because } as const),
      ...({ urgency: 'now', isThrottled: false, isReplaced: false } as const),
    },
    result: 'done' as const,
    detail: because,
    id,
    tookMs: 1,
  }));
  new Store(db, CONFIG).save(decisionOn(snapshot(containers), { outcomes }), 1);
  return db;
}

test('however many a cycle removed, the rest and only the rest are listed as running', () => {
  fc.assert(
    fc.property(fc.nat({ max: 25 }), fc.nat({ max: 25 }), (kept, removed) => {
      using db = recordOf(kept + removed, removed);
      const names = readStatus(db).containers.map((row) => String(row['name']));
      const expected = Array.from({ length: kept }, (_, n) => `worker-${removed + n}-end`);
      assert.deepEqual(names.sort(), expected.sort());
    }),
    { numRuns: 40 },
  );
});

test('eleven removals in one cycle: terminal and page name them among the decisions only', () => {
  using db = recordOf(14, 11);
  const status = readStatus(db);
  const now = new Date(1_800_000_005_000);
  const view = {
    status,
    trend: [],
    config: CONFIG,
    now,
    problem: null,
    language: 'en',
    isNew: true,
  } as const;
  const screen = renderTop(view, FIRST_STATE, { columns: 120, rows: null }, (_, text) => text).join('\n');
  const running = screen.slice(0, screen.indexOf('Latest decisions'));
  const plain = String(renderPage(status, CONFIG, 1_800_000_005)).split('Últimas decisiones')[0] ?? '';
  const first = String(renderFirstLook(status, CONFIG, 1_800_000_005));
  for (const text of [running, plain, first]) assert.doesNotMatch(text, /worker-([0-9]|10)-end/);
  for (const text of [running, plain]) assert.match(text, /worker-13-end/);
});
