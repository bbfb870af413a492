import type { PanelInfo, RowsAnswer } from '../../../daemon/src/show/api.ts';
import { digits, inUnit, time } from '../format-values.ts';
import { ContainerLabel } from '../parts/container-label.tsx';
import type { Range } from '../range.tsx';
import { labelOf, wordOf } from '../words/panels.ts';
import { colourNameOf, NAMED } from './palette.ts';

interface ChartProps {
  readonly panel: PanelInfo;
  readonly data: RowsAnswer;
}

/** One number, in the colour of the highest threshold that it reaches. */
export function Stat({ panel, data }: ChartProps) {
  const value = data.rows[0]?.[0];
  return (
    <p class={`stat ${passedBy(panel, value)?.colour ?? ''}`}>{inUnit(value, panel.unit, panel.decimals)}</p>
  );
}

/** The highest threshold that a value reaches. */
const passedBy = ({ thresholds }: PanelInfo, value: string | number | null | undefined) =>
  thresholds?.findLast(({ from }) => from === null || Number(value) >= from);

const RADIUS = 40;
const CIRCUMFERENCE = 2 * Math.PI * RADIUS;

/** A ring chart with the parts and their figures listed beside it. */
export function Pie({ panel, data }: ChartProps) {
  const parts = data.rows.map(([label, value]) => ({ label: String(label), value: Number(value) }));
  const total = parts.reduce((sum, { value }) => sum + value, 0) || 1;
  let before = 0;
  return (
    <div class="pie">
      <svg viewBox="0 0 100 100" aria-hidden="true">
        {parts.map(({ label, value }, i) => {
          const length = (value / total) * CIRCUMFERENCE;
          const offset = -before;
          before += length;
          return (
            <circle
              key={label}
              class={`series-${(i % 6) + 1}`}
              cx="50"
              cy="50"
              r={RADIUS}
              stroke-dasharray={`${Math.max(0, length - 0.8)} ${CIRCUMFERENCE}`}
              stroke-dashoffset={offset}
            />
          );
        })}
      </svg>
      <ol class="parts">
        {parts.map(({ label, value }, i) => (
          <li key={label}>
            <i class={`swatch series-${(i % 6) + 1}`} />
            <ContainerLabel label={label} />
            <b>{inUnit(value, panel.unit, panel.decimals)}</b>
            <span class="quiet">{digits((value / total) * 100, 0)} %</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Horizontal bars, up to the panel's maximum or else the largest value, in the colours of its thresholds. */
export function Bars({ panel, data }: ChartProps) {
  const largest = data.rows.reduce((most, row) => Math.max(most, Number(row[1])), 0) || 1;
  const most = panel.max ?? largest;
  return (
    <dl class="bars">
      {data.rows.map(([label, value]) => (
        <div key={String(label)}>
          <dt>{wordOf(data.columns[0] ?? '', String(label))}</dt>
          <dd>
            <i
              class={passedBy(panel, value)?.colour}
              style={{ width: `${Math.min(1, Number(value) / most) * 100}%` }}
            />
            <b>{inUnit(value, panel.unit, panel.decimals)}</b>
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly state: string;
}

/** States over time, one lane below the other; the shape of the rows is described in panels/panel.ts of the daemon. */
export function Timeline({ panel, data, range }: ChartProps & { readonly range: Range }) {
  const [from, to] = [range.from / 1000, range.to / 1000];
  const lanes = spansOf(data, to);
  const states = [...new Set([...lanes.values()].flatMap((spans) => spans.map(({ state }) => state)))];
  const colourOf = (state: string): string =>
    NAMED[panel.states?.[state] ?? ''] ?? colourNameOf(state, states.indexOf(state));
  const place = (at: number): number => (100 * (Math.min(Math.max(at, from), to) - from)) / (to - from || 1);
  return (
    <div class="timeline">
      <ul class="legend">
        {states.map((state) => (
          <li key={state}>
            <i class={`swatch ${colourOf(state)}`} />
            {labelOf(state)}
          </li>
        ))}
      </ul>
      <dl>
        {[...lanes].map(([lane, spans]) => (
          <div key={lane}>
            <dt>
              <ContainerLabel label={lane} />
            </dt>
            <dd>
              {spans.map((span) => (
                <i
                  key={span.from}
                  class={colourOf(span.state)}
                  title={`${labelOf(span.state)}: ${time(span.from)} – ${time(span.to)}`}
                  style={{
                    left: `${place(span.from)}%`,
                    width: `${Math.max(0.3, place(span.to) - place(span.from))}%`,
                  }}
                />
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <p class="ends">
        <span>{time(from)}</span>
        <span>{time(to)}</span>
      </p>
    </div>
  );
}

function spansOf({ rows }: RowsAnswer, end: number): ReadonlyMap<string, readonly Span[]> {
  const lanes = new Map<string, Span[]>();
  const open = new Map<string, { from: number; state: string }>();
  for (const [at, lane, state] of rows) {
    const [name, moment] = [String(lane), Number(at)];
    const spans = lanes.get(name) ?? [];
    lanes.set(name, spans);
    const span = open.get(name);
    if (span !== undefined) spans.push({ ...span, to: moment });
    if (state === null) open.delete(name);
    else open.set(name, { from: moment, state: String(state) });
  }
  for (const [name, span] of open) lanes.get(name)?.push({ ...span, to: end });
  return lanes;
}
