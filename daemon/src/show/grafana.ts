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
  ThresholdsConfigBuilder,
  ThresholdsMode,
  TimePickerBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  PanelBuilder as PieChartBuilder,
  PieChartLabels,
  PieChartLegendOptionsBuilder,
  PieChartLegendValues,
} from '@grafana/grafana-foundation-sdk/piechart';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { type Dashboard, type Placed, place } from '../panels/dashboards.ts';
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
  for (const [index, placed] of place(dashboard).entries()) builder.withPanel(panelOf(placed, index + 1));
  const built = builder.build();
  // The SDK's default hides both in a menu; without it Grafana shows them above the panels.
  for (const item of [...(built.links ?? []), ...(built.annotations?.list ?? [])]) delete item.placement;
  return `${JSON.stringify(built, null, 2)}\n`;
}

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

type AnyBuilder = StatBuilder | TimeSeriesBuilder | PieChartBuilder | BarGaugeBuilder | TableBuilder;

const BUILDERS: Readonly<Record<PanelKind, (panel: Panel) => AnyBuilder>> = {
  stat: statOf,
  line: lineOf,
  pie: pieOf,
  bar: barOf,
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
  if (panel.kind === 'line') return new SqliteQuery('A', panel.sql, 'time series', ['time']);
  const columns = Object.entries(panel.columns ?? {});
  const times = columns.filter(([, unit]) => unit === 'time').map(([name]) => name);
  return new SqliteQuery('A', panel.sql, 'table', times);
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
  return new BarGaugeBuilder()
    .min(0)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .reduceOptions(eachRow())
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .thresholds(thresholdsOf(panel.thresholds ?? PLAIN));
}

function tableOf(panel: Panel): TableBuilder {
  const builder = new TableBuilder().showHeader(true).filterable(true);
  for (const [name, unit] of Object.entries(panel.columns ?? {})) {
    if (unit !== 'text' && unit !== 'time')
      builder.overrideByName(name, [{ id: 'unit', value: UNITS[unit] }]);
  }
  return builder;
}

/** One slice or bar per row; with `values(false)` Grafana would reduce the whole table to a single one. */
function eachRow(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().values(true).calcs([]).fields('');
}

function thresholdsOf(thresholds: readonly Threshold[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(thresholds.map(({ from, colour }) => ({ value: from, color: colour })));
}
