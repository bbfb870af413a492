// Development only, since it needs the Grafana SDK. The package contains the JSON that build-dashboards.ts makes with
// it.
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import {
  AnnotationQueryBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { containersToChoose } from '../panels/containers-to-choose.ts';
import { type Dashboard, place } from '../panels/dashboards.ts';
import { deathMarks } from '../panels/death-marks.ts';
import type { Panel } from '../panels/panel.ts';
import { removalMarks } from '../panels/removal-marks.ts';
import { addPanels, CONTAINER_VARIABLE, draw, emptyDashboard, textOf } from './grafana-panel.ts';

/** The names used in dashboards/provisioning. */
const DATASOURCE: DataSourceRef = { type: 'frser-sqlite-datasource', uid: 'vigia-sqlite' };

/** The JSON text of a dashboard over one host's database. Deterministic. */
export function renderDashboard(dashboard: Dashboard): string {
  const builder = emptyDashboard(dashboard)
    .annotation(annotation(removalMarks, 'red'))
    .annotation(annotation(deathMarks, 'purple'));
  if (place(dashboard).some(({ panel }) => panel.perContainer)) builder.withVariable(containerVariable());
  addPanels(builder, dashboard, (placed, id) =>
    draw(placed, id).datasource(DATASOURCE).withTarget(queryOf(placed.panel)),
  );
  return textOf(builder);
}

/** Marks on the time axes. */
const annotation = ({ title, sql }: { title: string; sql: string }, colour: string): AnnotationQueryBuilder =>
  new AnnotationQueryBuilder()
    .name(title)
    .datasource(DATASOURCE)
    .enable(true)
    .hide(false)
    .iconColor(colour)
    .target(new SqliteQuery('Anno', escapeText(sql), 'table', ['time']));

/** The variable that selects the container of the panels that need one. */
function containerVariable(): QueryVariableBuilder {
  return new QueryVariableBuilder(CONTAINER_VARIABLE)
    .label(containersToChoose.title)
    .datasource(DATASOURCE)
    .query(containersToChoose.sql)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .allowCustomValue(true);
}

/** Replaces SQLite's parameter by Grafana's variable; `sqlstring` quotes it and doubles quotes inside. */
export const grafanaSql = (sql: string): string =>
  sql.replaceAll(/:container\b/g, `\${${CONTAINER_VARIABLE}:sqlstring}`);

/** A query of the SQLite plugin, which the SDK has no types for. */
class SqliteQuery implements Builder<Dataquery> {
  readonly #query: object;

  constructor(
    refId: string,
    sql: string,
    queryType: 'table' | 'time series',
    timeColumns: readonly string[],
  ) {
    // The browser runs rawQueryText and the alert engine queryText, so both must be the same.
    this.#query = {
      refId,
      datasource: DATASOURCE,
      queryType,
      rawQueryText: sql,
      queryText: sql,
      timeColumns,
    };
  }

  build(): Dataquery {
    return { ...this.#query, _implementsDataqueryVariant: () => {} };
  }
}

/** Escapes the text of an annotation, since Grafana renders it as (sanitized) HTML. */
function escapeText(sql: string): string {
  return `SELECT time, replace(replace(replace(text, '&', '&amp;'), '<', '&lt;'), '>', '&gt;') AS text
FROM (
${sql}
)`;
}

function queryOf(panel: Panel): SqliteQuery {
  const sql = grafanaSql(panel.sql);
  if (panel.kind === 'line') return new SqliteQuery('A', sql, 'time series', ['time']);
  if (panel.kind === 'timeline') return new SqliteQuery('A', sql, 'table', ['time']);
  const columns = Object.entries(panel.columns ?? {});
  const times = columns.filter(([, unit]) => unit === 'time').map(([name]) => name);
  return new SqliteQuery('A', sql, 'table', times);
}
