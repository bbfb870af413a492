import { useEffect, useRef, useState } from 'preact/hooks';
import type { PanelInfo, RowsAnswer } from '../../../daemon/src/show/api.ts';
import { useAnswer } from '../api-client.ts';
import { lazy } from '../parts/lazy.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/states.tsx';
import type { Range } from '../range.tsx';
import { pack, words } from '../words/index.ts';
import { aboutOf, titleOf } from '../words/panels.ts';
import { PanelTable } from './panel-table.tsx';
import { Bars, Pie, Stat, Timeline } from './small-charts.tsx';

/** Loaded when needed: the charting library is most of the page's code. */
const LineChart = lazy(async () => (await import('./line-chart.tsx')).LineChart);

interface PanelCardProps {
  readonly panel: PanelInfo;
  readonly range: Range;
  readonly marks: RowsAnswer | null;
  /** The container's ID, for panels about one container. */
  readonly container?: string;
  readonly class?: string;
  /** Level of its heading. */
  readonly level?: 2 | 3;
}

/** A panel with its title, drawn by its kind. It requests its rows only once it is near the visible area. */
export function PanelCard({
  panel,
  range,
  marks,
  container,
  class: className = '',
  level = 2,
}: PanelCardProps) {
  const [isSeen, frame] = useSeen();
  const [isTable, showTable] = useState(false);
  const params = {
    id: panel.id,
    from: String(range.from),
    to: String(range.to),
    language: pack().language,
    ...(container ? { container } : {}),
  };
  const { data, error } = useAnswer('/api/panel/{id}', isSeen ? params : null, range.refreshKey);
  const { panel: text } = words();
  const canTable = panel.kind !== 'table' && panel.kind !== 'stat';
  const about = aboutOf(panel);
  const Heading = `h${level}` as const;
  return (
    <section
      ref={frame}
      class={`card panel kind-${panel.kind} ${className}`}
      aria-labelledby={`title-${panel.id}`}
    >
      <header>
        <Heading id={`title-${panel.id}`} title={about || undefined}>
          {titleOf(panel)}
        </Heading>
        {canTable && data !== null && !isEmpty(panel, data) && (
          <button
            type="button"
            class="plain"
            aria-pressed={isTable}
            aria-label={`${isTable ? text.asChart : text.asTable}: ${titleOf(panel)}`}
            title={isTable ? text.asChart : text.asTable}
            onClick={() => showTable(!isTable)}
          >
            <span aria-hidden="true">{isTable ? '◔' : '☰'}</span>
          </button>
        )}
      </header>
      {error !== null && <ErrorNotice error={error} />}
      {data === null ? (
        error === null && <Loading />
      ) : isEmpty(panel, data) ? (
        <Empty>{text.empty[panel.id] ?? text.noData}</Empty>
      ) : isTable ? (
        <PanelTable panel={panel} data={data} />
      ) : (
        <Chart panel={panel} data={data} marks={marks} range={range} />
      )}
    </section>
  );
}

/** Whether there are no rows or, for lines, no values. */
const isEmpty = ({ kind }: PanelInfo, { rows }: RowsAnswer): boolean =>
  kind === 'line' ? rows.every((row) => row.slice(1).every((figure) => figure === null)) : rows.length === 0;

interface ChartProps extends Pick<PanelCardProps, 'panel' | 'marks' | 'range'> {
  readonly data: RowsAnswer;
}

function Chart({ panel, data, marks, range }: ChartProps) {
  switch (panel.kind) {
    case 'stat':
      return <Stat panel={panel} data={data} />;
    case 'line':
      return <LineChart panel={panel} data={data} marks={marks} range={range} />;
    case 'pie':
      return <Pie panel={panel} data={data} />;
    case 'bar':
      return <Bars panel={panel} data={data} />;
    case 'timeline':
      return <Timeline panel={panel} data={data} range={range} />;
    default:
      return <PanelTable panel={panel} data={data} />;
  }
}

/** Whether an element has ever been near the visible area, and the ref for that element. */
function useSeen() {
  const frame = useRef<HTMLElement>(null);
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    if (frame.current === null) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) setSeen(true);
      },
      { rootMargin: '200px' },
    );
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  return [isSeen, frame] as const;
}
