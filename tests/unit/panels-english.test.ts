import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { dashboards, panels } from '../../daemon/src/panels/dashboards.ts';
import { LABELS, TITLES } from '../../daemon/src/panels/english.ts';
import { bindRange } from '../../daemon/src/panels/range.ts';
import { migrate } from '../../daemon/src/record/database.ts';

/** Labels that are the same in both languages, or never shown. */
const SAME = new Set([
  'time',
  'lane',
  'state',
  'Total',
  'RAM',
  'RSS',
  'VSZ',
  'CPU',
  'CPU, some',
  'ID',
  'PID',
  'UID',
  'Vigía',
]);

test('every dashboard, panel, column and series has an English label', () => {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  const titles = [...dashboards.map(({ id }) => id), ...panels.map(({ id }) => id)];
  // The figure of a stat panel is labelled by the title of the panel, not by its column.
  const labels = panels
    .filter(({ kind }) => kind !== 'stat')
    .flatMap(({ sql }) => db.prepare(bindRange(sql, 0, 1)).columns())
    .map(({ name }) => name);
  assert.ok(labels.length > 50, `${labels.length} columns`);
  assert.deepEqual(
    titles.filter((id) => !(id in TITLES)),
    [],
  );
  assert.deepEqual(
    [...new Set(labels)].filter((label) => !(label in LABELS) && !SAME.has(label)),
    [],
  );
});
