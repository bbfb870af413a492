// Development only: it needs the Grafana SDK. The service ships the JSON that build-dashboards.ts makes with it.
import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  AxisPlacement,
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  type DataSourceRef,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  FieldColorBuilder,
  FieldColorModeId,
  type Panel as GrafanaPanel,
  MappingType,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  TimePickerBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  PanelBuilder as PieChartBuilder,
  PieChartLabels,
  PieChartLegendOptionsBuilder,
  PieChartLegendValues,
} from '@grafana/grafana-foundation-sdk/piechart';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { containersToChoose } from '../panels/containers-to-choose.ts';
import {
  type Dashboard,
  GRID_COLUMNS,
  HEADING_HEIGHT,
  headings,
  type Placed,
  place,
} from '../panels/dashboards.ts';
import type { Panel, PanelKind, Threshold, Unit } from '../panels/panel.ts';
import { removalMarks } from '../panels/removal-marks.ts';

/** The names used in dashboards/provisioning. */
const DATASOURCE: DataSourceRef = { type: 'frser-sqlite-datasource', uid: 'vigia-sqlite' };
const TAG = 'vigia';

/** Grafana's names: its `kbytes` is KiB, its `none` prints every digit (`short` would print a pid as 4.71 K). */
const UNITS: Readonly<Record<Exclude<Unit, 'text' | 'time'>, string>> = {
  kib: 'kbytes',
  bytes: 'bytes',
  percent: 'percent',
  count: 'none',
  seconds: 's',
  milliseconds: 'ms',
  bytesPerSecond: 'binBps',
};

const PLAIN: readonly Threshold[] = [{ from: null, colour: 'blue' }];

/** The JSON text of a dashboard, the same for the same panels. */
export function renderDashboard(dashboard: Dashboard): string {
  const builder = new DashboardBuilder(dashboard.title)
    .uid(`vigia-${dashboard.id}`)
    .description(dashboard.description)
    .tags([TAG])
    .timezone('browser')
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .timepicker(new TimePickerBuilder().refreshIntervals(['10s', '20s', '1m', '5m', '30m', '1h']))
    .refresh('20s')
    .link(
      new DashboardLinkBuilder('Vigía')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .keepTime(true)
        .includeVars(true),
    )
    .annotation(
      new AnnotationQueryBuilder()
        .name(removalMarks.title)
        .datasource(DATASOURCE)
        .enable(true)
        .hide(false)
        .iconColor('red')
        .target(new SqliteQuery('Anno', escapeText(removalMarks.sql), 'table', ['time'])),
    );
  if (place(dashboard).some(({ panel }) => panel.perContainer)) builder.withVariable(chooser());
  addPanels(builder, dashboard);
  const built = builder.build();
  // The SDK's default hides both in a menu; without it Grafana shows them above the panels.
  for (const item of [...(built.links ?? []), ...(built.annotations?.list ?? [])]) delete item.placement;
  return `${JSON.stringify(built, null, 2)}\n`;
}

/** Panels are numbered from one, headings after them: a heading that comes or goes renumbers no panel. */
function addPanels(builder: DashboardBuilder, dashboard: Dashboard): void {
  const panels = place(dashboard);
  const left = headings(dashboard).map(({ text, y }, index) => ({ text, y, id: panels.length + 1 + index }));
  for (const [index, placed] of panels.entries()) {
    const [next] = left;
    if (next !== undefined && next.y < placed.y) {
      left.shift();
      const { text, y, id } = next;
      builder.withRow(new RowBuilder(text).id(id).gridPos({ x: 0, y, w: GRID_COLUMNS, h: HEADING_HEIGHT }));
    }
    builder.withPanel(panelOf(placed, index + 1));
  }
}

const CONTAINER_VARIABLE = 'container';

/** Chooses the container of the panels that are about one. */
function chooser(): QueryVariableBuilder {
  return new QueryVariableBuilder(CONTAINER_VARIABLE)
    .label(containersToChoose.title)
    .datasource(DATASOURCE)
    .query(containersToChoose.sql)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .allowCustomValue(true);
}

/** SQLite's parameter as Grafana's variable: `sqlstring` puts the quotes around it and doubles those inside. */
export const grafanaSql = (sql: string): string =>
  sql.replaceAll(/:container\b/g, `\${${CONTAINER_VARIABLE}:sqlstring}`);

/** The SDK knows no types of this plugin. */
class SqliteQuery implements Builder<Dataquery> {
  readonly #query: object;

  constructor(
    refId: string,
    sql: string,
    queryType: 'table' | 'time series',
    timeColumns: readonly string[],
  ) {
    // The browser runs rawQueryText, the alert engine queryText: they must not differ.
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

/** Grafana draws the text of an annotation as HTML (cleaned, but HTML); in it a container's name is only a name. */
function escapeText(sql: string): string {
  return `SELECT time, replace(replace(replace(text, '&', '&amp;'), '<', '&lt;'), '>', '&gt;') AS text
FROM (
${sql}
)`;
}

type AnyBuilder =
  | StateTimelineBuilder
  | StatBuilder
  | TimeSeriesBuilder
  | PieChartBuilder
  | BarGaugeBuilder
  | TableBuilder;

const BUILDERS: Readonly<Record<PanelKind, (panel: Panel) => AnyBuilder>> = {
  stat: statOf,
  line: lineOf,
  pie: pieOf,
  bar: barOf,
  timeline: timelineOf,
  table: tableOf,
};

/** Ids and positions are set by hand: left to itself the builder numbers nothing and lets panels overflow the grid. */
function panelOf({ panel, x, y, width, height }: Placed, id: number): Builder<GrafanaPanel> {
  const builder = BUILDERS[panel.kind](panel)
    .id(id)
    .gridPos({ x, y, w: width, h: height })
    .title(panel.title)
    .description(panel.description)
    .datasource(DATASOURCE)
    .noValue('sin datos')
    .withTarget(queryOf(panel));
  if (panel.unit !== 'text' && panel.unit !== 'time') builder.unit(UNITS[panel.unit]);
  if (panel.decimals !== undefined) builder.decimals(panel.decimals);
  return builder;
}

function queryOf(panel: Panel): SqliteQuery {
  const sql = grafanaSql(panel.sql);
  if (panel.kind === 'line') return new SqliteQuery('A', sql, 'time series', ['time']);
  if (panel.kind === 'timeline') return new SqliteQuery('A', sql, 'table', ['time']);
  const columns = Object.entries(panel.columns ?? {});
  const times = columns.filter(([, unit]) => unit === 'time').map(([name]) => name);
  return new SqliteQuery('A', sql, 'table', times);
}

function statOf(panel: Panel): StatBuilder {
  return new StatBuilder()
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .thresholds(thresholdsOf(panel.thresholds ?? PLAIN));
}

function lineOf(panel: Panel): TimeSeriesBuilder {
  const builder = new TimeSeriesBuilder()
    .min(0)
    .lineWidth(2)
    .fillOpacity(panel.stacked ? 40 : 10)
    .lineInterpolation(panel.unit === 'count' ? LineInterpolation.StepAfter : LineInterpolation.Linear)
    .showPoints(VisibilityMode.Never)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs([]),
    )
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic));
  if (panel.max !== undefined) builder.max(panel.max);
  if (panel.stacked) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  for (const name of panel.rightAxis ?? []) {
    builder.overrideByName(name, [{ id: 'custom.axisPlacement', value: AxisPlacement.Right }]);
  }
  for (const name of panel.dashed ?? []) {
    builder.overrideByName(name, [
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
      { id: 'custom.fillOpacity', value: 0 },
    ]);
  }
  return builder;
}

function pieOf(): PieChartBuilder {
  return new PieChartBuilder()
    .reduceOptions(eachRow())
    .displayLabels([PieChartLabels.Percent])
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single))
    .legend(
      new PieChartLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Right)
        .values([PieChartLegendValues.Value])
        .calcs([]),
    )
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic));
}

function barOf(panel: Panel): BarGaugeBuilder {
  const builder = new BarGaugeBuilder()
    .min(0)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .reduceOptions(eachRow())
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .thresholds(thresholdsOf(panel.thresholds ?? PLAIN));
  return panel.max === undefined ? builder : builder.max(panel.max);
}

/** The rows are one list for all lanes: Grafana parts it into a field per lane, which it names after the label. */
function timelineOf(panel: Panel): StateTimelineBuilder {
  const options = Object.fromEntries(
    Object.entries(panel.states ?? {}).map(([state, colour], index) => [state, { color: colour, index }]),
  );
  return new StateTimelineBuilder()
    .withTransformation({
      id: 'partitionByValues',
      options: { fields: ['lane'], keepFields: false, naming: { asLabels: true } },
    })
    .displayName(`\${__field.labels.lane}`)
    .mappings([{ type: MappingType.ValueToText, options }])
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .showValue(VisibilityMode.Never)
    .mergeValues(false)
    .rowHeight(0.8)
    .perPage(30)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs([]),
    );
}

function tableOf(panel: Panel): TableBuilder {
  const builder = new TableBuilder().showHeader(true).filterable(true);
  for (const [name, unit] of Object.entries(panel.columns ?? {})) {
    if (unit !== 'text' && unit !== 'time')
      builder.overrideByName(name, [{ id: 'unit', value: UNITS[unit] }]);
  }
  if (panel.containerColumn !== undefined) {
    builder.overrideByName(panel.containerColumn, [{ id: 'links', value: [CONTAINER_LINK] }]);
  }
  return builder;
}

const CONTAINER_LINK = {
  title: 'Ver este contenedor',
  url: `/d/vigia-contenedores?var-${CONTAINER_VARIABLE}=\${__value.raw}&\${__url_time_range}`,
};

/** One slice or bar per row; with `values(false)` Grafana would reduce the whole table to a single one. */
function eachRow(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().values(true).calcs([]).fields('');
}

function thresholdsOf(thresholds: readonly Threshold[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(thresholds.map(({ from, colour }) => ({ value: from, color: colour })));
}
