// The alerts: each query on a migrated database, and the provisioning file as Grafana's alert engine reads it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { alerts } from '../../daemon/src/panels/alerts.ts';
import { migrate } from '../../daemon/src/record/database.ts';
import { renderAlerts } from '../../daemon/src/show/grafana-alerts.ts';

const FILE = join(import.meta.dirname, '../../dashboards/provisioning/alerting/vigia.yaml');

function database(...statements: string[]): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  for (const sql of statements) db.exec(sql);
  db.exec('PRAGMA query_only = 1');
  return db;
}

/** The value that Grafana would use: the only number of the only row. Null or no row is "no data". */
function alertValue(id: string, db: DatabaseSync): number | null {
  const alert = alerts.find((one) => one.id === id);
  assert.ok(alert);
  const rows = db.prepare(alert.sql).all();
  assert.ok(rows.length <= 1);
  const values = Object.values(rows[0] ?? { nothing: null });
  assert.equal(values.length, 1);
  const [value] = values;
  assert.ok(value === null || typeof value === 'number', `${value}`);
  return value;
}

const cycle = (tick: number, at: number, low: number, high: number, keep: number | null = null) => `
  INSERT INTO cycle (tick, at, sensor, plan, candidates, low_before, high_before, unknown_before, low_after, high_after,
                     unknown_after, removed, started, sense_ms, decide_ms, act_ms, rss_kb, low_keep, high_keep)
  VALUES (${tick}, ${at}, 'kernel', 'act', '[]', 3, 2, 0, ${low}, ${high}, 0, 0, 0, 1, 1, 1, 1, ${keep}, ${keep})`;
const host = (at: number) =>
  `INSERT INTO host_sample (at, cpus, total_kb, free_kb, available_kb, used_kb) VALUES (${at}, 1, 1, 1, 1, 1)`;
const action = (tick: number, at: number, kind: string, result: string, id = 'a') => `
  INSERT INTO action (tick, at, kind, container_id, name, because, result, detail, took_ms)
  VALUES (${tick}, ${at}, '${kind}', '${id}', 'x', '', '${result}', '', 1)`;

describe('the alert queries', () => {
  it('count the containers that are missing below the floors in the newest cycle', () => {
    for (const [low, high, missing] of [
      [3, 2, 0],
      [9, 9, 0],
      [2, 2, 1],
      [3, 0, 2],
      [9, 1, 1],
      [0, 0, 5],
    ] as const) {
      const db = database(cycle(1, 1000, 0, 0), cycle(2, 1020, low, high));
      assert.equal(alertValue('floor-violated', db), missing, `${low} + ${high}`);
    }
    assert.equal(alertValue('floor-violated', database()), null);
    // The quotas in force are those of the cycle; without any, nothing is missing.
    assert.equal(alertValue('floor-violated', database(cycle(1, 1000, 0, 3, 4))), 5);
    assert.equal(alertValue('floor-violated', database(cycle(1, 1000, 0, 0, 0))), 0);
  });

  it('give the age of the newest sample by the current clock', () => {
    const seconds = () => Math.floor(Date.now() / 1000);
    const at = seconds() - 123;
    const before = seconds();
    const age = alertValue('sensor-stale', database(host(at - 500), host(at)));
    assert.ok(age !== null && age >= before - at && age <= seconds() - at, `${age}`);
    assert.equal(alertValue('sensor-stale', database()), null);
  });

  it('count the containers whose last three removals failed', () => {
    const failing = [1, 2, 3].flatMap((tick) => [
      cycle(tick, 1000 + 20 * tick, 3, 2),
      action(tick, 1000 + 20 * tick, 'remove', 'failed'),
    ]);
    const value = (...statements: string[]) => alertValue('removals-fail', database(...statements));
    assert.equal(value(...failing), 1);
    assert.equal(value(...failing.slice(2)), 0, 'two failures are not enough');
    assert.equal(value(), 0);
    // Neither a cycle without a removal, nor a skipped one, nor the removal of another container says that it works.
    const others = [
      cycle(4, 1080, 3, 2),
      action(4, 1080, 'start', 'done'),
      action(4, 1080, 'remove', 'skipped'),
      action(4, 1080, 'remove', 'done', 'b'),
    ];
    assert.equal(value(...failing, ...others), 1);
    assert.equal(value(...failing, cycle(4, 1080, 3, 2), action(4, 1080, 'remove', 'done')), 0);
    const second = [1, 2, 3].map((tick) => action(tick, 1000 + 20 * tick, 'remove', 'failed', 'b'));
    assert.equal(value(...failing, ...second), 2);
    // Failures of long ago do not count.
    assert.equal(value(...failing, cycle(9, 1800, 3, 2)), 0);
  });

  it('have no placeholder, since the alert engine replaces none', () => {
    for (const { id, sql } of alerts) assert.doesNotMatch(sql, /\$|\[\[|:[a-z]|\?|;/, id);
  });
});

describe('the provisioning file', () => {
  const text = readFileSync(FILE, 'utf8');

  it('is what the code generates, byte for byte', () => assert.equal(text, renderAlerts(alerts)));

  it('has nothing that Grafana would read as an environment variable', () => assert.ok(!text.includes('$')));

  it('queries the provisioned data source and compares the number with the threshold', () => {
    const { apiVersion, groups } = parse(text);
    const source = parse(readFileSync(join(FILE, '../../datasources/vigia.yaml'), 'utf8')).datasources[0];
    assert.equal(apiVersion, 1);
    assert.equal(groups.length, 1);
    const { rules } = groups[0];
    assert.deepEqual(
      rules.map(({ uid }: { uid: string }) => uid),
      alerts.map(({ id }) => `vigia-${id}`),
    );
    for (const [i, rule] of rules.entries()) {
      const [query, threshold] = rule.data;
      // Grafana's own limit.
      assert.match(rule.uid, /^[A-Za-z0-9_-]{1,40}$/);
      assert.equal(rule.condition, threshold.refId);
      assert.equal(query.datasourceUid, source.uid);
      assert.deepEqual(query.model.datasource, { type: source.type, uid: source.uid });
      assert.equal(query.model.queryText, alerts[i]?.sql);
      assert.equal(query.model.rawQueryText, query.model.queryText);
      assert.equal(threshold.datasourceUid, '__expr__');
      assert.equal(threshold.model.expression, query.refId);
      assert.deepEqual(threshold.model.conditions, [
        { evaluator: { type: 'gt', params: [alerts[i]?.above] } },
      ]);
    }
  });
});
