import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { migrate } from '../../daemon/src/record/database.ts';
import { readMetrics } from '../../daemon/src/record/metrics-queries.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { metricsFormat, renderMetrics } from '../../daemon/src/show/metrics.ts';
import { config, container, decisionOn, idOf, SECOND_NS, snapshot } from './builders.ts';

const CONFIG = config();
const TEXT = metricsFormat(undefined);
const OPEN = metricsFormat('application/openmetrics-text;version=1.0.0,text/plain;q=0.5');

function recorded(cycles: number, containers: number): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  const store = new Store(db, CONFIG);
  for (let tick = 1; tick <= cycles; tick += 1) {
    const now = snapshot(
      Array.from({ length: containers }, (_, i) => container(i + 1, { name: `evil"} 1\nup 0 ${i}` })),
      { tick, at: (1_800_000_000 + 20 * tick) * 1000, monotonicNs: 20 * tick * SECOND_NS },
    );
    const action = {
      kind: 'remove',
      id: idOf(1),
      name: 'c',
      level: 'low',
      pid: 1,
      urgency: 'grace',
      isThrottled: false,
      isReplaced: false,
      because: { code: 'message', text: '' },
    } as const;
    store.save(
      decisionOn(now, {
        plan: { kind: 'act', actions: [action], candidates: [] },
        outcomes: [
          { action, result: 'done', detail: { code: 'message', text: '' }, id: action.id, tookMs: 1 },
        ],
        before: { low: 4, high: 2, unknown: 0 },
        after: { low: 3, high: 2, unknown: 0 },
        cost: { senseMs: 5, decideMs: 1, actMs: 80 },
      }),
      60_000,
    );
  }
  return db;
}

test('promtool accepts the text, before and after the first cycle', () => {
  for (const db of [recorded(0, 0), recorded(3, 4)]) {
    const text = renderMetrics(readMetrics(db), CONFIG, TEXT);
    const { status, stdout, stderr, error } = spawnSync('promtool', ['check', 'metrics'], {
      input: text,
      encoding: 'utf8',
    });
    assert.equal(error, undefined, 'promtool is in the package prometheus');
    assert.deepEqual([status, stdout, stderr], [0, '', ''], text);
  }
});

test('the figures are those of the newest cycle, and counters only grow', () => {
  const text = renderMetrics(readMetrics(recorded(3, 4)), CONFIG, TEXT);
  for (const line of [
    'vigia_cycles_total 3',
    'vigia_actions_total{kind="remove",result="done"} 3',
    'vigia_actions_total{kind="restart",result="failed"} 0',
    'vigia_containers{class="low"} 3',
    'vigia_containers_required{class="high"} 2',
    'vigia_host_memory_total_bytes 4096000000',
    'vigia_cycle_stage_seconds{stage="act"} 0.08',
    'vigia_last_cycle_timestamp_seconds 1800000060',
    'vigia_cycle_interval_seconds 20',
    'vigia_blind_sensors 0',
    'vigia_containers_set_aside 0',
    'vigia_containers_by_kind{kind="disposable"} 4',
    'vigia_containers_by_kind{kind="service"} 0',
    'vigia_actions_total{kind="squeeze",result="done"} 0',
    'vigia_actions_total{kind="kill",result="failed"} 0',
    'vigia_notices_total 0',
  ])
    assert.ok(text.split('\n').includes(line), `${line}\n\n${text}`);
});

test('a blind sensor is that of the newest cycle', () => {
  const db = recorded(2, 1);
  const lines = () => renderMetrics(readMetrics(db), CONFIG, TEXT).split('\n');
  const fault = db.prepare("INSERT INTO fault (tick, at, sensor, message, blind) VALUES (?, ?, ?, '', ?)");
  fault.run(1, 1_800_000_020, 'continfo', 1);
  fault.run(2, 1_800_000_040, 'cgroup', 0);
  assert.ok(lines().includes('vigia_blind_sensors 0'));
  fault.run(2, 1_800_000_040, 'continfo', 1);
  fault.run(2, 1_800_000_040, 'continfo', 1);
  assert.ok(lines().includes('vigia_blind_sensors 1'));
});

test('a notice is no reading that failed, and a service is in no class', () => {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  const notice = { code: 'manage-matches-nothing', at: 'config.yaml:3' } as const;
  const now = snapshot([container(1), container(2, { labels: { 'vigia.managed': 'true' } })], {
    faults: [
      { sensor: 'policy', reason: notice, blind: false },
      { sensor: 'cgroup', reason: { code: 'file-empty' }, blind: false },
    ],
  });
  new Store(db, CONFIG).save(decisionOn(now), 1);
  const lines = renderMetrics(readMetrics(db), CONFIG, TEXT).split('\n');
  for (const line of [
    'vigia_notices_total 1',
    'vigia_faults_total 1',
    'vigia_containers_by_kind{kind="service"} 1',
    `vigia_containers_memory_bytes{class="unknown"} ${700 * 1024}`,
  ])
    assert.ok(lines.includes(line), `${line}\n\n${lines.join('\n')}`);
});

test('containers whose removal failed three times in a row are counted', () => {
  const db = recorded(1, 1);
  db.exec('DELETE FROM action');
  const lines = () => renderMetrics(readMetrics(db), CONFIG, TEXT).split('\n');
  const fail = db.prepare(
    `INSERT INTO action (tick, at, kind, container_id, name, because, result, detail, took_ms)
     VALUES (1, 1800000020, 'remove', ?, 'x', '', ?, '', 1)`,
  );
  for (const id of ['a', 'a', 'b', 'a']) fail.run(id, 'failed');
  assert.ok(lines().includes('vigia_containers_set_aside 1'));
  fail.run('a', 'done');
  assert.ok(lines().includes('vigia_containers_set_aside 0'));
  // A success before the last three failures does not count.
  for (const result of ['failed', 'failed', 'failed']) fail.run('a', result);
  assert.ok(lines().includes('vigia_containers_set_aside 1'));
});

test('a thousand containers give no more series than one, and their names are not included', () => {
  const [one, many] = [1, 1000].map((n) => renderMetrics(readMetrics(recorded(1, n)), CONFIG, TEXT));
  assert.equal(one?.split('\n').length, many?.split('\n').length);
  assert.ok(!many?.includes('evil') && !many?.includes('\nup 0'));
});

test('in OpenMetrics a counter is declared without its suffix, and the text ends with # EOF', () => {
  const text = renderMetrics(readMetrics(recorded(1, 1)), CONFIG, OPEN);
  assert.match(text, /# TYPE vigia_cycles counter\nvigia_cycles_total 1\n/);
  assert.ok(text.endsWith('\n# EOF\n'));
  assert.match(OPEN.contentType, /^application\/openmetrics-text; version=1\.0\.0/);
});
