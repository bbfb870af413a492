// The committed dashboards as Grafana reads them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { containersToChoose } from '../../daemon/src/panels/containers-to-choose.ts';
import { dashboards, headings, place } from '../../daemon/src/panels/dashboards.ts';
import { LABELS, TITLES } from '../../daemon/src/panels/english.ts';
import { bindRange } from '../../daemon/src/panels/range.ts';
import { migrate } from '../../daemon/src/record/database.ts';
import { grafanaQuery, renderDashboard } from '../../daemon/src/show/grafana-dashboards.ts';

interface Target {
  readonly refId: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly queryType: string;
  readonly rawQueryText: string;
  readonly queryText: string;
  readonly timeColumns: readonly string[];
}

interface Drawn {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly targets: readonly Target[];
  readonly options: { readonly reduceOptions?: { readonly values: boolean } };
  readonly fieldConfig: { readonly defaults: { readonly unit?: string } };
}

interface Heading {
  readonly id: number;
  readonly type: 'row';
  readonly collapsed: boolean;
  readonly panels?: readonly Drawn[];
  readonly title: string;
  readonly gridPos: Drawn['gridPos'];
}

interface Committed {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly editable: boolean;
  readonly refresh: string;
  readonly panels: readonly (Drawn | Heading)[];
  readonly templating: {
    readonly list?: readonly { readonly name: string; readonly query: string; readonly refresh: number }[];
  };
  readonly annotations: { readonly list: readonly { readonly enable: boolean; readonly target: Target }[] };
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const LANGUAGES = ['es', 'en'] as const;
const committed = LANGUAGES.flatMap((language) =>
  dashboards.map((dashboard) => {
    const json = JSON.parse(read(`dashboards/grafana/${language}/${dashboard.id}.json`)) as Committed;
    // Panels of a row that is folded are inside it.
    const drawn = json.panels.flatMap((panel) => ('targets' in panel ? [panel] : (panel.panels ?? [])));
    return { language, dashboard, json, drawn };
  }),
);
const spanish = committed.filter(({ language }) => language === 'es');

describe('the committed dashboards', () => {
  it('are exactly what the code generates, byte for byte', () => {
    for (const { language, dashboard } of committed) {
      const file = `dashboards/grafana/${language}/${dashboard.id}.json`;
      assert.equal(read(file), renderDashboard(dashboard, language));
    }
    assert.deepEqual(
      LANGUAGES.flatMap((language) => readdirSync(join(ROOT, 'dashboards/grafana', language))).sort(),
      committed.map(({ dashboard }) => `${dashboard.id}.json`).sort(),
    );
  });

  it('have the classic schema, are not editable, refresh every 20 s and have different uids', () => {
    for (const { language, dashboard, json } of committed) {
      assert.equal(json.uid, `vigia-${dashboard.id}`);
      assert.equal(json.title, language === 'es' ? dashboard.title : TITLES[dashboard.id]);
      assert.equal(json.schemaVersion, 42);
      assert.equal(json.editable, false);
      assert.equal(json.refresh, '20s');
    }
    assert.equal(new Set(committed.map(({ json }) => json.uid)).size, dashboards.length);
  });

  it('have every panel in its place, numbered from one', () => {
    for (const { language, dashboard, json, drawn } of committed) {
      const placed = place(dashboard);
      const titleOf = (id: string, title: string) => (language === 'es' ? title : TITLES[id]);
      assert.deepEqual(
        drawn.map(({ id, title, gridPos }) => ({ id, title, gridPos })),
        placed.map(({ panel, x, y, width, height }, i) => ({
          id: i + 1,
          title: titleOf(panel.id, panel.title),
          gridPos: { x, y, w: width, h: height },
        })),
      );
      // For Grafana the panels of a row are those that follow it in the list.
      const order = json.panels.map(({ gridPos: { x, y } }) => y * 100 + x);
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      );
      assert.equal(new Set(json.panels.map(({ id }) => id)).size, json.panels.length);
      assert.deepEqual(
        json.panels
          .filter(({ type }) => type === 'row')
          .map(({ title, gridPos: { x, y, w, h } }) => ({ title, x, y, w, h })),
        headings(dashboard).map(({ text, y }) => ({ title: titleOf(text, text), x: 0, y, w: 24, h: 1 })),
      );
    }
  });

  it('query the provisioned data source with the SQL of the panel', () => {
    const { datasources } = parse(read('dashboards/provisioning/datasources/vigia.yaml'));
    const { type, uid } = datasources[0];
    for (const { language, dashboard, json, drawn } of committed) {
      const targets = [...drawn.flatMap((p) => p.targets), ...json.annotations.list.map((a) => a.target)];
      for (const target of targets) {
        assert.deepEqual(target.datasource, { type, uid });
        assert.equal(target.rawQueryText, target.queryText);
      }
      assert.deepEqual(
        drawn.map((p) => p.targets.map((t) => t.queryText)),
        place(dashboard).map(({ panel }) => [grafanaQuery(panel, language)]),
      );
    }
  });

  it('have the panel type and query type that the plugin and Grafana need', () => {
    const type = {
      stat: 'stat',
      line: 'timeseries',
      pie: 'piechart',
      bar: 'bargauge',
      timeline: 'state-timeline',
      table: 'table',
    };
    for (const { language, dashboard, drawn } of committed) {
      for (const [i, { panel }] of place(dashboard).entries()) {
        const one = drawn[i];
        const target = one?.targets[0];
        assert.ok(one && target);
        assert.equal(one.type, type[panel.kind], panel.id);
        assert.equal(target.queryType, panel.kind === 'line' ? 'time series' : 'table', panel.id);
        // With false the whole table would be one slice.
        if (panel.kind === 'pie' || panel.kind === 'bar')
          assert.equal(one.options.reduceOptions?.values, true);
        if (panel.unit === 'kib') assert.equal(one.fieldConfig.defaults.unit, 'kbytes', 'KiB, not kB');
        const times =
          panel.kind === 'line' || panel.kind === 'timeline'
            ? ['time']
            : Object.keys(panel.columns ?? {})
                .filter((name) => panel.columns?.[name] === 'time')
                .map((name) => (language === 'es' ? name : LABELS[name]));
        assert.deepEqual(target.timeColumns, times, panel.id);
      }
    }
  });

  it('have a variable for the container of per-container panels, always quoted as an SQL string', () => {
    for (const { dashboard, json, drawn } of committed) {
      const about = place(dashboard).some(({ panel }) => panel.perContainer);
      assert.deepEqual(
        (json.templating.list ?? []).map(({ name, query, refresh }) => ({ name, query, refresh })),
        about ? [{ name: 'container', query: containersToChoose.sql, refresh: 2 }] : [],
      );
      for (const [i, { panel }] of place(dashboard).entries()) {
        const queries = drawn[i]?.targets.map(({ queryText }) => queryText) ?? [];
        const uses = queries.flatMap((text) => text.match(/\$\{?container[^}\s]*\}?/g) ?? []);
        assert.equal(uses.length > 0, panel.perContainer === true, panel.id);
        for (const use of uses) assert.equal(use, `\${container:sqlstring}`);
        for (const text of queries)
          assert.doesNotMatch(text, /:container\b/, 'SQLite would ask for the parameter');
      }
    }
  });

  it('annotate with escaped names, because Grafana renders HTML', () => {
    const db = new DatabaseSync(':memory:');
    migrate(db);
    db.exec('PRAGMA foreign_keys = 0');
    db.prepare(
      `INSERT INTO action (tick, at, kind, name, because, result, detail, took_ms)
       VALUES (1, 1700000000, 'kill', ?, ?, 'done', '', 1)`,
    ).run('<img src=x onerror="alert(1)">', 'sobra & pesa');
    for (const { json } of committed) {
      const found = json.annotations.list.flatMap((mark) => {
        assert.ok(mark.enable);
        assert.deepEqual(mark.target.timeColumns, ['time', 'timeEnd']);
        return db.prepare(bindRange(mark.target.queryText, 1_699_999_999_000, 1_700_000_001_000)).all();
      });
      assert.deepEqual(
        found.map((row) => ({ ...row })),
        [{ time: 1_700_000_000, text: '&lt;img src=x onerror="alert(1)"&gt;: sobra &amp; pesa' }],
      );
    }
  });

  it('mark removals only where they are counted: on every panel they hid what they should explain', () => {
    const [{ json, dashboard } = assert.fail()] = spanish;
    const [marks] = json.annotations.list as unknown as { filter: { exclude: boolean; ids: number[] } }[];
    assert.deepEqual(
      marks?.filter.ids.map((id) => place(dashboard)[id - 1]?.panel.id),
      ['removed-over-time', 'running-over-time'],
    );
    assert.equal(marks?.filter.exclude, false);
  });
});

describe('build-dashboards', () => {
  it('writes the files; with --check it only reports which are not current', () => {
    const copy = mkdtempSync(join(tmpdir(), 'vigia-dashboards-'));
    try {
      for (const part of ['model', 'panels', 'policy', 'record', 'layout', 'show', 'words'].map(
        (name) => `daemon/src/${name}`,
      )) {
        cpSync(join(ROOT, part), join(copy, part), { recursive: true });
      }
      cpSync(join(ROOT, 'dashboards'), join(copy, 'dashboards'), { recursive: true });
      cpSync(
        join(ROOT, 'daemon/src/app/build-dashboards.ts'),
        join(copy, 'daemon/src/app/build-dashboards.ts'),
      );
      cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
      symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
      const build = (...args: string[]) =>
        spawnSync(process.execPath, ['daemon/src/app/build-dashboards.ts', ...args], {
          cwd: copy,
          encoding: 'utf8',
        });
      const [first, second] = dashboards.map(({ id }) => join(copy, `dashboards/grafana/es/${id}.json`));
      assert.ok(first && second);

      assert.equal(build('--check').status, 0);

      appendFileSync(first, ' ');
      rmSync(second);
      writeFileSync(join(copy, 'dashboards/grafana/en/viejo.json'), '{}');
      const refused = build('--check');
      assert.equal(refused.status, 1);
      assert.match(refused.stderr, /contenedores\.json: differs from what the panels make/);
      assert.match(refused.stderr, /procesos-del-sistema\.json: is missing/);
      assert.match(refused.stderr, /viejo\.json: nothing makes this file/);
      assert.match(refused.stderr, /npm run build:dashboards/);
      assert.ok(readFileSync(first, 'utf8').endsWith('\n '), '--check writes nothing');

      assert.equal(build().status, 0);
      assert.equal(build('--check').status, 0);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
});
