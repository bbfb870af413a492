import { useEffect, useRef, useState } from 'preact/hooks';
import type { PanelInfo, RowsAnswer } from '../../../daemon/src/show/api.ts';
import { useAnswer } from '../api-client.ts';
import { later } from '../parts/later.tsx';
import { Empty, Loading, Trouble } from '../parts/states.tsx';
import type { Range } from '../range.tsx';
import { language } from '../settings.ts';
import { words } from '../words/index.ts';
import { aboutOf, titleOf } from '../words/panels.ts';
import { PanelTable } from './panel-table.tsx';
import { Bars, Pie, Stat, Timeline } from './small-charts.tsx';

/** The charting library is most of the page's code: who looks at no line does not wait for it. */
const LineChart = later(async () => (await import('./line-chart.tsx')).LineChart);

interface PanelCardProps {
  readonly panel: PanelInfo;
  readonly range: Range;
  readonly marks: RowsAnswer | null;
  /** The one it is about, for panels about one container. */
  readonly container?: string;
  readonly class?: string;
  /** Below what it stands. */
  readonly level?: 2 | 3;
}

/** A panel with its title, drawn as its kind says. It asks for rows only once it is in sight. */
export function PanelCard({ panel, range, marks, container, class: place = '', level = 2 }: PanelCardProps) {
  const [isSeen, frame] = useSeen();
  const [isTable, showTable] = useState(false);
  const asked = {
    id: panel.id,
    from: String(range.from),
    to: String(range.to),
    language: language.value,
    ...(container ? { container } : {}),
  };
  const { data, error } = useAnswer('/api/panel/{id}', isSeen ? asked : null, range.rhythm);
  const { panel: say } = words();
  const canTable = panel.kind !== 'table' && panel.kind !== 'stat';
  const about = aboutOf(panel);
  const Heading = `h${level}` as const;
  return (
    <section
      ref={frame}
      class={`card panel kind-${panel.kind} ${place}`}
      aria-labelledby={`title-${panel.id}`}
    >
      <header>
        <Heading id={`title-${panel.id}`} title={about || undefined}>
          {titleOf(panel)}
        </Heading>
        {canTable && data !== null && !isBlank(panel, data) && (
          <button
            type="button"
            class="plain"
            aria-pressed={isTable}
            aria-label={`${isTable ? say.asChart : say.asTable}: ${titleOf(panel)}`}
            title={isTable ? say.asChart : say.asTable}
            onClick={() => showTable(!isTable)}
          >
            <span aria-hidden="true">{isTable ? '◔' : '☰'}</span>
          </button>
        )}
      </header>
      {error !== null && <Trouble error={error} />}
      {data === null ? (
        error === null && <Loading />
      ) : isBlank(panel, data) ? (
        <Empty>{say.noData}</Empty>
      ) : isTable ? (
        <PanelTable panel={panel} data={data} />
      ) : (
        <Chart panel={panel} data={data} marks={marks} range={range} />
      )}
    </section>
  );
}

/** No rows, or lines without a single figure. */
const isBlank = ({ kind }: PanelInfo, { rows }: RowsAnswer): boolean =>
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

/** True from the moment at which it has come near the window. */
function useSeen() {
  const frame = useRef<HTMLElement>(null);
  const [isSeen, see] = useState(false);
  useEffect(() => {
    if (frame.current === null) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) see(true);
      },
      { rootMargin: '200px' },
    );
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  return [isSeen, frame] as const;
}
