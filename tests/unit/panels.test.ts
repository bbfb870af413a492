// Runs every panel on a migrated database and compares its rows with the answer that panels-by-hand.ts computes in
// TypeScript from the seeds (panels-seeds.ts).
import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { containersToChoose } from '../../daemon/src/panels/containers-to-choose.ts';
import {
  dashboards,
  GRID_COLUMNS,
  HEADING_HEIGHT,
  headings,
  panels,
  place,
} from '../../daemon/src/panels/dashboards.ts';
import { LABELS } from '../../daemon/src/panels/english.ts';
import {
  gaps,
  grafanaMarks,
  interventions,
  removals,
  withGaps,
} from '../../daemon/src/panels/grafana-marks.ts';
import type { Panel } from '../../daemon/src/panels/panel.ts';
import { bindRange } from '../../daemon/src/panels/range.ts';
import { ACTION_KINDS } from '../../daemon/src/show/action-kinds.ts';
import { CHOSEN, EXPECTED, labelOf, within } from './panels-by-hand.ts';
import {
  actions,
  containers,
  cycles,
  emptyDatabase,
  HOSTILE,
  hex,
  hosts,
  insert,
  ms,
  RANGES,
  type Range,
  type Row,
  START,
  seededDatabase,
} from './panels-seeds.ts';

function run(db: DatabaseSync, sql: string, range: Range, chosen = ''): Row[] {
  const statement = db.prepare(bindRange(sql, range.from, range.to));
  const rows = /:container\b/.test(sql) ? statement.all({ container: chosen }) : statement.all();
  return rows.map((row) => ({ ...row }) as Row);
}

/**
 * Compares rows, including the order of columns, in which a table shows them. Sums of floats may differ in their last
 * bits.
 */
function assertSameRows(actual: readonly Row[], expected: readonly Row[], what: string): void {
  assert.equal(actual.length, expected.length, `${what}: rows`);
  for (const [i, row] of actual.entries()) {
    const expectedRow = expected[i] ?? {};
    assert.deepEqual(Object.keys(row), Object.keys(expectedRow), `${what}: columns`);
    for (const [name, value] of Object.entries(row)) {
      const want = expectedRow[name] ?? null;
      const same =
        typeof value === 'number' && typeof want === 'number'
          ? Math.abs(value - want) <= 1e-9 * Math.max(1, Math.abs(want))
          : value === want;
      assert.ok(same, `${what}: row ${i}, ${name}: ${value} instead of ${want}`);
    }
  }
}

function assertShape(panel: Panel, rows: readonly Row[]): void {
  const what = `${panel.id} (${panel.kind})`;
  for (const row of rows) {
    const [first, ...rest] = Object.entries(row);
    assert.ok(first, what);
    switch (panel.kind) {
      case 'stat':
        assert.equal(rest.length, 0, `${what}: one column`);
        assert.equal(typeof first[1], 'number', what);
        break;
      case 'line':
        assert.equal(first[0], 'time', what);
        assert.ok(Number.isInteger(first[1]), `${what}: whole seconds`);
        assert.ok(rest.length > 0, what);
        for (const [name, value] of rest)
          assert.ok(value === null || typeof value === 'number', `${what}: ${name}`);
        break;
      case 'timeline':
        assert.deepEqual(Object.keys(row), ['time', 'lane', 'state'], what);
        assert.ok(Number.isInteger(first[1]) && typeof row['lane'] === 'string', what);
        assert.ok(row['state'] === null || String(row['state']) in (panel.states ?? {}), what);
        break;
      case 'pie':
      case 'bar':
        assert.equal(typeof first[1], 'string', `${what}: label`);
        assert.equal(rest.length, 1, what);
        assert.equal(typeof rest[0]?.[1], 'number', what);
        break;
      case 'table':
        assert.deepEqual(Object.keys(row), Object.keys(panel.columns ?? {}), what);
        break;
    }
  }
  if (panel.kind === 'stat') assert.ok(rows.length <= 1, `${what}: ${rows.length} rows`);
  if (panel.kind === 'pie') assert.ok(rows.length <= 5, `${what}: ${rows.length} slices`);
  if (panel.kind === 'line' || panel.kind === 'timeline') {
    const times = rows.map((row) => Number(row['time']));
    const least = panel.kind === 'line' ? 1 : 0;
    for (const [i, time] of times.entries())
      assert.ok(i === 0 || time >= (times[i - 1] ?? 0) + least, `${what}: ascending`);
  }
}

/** About the whole file, or the whole life of a container. */
const WITHOUT_RANGE = new Set(['database-size', 'container-facts', 'container-decisions']);

describe('the panels', () => {
  const db = seededDatabase();

  it('have an expected answer each', () => {
    assert.deepEqual(Object.keys(EXPECTED).sort(), panels.map(({ id }) => id).sort());
  });

  for (const panel of panels) {
    it(`${panel.id} gives the answer computed from the seeds`, () => {
      for (const range of RANGES) {
        for (const chosen of panel.perContainer ? CHOSEN : ['']) {
          const rows = run(db, panel.sql, range, chosen);
          const expected = EXPECTED[panel.id]?.(range, chosen) ?? [];
          assertSameRows(rows, expected, `${panel.id}, ${range.name}, ${chosen}`);
          assertShape(panel, rows);
        }
      }
    });
  }

  it('have rows in the ordinary ranges', () => {
    for (const range of RANGES.slice(0, 2)) {
      for (const panel of panels)
        assert.ok(run(db, panel.sql, range, CHOSEN[0]).length > 0, `${panel.id}, ${range.name}`);
    }
  });

  it('have one storage class per column: the data source would truncate floats that follow an integer', () => {
    for (const range of RANGES) {
      for (const panel of panels) {
        for (const column of Object.keys(run(db, panel.sql, range, CHOSEN[0])[0] ?? {})) {
          const classes = run(
            db,
            `SELECT DISTINCT typeof("${column}") AS class FROM (${panel.sql}) WHERE "${column}" IS NOT NULL`,
            range,
            CHOSEN[0],
          );
          assert.ok(classes.length <= 1, `${panel.id}, ${column}: ${JSON.stringify(classes)}`);
        }
      }
    }
  });

  it('draw at most about 600 points for any range', () => {
    const big = emptyDatabase();
    insert(
      big,
      'host_sample',
      Array.from({ length: 50_000 }, (_, i) => ({ ...hosts[1], at: START + i * 1000 })),
    );
    const ramOverTime = panels.find(({ id }) => id === 'ram-over-time');
    for (const days of [0.1, 1, 7, 30, 90, 578]) {
      const to = START + 50_000_000;
      const rows = run(big, ramOverTime?.sql ?? '', { name: '', from: ms(to - days * 86_400), to: ms(to) });
      assert.ok(rows.length <= 602, `${days} days: ${rows.length} points`);
    }
  });

  it('answer an empty database without an error and without rows', () => {
    const empty = emptyDatabase();
    for (const range of RANGES) {
      for (const panel of panels) {
        const rows = run(empty, panel.sql, range);
        assertShape(panel, rows);
        if (panel.id === 'database-size') continue;
        assertSameRows(rows, panel.id === 'removed-total' ? [{ Eliminados: 0 }] : [], panel.id);
      }
      for (const { title, sql } of grafanaMarks) assert.deepEqual(run(empty, sql, range), [], title);
    }
  });

  it('return hostile names unchanged', () => {
    const range = RANGES[1] as Range;
    const shown = (id: string) => run(db, panels.find((panel) => panel.id === id)?.sql ?? '', range);
    const label = labelOf({ name: HOSTILE, pid: 4007, id: hex(7) });
    assert.ok(shown('top-containers-ram').some((row) => row['Contenedor'] === label));
    assert.ok(shown('top-containers-cpu').some((row) => row['Contenedor'] === label));
    assert.ok(shown('containers-now').some((row) => row['Contenedor'] === HOSTILE));
    assert.ok(shown('decisions').some((row) => row['Contenedor'] === HOSTILE));
    assert.ok(shown('processes-now').some((row) => row['Nombre'] === HOSTILE));
    assert.equal(db.prepare('SELECT COUNT(*) AS n FROM container').get()?.['n'], containers.length);
  });

  it('are one plain statement each, with no placeholder but the range and, where declared, the container', () => {
    for (const { id, sql, perContainer } of panels) {
      assert.equal(/:container\b/.test(sql), perContainer === true, id);
      if (!WITHOUT_RANGE.has(id)) assert.match(sql, /\$__to\b/, id);
    }
    for (const sql of [...[...panels, ...grafanaMarks].map(({ sql }) => sql), containersToChoose.sql]) {
      // Grafana replaces its variables even inside string literals.
      assert.doesNotMatch(sql, /\$(?!__(from|to)\b)|\[\[/, sql);
      assert.doesNotMatch(sql.replace(/'[^']*'/g, '').replaceAll(':container', ''), /;|--|\?|[:@]\w/, sql);
    }
  });

  it('say nothing about a quota that is not in force', () => {
    const own = emptyDatabase();
    insert(own, 'cycle', [{ ...cycles[0], low_keep: 0, high_keep: 2 }]);
    const range = RANGES.find(({ name }) => name === 'seven days') ?? RANGES[0];
    assert.ok(range);
    const rows = (id: string) => run(own, panels.find((panel) => panel.id === id)?.sql ?? '', range);
    assert.deepEqual(rows('low-running'), []);
    assert.equal(rows('high-running').length, 1);
    const [row] = rows('running-over-time');
    assert.deepEqual([row?.['Bajo requerido'], row?.['Alto requerido']], [null, 2]);
  });

  it('have a word for every kind of action', () => {
    const own = emptyDatabase();
    const [action] = actions;
    insert(
      own,
      'cycle',
      cycles.filter(({ tick }) => tick === action?.tick),
    );
    insert(
      own,
      'action',
      ACTION_KINDS.map((kind, i) => ({ ...action, id: i + 1, container_id: null, kind })),
    );
    const range = RANGES.find(({ name }) => name === 'seven days') ?? RANGES[0];
    assert.ok(range);
    const shown = run(own, panels.find(({ id }) => id === 'decisions')?.sql ?? '', range).map(
      (row) => row['Acción'],
    );
    assert.equal(new Set(shown).size, ACTION_KINDS.length);
    for (const word of shown) {
      assert.ok(!ACTION_KINDS.some((kind) => kind === word), String(word));
      assert.ok(String(word) in LABELS, `${word} has no English`);
    }
  });

  it('offer the containers to choose from, the most recently seen first', () => {
    const rows = db.prepare(containersToChoose.sql).all();
    assert.equal(rows.length, containers.length);
    for (const row of rows) {
      const chosen = containers.find(({ id }) => id.startsWith(String(row['__value'])));
      assert.equal(row['__text'], `${chosen?.name} (${row['__value']})`);
    }
    const seen = rows.map(
      (row) => containers.find(({ id }) => id.startsWith(String(row['__value'])))?.last_seen,
    );
    assert.deepEqual(
      seen,
      [...seen].sort((a, b) => Number(b) - Number(a)),
    );
  });

  it('mark each interval with how many it removed, and interventions one by one', () => {
    let marks = 0;
    for (const range of RANGES) {
      const counted = run(db, removals.sql, range).map(({ text }) =>
        Number(/^(\d+) eliminados/.exec(String(text))?.[1]),
      );
      assert.ok(counted.length <= 62, `${range.name}: ${counted.length} marks`);
      const inCycles = within(cycles, range);
      assert.equal(
        counted.reduce((total, count) => total + count, 0),
        inCycles.reduce((total, { removed: count }) => total + count, 0),
        range.name,
      );
      marks += counted.length;
    }
    assert.ok(marks > 50, `${marks} marks`);
    const own = emptyDatabase();
    own.exec('PRAGMA foreign_keys = 0');
    const action = { tick: 1, name: 'db', because: 'memory', result: 'done', detail: '', took_ms: 1 };
    insert(own, 'action', [
      ...['remove', 'kill', 'restart', 'squeeze'].map((kind, i) => ({ ...action, kind, at: 1000 + i })),
      { ...action, kind: 'kill', at: 1010, result: 'failed' },
    ]);
    assert.deepEqual(
      run(own, interventions.sql, { name: '', from: 0, to: 2_000_000 }).map(({ time }) => time),
      [1002, 1001],
    );
  });

  it('show a time without readings: no line crosses it, and it is marked', () => {
    const own = emptyDatabase();
    const at = [...Array.from({ length: 30 }, (_, i) => 20_000 + 20 * i), 23_000, 23_020, 23_040];
    insert(
      own,
      'cycle',
      at.map((time, tick) => ({ ...cycles[0], tick, at: time })),
    );
    insert(
      own,
      'host_sample',
      at.map((time) => ({ ...hosts[0], at: time })),
    );
    const range = { name: '', from: 20_000_000, to: 23_100_000 };
    let lines = 0;
    for (const panel of panels.filter(({ kind, perContainer }) => kind === 'line' && !perContainer)) {
      const rows = run(own, panel.sql, range);
      if (rows.length < 20) continue;
      const columns = Object.keys(rows[0] ?? {});
      const drawn = run(own, withGaps(panel.sql, columns), range);
      const broken = drawn.filter((row) => columns.slice(1).every((name) => row[name] === null));
      assert.deepEqual(
        broken.map(({ time }) => time),
        [20_600],
        panel.id,
      );
      assert.equal(drawn.length, rows.length + 1, panel.id);
      lines += 1;
    }
    assert.ok(lines >= 5, `${lines} panels`);
    assert.deepEqual(run(own, gaps.sql, range), [{ time: 20_600, timeEnd: 23_000, text: 'sin lecturas' }]);
  });
});

describe('bindRange', () => {
  it('replaces every placeholder, and only whole ones', () => {
    assert.equal(bindRange('$__from $__to $__from/1000 $__fromage', 1, 2), '1 2 1/1000 $__fromage');
  });

  it('accepts only whole milliseconds', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1.5, 2 ** 53, '1; DROP TABLE cycle' as never]) {
      assert.throws(() => bindRange('$__from', bad, 2), RangeError);
      assert.throws(() => bindRange('$__to', 1, bad), RangeError);
    }
  });
});

describe('the dashboards', () => {
  it('show every panel that the assignment requires', () => {
    const ids = (id: string) =>
      dashboards.find((d) => d.id === id)?.rows.flatMap(({ cells }) => cells.map(({ panel }) => panel.id)) ??
      [];
    const kindOf = new Map(panels.map(({ id, kind }) => [id, kind]));
    for (const id of ['total-ram', 'free-ram', 'used-ram', 'ram-over-time']) {
      assert.ok(ids('contenedores').includes(id) && ids('procesos-del-sistema').includes(id), id);
    }
    const required = {
      'removed-over-time': 'line',
      'top-containers-ram': 'pie',
      'top-containers-cpu': 'pie',
    };
    for (const [id, kind] of Object.entries(required)) {
      assert.ok(ids('contenedores').includes(id), id);
      assert.equal(kindOf.get(id), kind);
    }
    for (const id of [
      'top-processes-ram',
      'top-processes-cpu',
      'process-states',
      'process-total',
      'processes-now',
    ]) {
      assert.ok(ids('procesos-del-sistema').includes(id), id);
    }
  });

  it('give every panel an id, a title and a description of its own', () => {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
    for (const { id, description } of panels) {
      assert.match(id, /^[a-z]+(-[a-z]+)*$/);
      assert.ok(description.length > 0, id);
    }
  });

  it('place each panel inside the grid, without overlaps', () => {
    for (const dashboard of dashboards) {
      const taken = new Map<string, string>();
      for (const { text, y } of headings(dashboard)) {
        for (let column = 0; column < GRID_COLUMNS; column++) {
          for (let line = y; line < y + HEADING_HEIGHT; line++) taken.set(`${column},${line}`, text);
        }
      }
      for (const { panel, x, y, width, height } of place(dashboard)) {
        assert.ok(
          x >= 0 && width > 0 && height > 0 && x + width <= GRID_COLUMNS,
          `${dashboard.id}: ${panel.id}`,
        );
        for (let column = x; column < x + width; column++) {
          for (let line = y; line < y + height; line++) {
            const cell = `${column},${line}`;
            assert.equal(taken.get(cell), undefined, `${dashboard.id}: ${panel.id} over ${taken.get(cell)}`);
            taken.set(cell, panel.id);
          }
        }
      }
    }
  });

  it('refer only to series that the panel has', () => {
    const db = seededDatabase();
    for (const panel of panels) {
      const columns = Object.keys(run(db, panel.sql, RANGES[1] as Range, CHOSEN[0])[0] ?? {});
      if (panel.containerColumn !== undefined)
        assert.ok(panel.columns?.[panel.containerColumn], `${panel.id}: ${panel.containerColumn}`);
      for (const name of [...(panel.rightAxis ?? []), ...(panel.dashed ?? [])]) {
        assert.ok(columns.includes(name), `${panel.id}: ${name}`);
      }
    }
  });
});
