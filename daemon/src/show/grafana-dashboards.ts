// Development only, since it needs the Grafana SDK. The package contains the JSON that build-dashboards.ts makes with
// it.
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import {
  AnnotationPanelFilterBuilder,
  AnnotationQueryBuilder,
  type DashboardBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { containersToChoose } from '../panels/containers-to-choose.ts';
import { type Dashboard, place } from '../panels/dashboards.ts';
import { grafanaMarks, withGaps } from '../panels/grafana-marks.ts';
import type { Panel } from '../panels/panel.ts';
import { bindRange } from '../panels/range.ts';
import { columnsOf } from '../record/columns-of.ts';
import type { Language } from '../words/language.ts';
import { inEnglish, sqlInEnglish } from './grafana-english.ts';
import { addPanels, CONTAINER_VARIABLE, draw, emptyDashboard, textOf } from './grafana-panel.ts';

/** The names used in dashboards/provisioning. */
const DATASOURCE: DataSourceRef = { type: 'frser-sqlite-datasource', uid: 'vigia-sqlite' };

/** The JSON text of a dashboard over one host's database. Deterministic. */
export function renderDashboard(dashboard: Dashboard, language: Language): string {
  const shown = language === 'en' ? inEnglish(dashboard) : dashboard;
  const builder = emptyDashboard(shown);
  for (const { title, colour, panels, sql } of grafanaMarks) {
    const ids = place(dashboard).flatMap(({ panel }, i) => (panels?.includes(panel.id) ? [i + 1] : []));
    if (panels !== null && ids.length === 0) continue;
    addMarks(
      builder,
      language === 'en' ? sqlInEnglish(title) : title,
      colour,
      ids,
      inLanguage(sql, language),
    );
  }
  if (place(dashboard).some(({ panel }) => panel.perContainer)) builder.withVariable(containerVariable());
  addPanels(builder, shown, (placed, id) =>
    draw(placed, id).datasource(DATASOURCE).withTarget(queryOf(placed.panel, language)),
  );
  return textOf(builder);
}

function addMarks(
  builder: DashboardBuilder,
  title: string,
  colour: string,
  ids: readonly number[],
  sql: string,
): void {
  const marks = new AnnotationQueryBuilder()
    .name(title)
    .datasource(DATASOURCE)
    .enable(true)
    .hide(false)
    .iconColor(colour)
    .target(new SqliteQuery('Anno', escapeText(sql), 'table', ['time', 'timeEnd']));
  if (ids.length > 0) marks.filter(new AnnotationPanelFilterBuilder().exclude(false).ids([...ids]));
  builder.annotation(marks);
}

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
const grafanaSql = (sql: string): string =>
  sql.replaceAll(/:container\b/g, `\${${CONTAINER_VARIABLE}:sqlstring}`);

const inLanguage = (sql: string, language: Language): string => (language === 'en' ? sqlInEnglish(sql) : sql);

/** The SQL that Grafana runs for a panel. */
export function grafanaQuery(panel: Panel, language: Language): string {
  const sql = inLanguage(panel.sql, language);
  return grafanaSql(panel.kind === 'line' ? withGaps(sql, columnsOf(bindRange(sql, 0, 1))) : sql);
}

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
  const columns = columnsOf(bindRange(sql, 0, 1)).filter((name) => name !== 'text');
  return `SELECT ${columns.join(', ')}, replace(replace(replace(text, '&', '&amp;'), '<', '&lt;'), '>', '&gt;') AS text
FROM (
${sql}
)`;
}

function queryOf(panel: Panel, language: Language): SqliteQuery {
  const sql = grafanaQuery(panel, language);
  if (panel.kind === 'line') return new SqliteQuery('A', sql, 'time series', ['time']);
  if (panel.kind === 'timeline') return new SqliteQuery('A', sql, 'table', ['time']);
  const columns = Object.entries(panel.columns ?? {});
  const times = columns.filter(([, unit]) => unit === 'time').map(([name]) => name);
  return new SqliteQuery('A', sql, 'table', language === 'en' ? times.map(sqlInEnglish) : times);
}
