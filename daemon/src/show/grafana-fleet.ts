// Development only, since it needs the Grafana SDK.
import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import { type DataSourceRef, ReduceDataOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as PieChartBuilder } from '@grafana/grafana-foundation-sdk/piechart';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import type { Dashboard, Placed } from '../panels/dashboards.ts';
import type { FleetPanel } from '../panels/fleet.ts';
import { type AnyBuilder, addPanels, draw, emptyDashboard, textOf } from './grafana-panel.ts';

/** Selected by a variable: the dashboard is imported into a Grafana whose Prometheus data source can have any name. */
const DATASOURCE: DataSourceRef = { type: 'prometheus', uid: `\${datasource}` };

/** The JSON text of the dashboard over Prometheus. Deterministic. */
export function renderFleet(dashboard: Dashboard<FleetPanel>): string {
  const builder = emptyDashboard(dashboard)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Fuente').type('prometheus'))
    .withVariable(
      new QueryVariableBuilder('host')
        .label('Equipo')
        .datasource(DATASOURCE)
        .query('label_values(vigia_info, instance)')
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .allowCustomValue(true),
    );
  addPanels(builder, dashboard, panelOf);
  return textOf(builder);
}

function panelOf(placed: Placed<FleetPanel>, id: number): AnyBuilder {
  const { panel } = placed;
  const builder = draw(placed, id).datasource(DATASOURCE);
  for (const [i, { promql, legend }] of panel.queries.entries()) {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode(65 + i))
      .datasource(DATASOURCE)
      .expr(promql)
      .legendFormat(legend)
      .format(panel.kind === 'table' ? PromQueryFormat.Table : PromQueryFormat.TimeSeries);
    builder.withTarget(panel.kind === 'line' ? query.range() : query.instant());
  }
  // Each series is a separate frame, so these panels reduce each frame to its newest value.
  if (builder instanceof BarGaugeBuilder || builder instanceof PieChartBuilder)
    builder.reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields(''));
  if (builder instanceof TableBuilder) asTable(builder, panel);
  return builder;
}

/** Arranges the columns of a Prometheus table: the labels under their headings, then the value. */
function asTable(builder: TableBuilder, { labels = {}, queries }: FleetPanel): void {
  const names: Readonly<Record<string, string>> = { ...labels, Value: queries[0]?.legend ?? '' };
  builder.withTransformation({
    id: 'organize',
    options: {
      excludeByName: { Time: true },
      indexByName: Object.fromEntries(Object.keys(names).map((name, i) => [name, i])),
      renameByName: names,
    },
  });
}
