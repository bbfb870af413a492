// Development only, since it needs the Grafana SDK. The parts that dashboards of both data sources share.
import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AxisPlacement,
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  FieldColorBuilder,
  FieldColorModeId,
  type Panel as GrafanaPanel,
  MappingType,
  RowBuilder,
  SpecialValueMatch,
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
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { CLASS_SERIES, WORD_COLOURS } from '../panels/colours.ts';
import {
  type Dashboard,
  GRID_COLUMNS,
  HEADING_HEIGHT,
  headings,
  type Placed,
  place,
} from '../panels/dashboards.ts';
import { LABELS } from '../panels/english.ts';
import type { Drawing, PanelKind, Threshold, Unit } from '../panels/panel.ts';

const TAG = 'vigia';
/** Name of the variable; in URLs it is `var-container`. */
export const CONTAINER_VARIABLE = 'container';

/** Grafana's unit names: `kbytes` is KiB; `none` prints every digit, where `short` would print a pid as 4.71 K. */
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

/** An empty dashboard that shows the last hour and refreshes every 20 s. */
export function emptyDashboard({ id, title, description }: Dashboard<Drawing>): DashboardBuilder {
  return new DashboardBuilder(title)
    .uid(`vigia-${id}`)
    .description(description)
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
    );
}

/** The JSON text of a dashboard. Deterministic. */
export function textOf(builder: DashboardBuilder): string {
  const built = builder.build();
  // The SDK's default hides links and annotations in a menu; without it Grafana shows them above the panels.
  for (const item of [...(built.links ?? []), ...(built.annotations?.list ?? [])]) delete item.placement;
  return `${JSON.stringify(built, null, 2)}\n`;
}

/**
 * Adds all panels and headings. Panels are numbered from one and headings after them, so a new heading renumbers no
 * panel.
 */
export function addPanels<P extends Drawing>(
  builder: DashboardBuilder,
  dashboard: Dashboard<P>,
  panelOf: (placed: Placed<P>, id: number) => Builder<GrafanaPanel>,
): void {
  const panels = place(dashboard);
  const builders = panels.map((placed, index) => ({ ...placed, built: panelOf(placed, index + 1) }));
  const rows = headings(dashboard).map(({ text, y }, index) => {
    const row = new RowBuilder(text)
      .id(panels.length + 1 + index)
      .gridPos({ x: 0, y, w: GRID_COLUMNS, h: HEADING_HEIGHT });
    const folded = builders.filter(({ foldedUnder }) => foldedUnder === text);
    for (const { built } of folded) row.withPanel(built);
    return { y, row: folded.length > 0 ? row.collapsed(true) : row };
  });
  for (const { foldedUnder, y, built } of builders) {
    for (; rows[0] !== undefined && rows[0].y < y; rows.shift()) builder.withRow(rows[0].row);
    if (foldedUnder === null) builder.withPanel(built);
  }
}

export type AnyBuilder =
  | StateTimelineBuilder
  | StatBuilder
  | TimeSeriesBuilder
  | PieChartBuilder
  | BarGaugeBuilder
  | TableBuilder;

const BUILDERS: Readonly<Record<PanelKind, (panel: Drawing) => AnyBuilder>> = {
  stat: statOf,
  line: lineOf,
  pie: pieOf,
  bar: barOf,
  timeline: timelineOf,
  table: tableOf,
};

/**
 * A panel without its query. The id and the position are set here, since the builder assigns no ids and lets panels
 * overflow the grid.
 */
export function draw({ panel, x, y, width, height }: Placed<Drawing>, id: number): AnyBuilder {
  const builder = BUILDERS[panel.kind](panel)
    .id(id)
    .gridPos({ x, y, w: width, h: height })
    .title(panel.title)
    .description(panel.description);
  if (panel.unit !== 'text' && panel.unit !== 'time') builder.unit(UNITS[panel.unit]);
  if (panel.decimals !== undefined) builder.decimals(panel.decimals);
  return builder;
}

function statOf(panel: Drawing): StatBuilder {
  return new StatBuilder()
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .thresholds(thresholdsOf(panel.thresholds ?? PLAIN))
    .mappings([
      // Nothing known has no colour of a good or bad value.
      {
        type: MappingType.SpecialValue,
        options: { match: SpecialValueMatch.NullAndNan, result: { text: '–', color: 'text' } },
      },
    ]);
}

function lineOf(panel: Drawing): TimeSeriesBuilder {
  const builder = new TimeSeriesBuilder()
    .min(0)
    .lineWidth(2)
    .fillOpacity(panel.stacked ? 40 : 10)
    .lineInterpolation(
      panel.steps || panel.unit === 'count' ? LineInterpolation.StepAfter : LineInterpolation.Linear,
    )
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs(['lastNotNull', 'max']),
    )
    // A series has the same colour in every panel.
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName));
  for (const [pattern, colour] of CLASS_SERIES)
    builder.overrideByRegexp(pattern, [{ id: 'color', value: { mode: 'fixed', fixedColor: colour } }]);
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
        .placement(LegendPlacement.Bottom)
        .values([PieChartLegendValues.Value])
        .calcs([]),
    )
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic));
}

function barOf(panel: Drawing): BarGaugeBuilder {
  const builder = new BarGaugeBuilder()
    .min(0)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .reduceOptions(eachRow())
    // One bar alone would have no name.
    .displayName(`\${__data.fields[0]}`)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .thresholds(thresholdsOf(panel.thresholds ?? PLAIN));
  return panel.max === undefined ? builder : builder.max(panel.max);
}

/**
 * The query returns one list of rows for all lanes; Grafana splits it into one field per lane, named after the label.
 */
function timelineOf(panel: Drawing): StateTimelineBuilder {
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
    .perPage(15)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs([]),
    );
}

/** A table cell that breaks long texts; the two forms are those of Grafana 12 and 13. */
const WRAPPED = [
  { id: 'custom.cellOptions', value: { type: 'auto', wrapText: true } },
  { id: 'custom.wrapText', value: true },
];
const HIDDEN = [
  { id: 'custom.hidden', value: true },
  { id: 'custom.hideFrom', value: { viz: true, legend: true, tooltip: true } },
];

function tableOf(panel: Drawing): TableBuilder {
  const builder = new TableBuilder().showHeader(true).filterable(true).noValue('');
  const names = Object.keys(panel.columns ?? {});
  const isHidden = (name: string): boolean => panel.hidden?.includes(name) ?? false;
  const { containerColumn } = panel;
  // A link's column that is not shown gives its link to the name.
  const linked =
    containerColumn !== undefined && isHidden(containerColumn) ? NAME_COLUMNS : [containerColumn];
  for (const [name, unit] of Object.entries(panel.columns ?? {})) {
    const width = panel.widths?.[name];
    const properties = [
      ...(isHidden(name) ? HIDDEN : []),
      ...(unit === 'time' ? [{ id: 'unit', value: 'dateTimeAsLocalNoDateIfToday' }] : []),
      ...(unit === 'text' ? WRAPPED : []),
      ...(unit !== 'text' && unit !== 'time' ? [{ id: 'unit', value: UNITS[unit] }] : []),
      ...(width === undefined ? [] : [{ id: 'custom.width', value: width }]),
      ...(linked.includes(name) ? [{ id: 'links', value: [containerLink(containerColumn ?? name)] }] : []),
      ...(COLOURED_COLUMNS.has(name) ? [{ id: 'mappings', value: [WORD_MAPPING] }, COLOURED_TEXT] : []),
    ];
    if (properties.length > 0) builder.overrideByName(name, properties);
  }
  if (names.length === 0) throw new Error(`${panel.id}: a table needs its columns`);
  return builder;
}

const NAME_COLUMNS: readonly (string | undefined)[] = ['Contenedor', 'Container'];
const COLOURED_COLUMNS = new Set(['Clase', 'Tipo', 'Resultado', 'Class', 'Kind', 'Outcome']);
const COLOURED_TEXT = { id: 'custom.cellOptions', value: { type: 'color-text' } };
const WORD_MAPPING = {
  type: MappingType.ValueToText,
  options: Object.fromEntries(
    Object.entries(WORD_COLOURS).flatMap(([word, color], index) =>
      [word, LABELS[word] ?? word].map((text) => [text, { text, color, index }]),
    ),
  ),
};

const containerLink = (column: string) => ({
  title: '→',
  url: `/d/vigia-un-contenedor?var-${CONTAINER_VARIABLE}=\${__data.fields["${column}"]}&\${__url_time_range}`,
});

/** One slice or bar per row; with `values(false)` Grafana would reduce the whole table to a single one. */
function eachRow(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().values(true).calcs([]).fields('');
}

function thresholdsOf(thresholds: readonly Threshold[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(thresholds.map(({ from, colour }) => ({ value: from, color: colour })));
}
