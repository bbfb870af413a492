// Validates the committed dashboards by a JSON schema that is generated from the types of the Grafana SDK.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Ajv, type AnySchema } from 'ajv';
import { createGenerator, type Schema } from 'ts-json-schema-generator';
import { dashboards } from '../../daemon/src/panels/dashboards.ts';
import { fleet } from '../../daemon/src/panels/fleet.ts';

const ROOT = join(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'vigia-schema-'));
after(() => rmSync(scratch, { recursive: true }));

/** A query of the SQLite plugin as the plugin reads it: the SDK has no types for it. */
const QUERY = {
  type: 'object',
  properties: {
    refId: { type: 'string' },
    datasource: {
      type: 'object',
      properties: { type: { const: 'frser-sqlite-datasource' }, uid: { const: 'vigia-sqlite' } },
      required: ['type', 'uid'],
      additionalProperties: false,
    },
    queryType: { enum: ['table', 'time series'] },
    rawQueryText: { type: 'string', minLength: 1 },
    queryText: { type: 'string', minLength: 1 },
    timeColumns: { type: 'array', items: { type: 'string' } },
  },
  required: ['refId', 'datasource', 'queryType', 'rawQueryText', 'queryText', 'timeColumns'],
  additionalProperties: false,
};

/** The SDK module for each panel type: it has the types of `options` and `custom`, which a panel leaves open. */
const KINDS: Readonly<Record<string, string>> = {
  stat: 'stat',
  timeseries: 'timeseries',
  piechart: 'piechart',
  bargauge: 'bargauge',
  table: 'table',
  'state-timeline': 'statetimeline',
};
/** Panel types without `fieldConfig.defaults.custom`. */
const WITHOUT_FIELDS = new Set(['stat', 'bargauge']);

/** Creates validators; each type gets its own schema, because types of different modules have the same name. */
function validators() {
  const sdk = '@grafana/grafana-foundation-sdk';
  const types = Object.values(KINDS).flatMap((module) =>
    (WITHOUT_FIELDS.has(module) ? ['Options'] : ['Options', 'FieldConfig']).map((type) => ({ module, type })),
  );
  const source = [
    `import type * as dashboard from '${sdk}/dashboard';`,
    'export type WholeDashboard = dashboard.Dashboard;',
    `import type * as prometheus from '${sdk}/prometheus';`,
    'export type PrometheusQuery = prometheus.Dataquery;',
    ...Object.values(KINDS).map((module) => `import type * as ${module} from '${sdk}/${module}';`),
    ...types.map(({ module, type }) => `export type ${module}${type} = ${module}.${type};`),
  ].join('\n');
  symlinkSync(join(ROOT, 'node_modules'), join(scratch, 'node_modules'));
  writeFileSync(join(scratch, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(scratch, 'types.ts'), source);
  const compilerOptions = {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    strict: true,
    skipLibCheck: true,
  };
  writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  const generator = createGenerator({
    path: join(scratch, 'types.ts'),
    tsconfig: join(scratch, 'tsconfig.json'),
    functions: 'hide',
    skipTypeCheck: true,
  });
  return (type: string, query: object | null = QUERY) => {
    const schema = generator.createSchema(type);
    for (const name of Object.keys(schema.definitions ?? {})) {
      if (query !== null && schema.definitions !== undefined && /Dataquery$/i.test(name))
        schema.definitions[name] = query as Definition;
    }
    const validate = new Ajv({ strict: false, allErrors: true }).compile(schema as AnySchema);
    return (value: unknown): string[] =>
      validate(value)
        ? []
        : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}
type Definition = NonNullable<Schema['definitions']>[string];

const validatorOf = validators();
const asDashboard = validatorOf('WholeDashboard');
const read = (path: string) => JSON.parse(readFileSync(join(ROOT, 'dashboards', path), 'utf8'));
const overSqlite = ['es', 'en'].flatMap((language) =>
  dashboards.map(({ id }) => read(`grafana/${language}/${id}.json`)),
);
const overPrometheus = read(`fleet/grafana/${fleet.id}.json`);
const committed = [...overSqlite, overPrometheus];

describe("the committed dashboards, by the SDK's own types", () => {
  it('are dashboards', () => {
    for (const dashboard of overSqlite) assert.deepEqual(asDashboard(dashboard), []);
    assert.deepEqual(validatorOf('WholeDashboard', { type: 'object' })(overPrometheus), []);
  });

  it('query Prometheus as its data source expects', () => {
    const asQuery = validatorOf('PrometheusQuery', null);
    let queries = 0;
    for (const { title, targets } of overPrometheus.panels) {
      for (const target of targets ?? []) {
        assert.deepEqual(asQuery(target), [], title);
        queries += 1;
      }
    }
    assert.ok(queries > 15, `${queries} queries`);
    assert.ok(asQuery({ expr: 'up', format: 'tabel' }).length > 0);
  });

  for (const [type, module] of Object.entries(KINDS)) {
    it(`every ${type} panel has the options of that type`, () => {
      const options = validatorOf(`${module}Options`);
      const fields = WITHOUT_FIELDS.has(module) ? () => [] : validatorOf(`${module}FieldConfig`);
      const panels = committed
        .flatMap((dashboard) => dashboard.panels)
        .flatMap((panel) => (panel.type === 'row' ? (panel.panels ?? []) : [panel]))
        .filter((panel) => panel.type === type);
      assert.ok(panels.length > 0, `no ${type}`);
      for (const panel of panels) {
        assert.deepEqual(options(panel.options), [], panel.title);
        if (panel.fieldConfig.defaults.custom !== undefined)
          assert.deepEqual(fields(panel.fieldConfig.defaults.custom), [], panel.title);
      }
    });
  }

  it('are rejected with a wrong field, a wrong query or a wrong option', () => {
    const broken = (change: (dashboard: (typeof committed)[number]) => void) => {
      const copy = structuredClone(committed[0]);
      change(copy);
      return asDashboard(copy).length;
    };
    assert.ok(
      broken((d) => {
        d.refresh = 20;
      }) > 0,
    );
    assert.ok(
      broken((d) => {
        d.panels[0].gridPos.w = 'wide';
      }) > 0,
    );
    assert.ok(
      broken((d) => {
        d.panels[0].targets[0].queryType = 'tabel';
      }) > 0,
    );
    assert.ok(
      broken((d) => {
        delete d.panels[0].targets[0].queryText;
      }) > 0,
    );
    assert.ok(
      broken((d) => {
        d.annotations.list[0].enable = 'yes';
      }) > 0,
    );
    assert.ok(validatorOf('piechartOptions')({ pieType: 'cake' }).length > 0);
  });
});
