import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { EngineEventLog } from '../../daemon/src/app/engine-event-log.ts';
import type { EngineEvent, EngineEventKind, OomEvidence } from '../../daemon/src/model/engine-event.ts';
import { openForWriting } from '../../daemon/src/record/database.ts';
import { readEngineEvents, saveEngineEvents } from '../../daemon/src/record/engine-events.ts';
import { explainTold } from '../../daemon/src/show/explain.ts';

const BEGAN = 1_764_597_600_000;
const ID = 'd'.repeat(64);
const NOTHING_SEEN: OomEvidence = {
  ...{
    cgroupVersion: 2,
    ownHits: null,
    aroundHits: 0,
    hostKills: 0,
    limitKb: null,
    availableKb: null,
    held: [],
  },
};

const event = (kind: EngineEventKind, at: number, more: Partial<EngineEvent> = {}): EngineEvent => ({
  ...{ kind, at, moment: `${Math.floor(at / 1000)}.${String(at % 1000).padStart(3, '0')}000000` },
  ...{ id: ID, name: 'web', image: 'shop/web', exitCode: null, signal: null, health: null },
  ...more,
});

/** A log with a clock of its own and a record in a temporary file. */
function eventLog(t: TestContext, evidence = NOTHING_SEEN) {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-events-'));
  const db = openForWriting(join(directory, 'vigia.db'), (message) => assert.fail(message));
  const clock = { now: BEGAN };
  const [warnings, deaths]: [string[], string[]] = [[], []];
  const begin = () =>
    new EngineEventLog({
      ...{ now: () => clock.now, db: () => db, witness: { evidence: () => evidence, name: () => undefined } },
      ...{ limitOf: async () => 256 * 1024, warn: (message) => warnings.push(message) },
      onDeath: (_, because) => deaths.push(because.code),
    });
  const log = begin();
  t.after(() => {
    db.close();
    rmSync(directory, { recursive: true });
  });
  const recorded = () =>
    readEngineEvents(db, { limit: 1000 })
      .toReversed()
      .map(({ kind, because }) => `${kind} ${because.code}`);
  return { log, begin, db, clock, warnings, deaths, recorded };
}

test('an end waits for what is told with it: an oom that comes after its death', (t) => {
  const { log, clock, recorded, deaths } = eventLog(t, { ...NOTHING_SEEN, ownHits: 1 });
  log.take(event('start', BEGAN - 100));
  log.take(event('die', BEGAN, { exitCode: 137 }));
  log.flush();
  assert.deepEqual(recorded(), []);
  log.take(event('oom', BEGAN + 2));
  clock.now += 2500;
  log.flush();
  assert.deepEqual(recorded(), ['start container-started', 'die oom-own-limit', 'oom oom-own-limit']);
  assert.deepEqual(deaths, ['oom-own-limit'], 'said once');
});

test('a process that the kernel kills while the container lives on is told as that', async (t) => {
  const { log, db, deaths } = eventLog(t, { ...NOTHING_SEEN, ownHits: 1 });
  log.take(event('oom', BEGAN));
  await Promise.resolve();
  log.end();
  const [row] = readEngineEvents(db, { limit: 1 });
  assert.deepEqual(row?.because, { code: 'oom-own-limit', limitMib: 256, died: false });
  assert.deepEqual(deaths, ['oom-own-limit']);
});

test('an oom waits for the end of its container, which may come late, and then both say the same', (t) => {
  const { log, clock, recorded, deaths } = eventLog(t, { ...NOTHING_SEEN, hostKills: 1 });
  log.take(event('oom', BEGAN));
  clock.now += 7000;
  log.flush();
  assert.deepEqual(recorded(), []);
  log.take(event('die', BEGAN + 7000, { exitCode: 137 }));
  clock.now += 2500;
  log.flush();
  assert.deepEqual(recorded(), ['oom oom-host', 'die oom-host']);
  assert.deepEqual(deaths, ['oom-host']);
  clock.now = BEGAN + 80_000;
  log.take(event('oom', BEGAN + 80_000));
  clock.now += 16_000;
  log.flush();
  assert.deepEqual(deaths, ['oom-host', 'oom-host'], 'it lived on');
});

test('what is told again is recorded once, over a restart of the daemon too, and the stream goes on from there', (t) => {
  const { log, begin, clock, recorded } = eventLog(t);
  assert.equal(log.since(), String(BEGAN / 1000));
  for (const _ of [1, 2]) log.take(event('die', BEGAN + 10, { exitCode: 1 }));
  assert.equal(log.since(), `${BEGAN / 1000}.010000000`);
  log.end();
  clock.now += 60_000;
  const next = begin();
  assert.equal(next.since(), String(BEGAN / 1000 - 60));
  next.take(event('die', BEGAN + 10, { exitCode: 1 }));
  next.end();
  assert.deepEqual(recorded(), ['die crashed']);
});

test('our act is ours, and one that was skipped is not', (t) => {
  const { log, recorded, deaths } = eventLog(t);
  const other = 'e'.repeat(64);
  log.acts([ID, other].map((id) => ({ id, kind: 'stop', tick: 7, at: BEGAN })));
  log.skipped(new Set([other]), 7);
  log.take(event('die', BEGAN + 50, { exitCode: 137 }));
  log.take(event('die', BEGAN + 60, { exitCode: 1, id: other }));
  log.end();
  assert.deepEqual(recorded(), ['die ended-by-us', 'die crashed']);
  assert.deepEqual(deaths, ['crashed']);
});

test('a storm of events is bounded, and said', (t) => {
  const { log, warnings, recorded } = eventLog(t);
  for (let n = 0; n < 700; n += 1) log.take(event('start', BEGAN + n));
  log.end();
  assert.equal(recorded().length, 500);
  assert.match(warnings.join(), /^200 events of the engine were not recorded/);
});

test('while the record cannot be written, events wait, which is said once', (t) => {
  const { log, db, warnings, recorded } = eventLog(t);
  log.take(event('die', BEGAN, { exitCode: 1 }));
  db.exec('ALTER TABLE engine_event RENAME TO away');
  for (let n = 0; n < 5; n += 1) log.flush(true);
  assert.equal(warnings.length, 1);
  db.exec('ALTER TABLE away RENAME TO engine_event');
  log.end();
  assert.deepEqual(recorded(), ['die crashed']);
});

test('the record keeps the newest twenty thousand', (t) => {
  const { db } = eventLog(t);
  const batch = (from: number) =>
    Array.from({ length: 10_100 }, (_, n) => ({
      ...{ event: event('start', BEGAN + from + n), because: null, evidence: null },
    }));
  saveEngineEvents(db, batch(0));
  saveEngineEvents(db, batch(20_000));
  const { n, oldest } = db.prepare('SELECT count(*) AS n, min(id) AS oldest FROM engine_event').get() ?? {};
  assert.deepEqual([n, oldest], [20_000, 201]);
});

test('what is explained: ends and failures, the oldest first, an OOM by the death that it caused', (t) => {
  const { log, db } = eventLog(t, { ...NOTHING_SEEN, ownHits: 1, limitKb: 65_536 });
  log.take(event('start', BEGAN - 9000));
  log.take(event('health_status', BEGAN - 3000, { health: 'unhealthy' }));
  log.take(event('health_status', BEGAN - 2000, { health: 'healthy' }));
  log.take(event('oom', BEGAN));
  log.take(event('die', BEGAN + 20, { exitCode: 137 }));
  log.end();
  const told = readEngineEvents(db, { limit: 10, container: ID });
  const sentences = (language: 'en' | 'es') =>
    explainTold(told, language).map((sentence) => sentence.replace(/^.*?\d: /, ''));
  assert.deepEqual(sentences('en'), [
    'its health check turned unhealthy.',
    "the kernel's OOM killer killed it at its own limit of 64 MiB.",
  ]);
  assert.deepEqual(sentences('es'), [
    'su prueba de salud pasó a fallida.',
    'el OOM killer del kernel lo mató en su propio límite de 64 MiB.',
  ]);
});
