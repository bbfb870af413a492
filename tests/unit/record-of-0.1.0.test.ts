import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { InterruptedCycles } from '../../daemon/src/app/interrupted-cycles.ts';
import { replayCycles } from '../../daemon/src/app/replay-cycles.ts';
import { panels } from '../../daemon/src/panels/dashboards.ts';
import { bindRange } from '../../daemon/src/panels/range.ts';
import { openForReading, openForWriting } from '../../daemon/src/record/database.ts';
import { readEvents, readStatus, readStory } from '../../daemon/src/record/queries.ts';
import { asReason } from '../../daemon/src/record/reason-columns.ts';
import { reloadHistory } from '../../daemon/src/record/reload.ts';
import { readSnapshots } from '../../daemon/src/record/snapshots.ts';
import { explain } from '../../daemon/src/show/explain.ts';
import { config, snapshot } from './builders.ts';

const CONFIG = config();

const SAMPLE = join(import.meta.dirname, 'samples/record-0.1.0.sql');
const OLD_REASON = /^(\d+ (low|high) where \d (stay|always run)|it has ended)/;

function oldRecord(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-old-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'vigia.db');
  const old = new DatabaseSync(path);
  old.exec(`PRAGMA foreign_keys = OFF; ${readFileSync(SAMPLE, 'utf8')}`);
  old.close();
  return path;
}

function openOldRecord(t: TestContext) {
  const db = openForWriting(oldRecord(t), assert.fail);
  t.after(() => db.close());
  return db;
}

test('a record of 0.1.0 opens and migrates; its prose is shown as it is', (t) => {
  const db = openOldRecord(t);
  const events = readEvents(db, { limit: 50, withCandidates: true });
  assert.equal(events.length, 18);
  for (const { because, detail } of events) {
    assert.equal(because.code, 'recorded-text');
    assert.match(because.code === 'recorded-text' ? because.text : '', OLD_REASON);
    assert.equal(detail.code, 'recorded-text');
  }
  const { cycle, containers } = readStatus(db);
  assert.equal(cycle?.because, null, 'the newest cycle acted');
  assert.ok(containers.length > 0);
  assert.ok(containers.every(({ because }) => because.code === 'recorded-text'));
  const removed = events.filter((event) => event['kind'] === 'remove');
  assert.ok(removed.length > 0);
  const sentences = removed.flatMap((event) => {
    const story = readStory(db, String(event['container_id']));
    assert.ok(story);
    return explain(story, CONFIG.soft, 'es');
  });
  assert.match(sentences.join('\n'), /lo eligió para eliminarlo: \d+ (low|high) where/);
  assert.match(sentences.join('\n'), /El siguiente era .*no elegido: label vigia\.protected/);
});

test('Grafana shows the prose of a record of 0.1.0 where there is no Spanish sentence', (t) => {
  const db = openOldRecord(t);
  for (const [id, column] of [
    ['decisions', 'Razón'],
    ['holds', 'Razón'],
  ] as const) {
    const panel = panels.find((one) => one.id === id);
    const rows = db.prepare(bindRange(panel?.sql ?? '', 0, 4e12)).all();
    assert.ok(rows.length > 0, id);
    assert.ok(rows.every((row) => String(row[column]).length > 0));
  }
});

test('cycles of 0.1.0 can be replayed: what carries vigia.managed alone is a service today, and stays', (t) => {
  const db = openOldRecord(t);
  const cycles = [...readSnapshots(db, 0, 4e9)];
  assert.equal(cycles.length, 5);
  assert.ok(cycles.every(({ memoryPressure }) => memoryPressure.coolDownUntilNs === 0));
  const replayed = replayCycles(cycles, CONFIG, config({ mode: 'observe' }), 0);
  assert.equal(replayed.cycles, 5);
  // Its own starts are decided as they were. The cron job's containers of this record have no label vigia.spawn.
  const planned = replayed.differences.map(({ tick, onlyPresent }) => [
    tick,
    onlyPresent.map((action) => `${action.kind} ${action.kind === 'start' ? action.image : action.name}`),
  ]);
  const [idle, cpu, ram] = ['start vigia/idle', 'start vigia/cpu', 'start vigia/ram'];
  assert.deepEqual(planned, [
    [1, [idle, idle, idle, cpu, ram]],
    [4, [idle, cpu]],
    [5, [idle, cpu]],
  ]);
  assert.equal(replayed.asRecorded, 2);
});

test('the plan that a daemon of 0.1.0 left behind is resolved, and its history goes on', async (t) => {
  const db = openOldRecord(t);
  await new InterruptedCycles({ db }, CONFIG, () => {}).settle(async () => snapshot([]));
  const [event] = readEvents(db, { limit: 1 });
  assert.deepEqual([event?.['tick'], event?.['kind'], event?.['result']], [6, 'remove', 'done']);
  assert.deepEqual(event?.detail, { code: 'seen-at-next-start', result: { code: 'gone' } });
  assert.equal(event?.because.code, 'recorded-text');
  const history = reloadHistory(db, 1e15);
  assert.equal(history.tick, 6);
  assert.ok(history.containers.size > 0);
});

test('a record of 0.1.0 that no daemon has opened yet is refused with what to do; replay reads it', (t) => {
  const path = oldRecord(t);
  assert.throws(() => openForReading(path), /is from an older Vigía \(schema 7\): start Vigía once/);
  const db = openForReading(path, { anyVersion: true });
  assert.equal([...readSnapshots(db, 0, 4e9)].length, 5);
  db.close();
});

test('sentences of 0.1.0 that a decision depends on become their codes; all others stay text', () => {
  assert.deepEqual(asReason('mode dry-run'), { code: 'only-planned', mode: 'dry-run' });
  assert.deepEqual(asReason('left alone: memory runs out'), { code: 'preempted' });
  assert.deepEqual(asReason('Vigía ended before it was done'), { code: 'interrupted' });
  assert.deepEqual(asReason('one at a time: hog-a goes before it'), {
    code: 'one-at-a-time',
    first: 'hog-a',
  });
  for (const text of ['', 'mode', 'mode dry-run now', 'one at a time', '9 high where 2 stay'])
    assert.deepEqual(asReason(text), { code: 'recorded-text', text });
});
