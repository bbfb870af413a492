import { Fragment } from 'preact';
import { useAnswer } from '../api-client.ts';
import { PanelCard } from '../panels/panel-card.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/states.tsx';
import { RangePicker, useRange, withRange } from '../range.tsx';
import { Link } from '../router.tsx';
import { pack, words } from '../words/index.ts';
import { aboutOf, titleOf } from '../words/panels.ts';

/** A dashboard with the same panels, in the same order, as in Grafana. */
export function PanelsView({ id }: { readonly id: string }) {
  const range = useRange();
  const { data, error } = useAnswer('/api/panels', {}, 'once');
  const marks = useAnswer(
    '/api/marks',
    { from: String(range.from), to: String(range.to), language: pack().language },
    range.refreshKey,
  ).data;
  if (error !== null && data === null) return <ErrorNotice error={error} />;
  if (data === null) return <Loading />;
  const dashboard = data.dashboards.find((one) => one.id === id);
  if (dashboard === undefined) return <Empty>{words().errors.noSuchPage}</Empty>;
  /** Panels about one container are on that container's page. */
  const isOfHost = (panelId: string): boolean =>
    data.panels.some((one) => one.id === panelId && !one.container);
  return (
    <>
      <div class="view-head">
        <h1>{titleOf(dashboard)}</h1>
        <nav class="tabs" aria-label={words().nav.charts}>
          {data.dashboards
            .filter(({ rows }) => rows.some(({ cells }) => cells.some(({ panel }) => isOfHost(panel))))
            .map((one) => (
              <Link key={one.id} href={withRange(`/panels/${one.id}`)} current={one.id === id}>
                {titleOf(one)}
              </Link>
            ))}
        </nav>
        <RangePicker range={range} />
      </div>
      <p class="quiet about">
        {aboutOf(dashboard)} {words().range.hint}{' '}
        <Link href={withRange('/decisions')}>{words().recent.all} →</Link>
      </p>
      <div class="grid">
        {dashboard.rows.map(({ heading, cells }) => {
          const shown = cells.flatMap(({ panel: panelId, width }) => {
            const panel = data.panels.find((one) => one.id === panelId);
            return panel === undefined || !isOfHost(panelId) ? [] : [{ panel, width }];
          });
          if (shown.length === 0) return null;
          return (
            <Fragment key={cells[0]?.panel}>
              {heading !== undefined && <h2>{titleOf({ id: heading, title: heading })}</h2>}
              {shown.map(({ panel, width }) => (
                <PanelCard
                  key={panel.id}
                  panel={panel}
                  range={range}
                  marks={marks}
                  class={sizeOf(width)}
                  level={heading === undefined ? 2 : 3}
                />
              ))}
            </Fragment>
          );
        })}
      </div>
    </>
  );
}

/** CSS classes for widths in the dashboards' 24 columns. */
const SIZES: readonly (readonly [most: number, name: string])[] = [
  [3, 'small'],
  [4, 'sixth'],
  [6, 'quarter'],
  [8, 'third'],
  [12, 'half'],
  [16, 'two-thirds'],
];
const sizeOf = (width: number): string => SIZES.find(([most]) => width <= most)?.[1] ?? 'whole';
