import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { PanelInfo, RowsAnswer } from '../../../daemon/src/show/api.ts';
import { inUnit, time } from '../format-values.ts';
import { type Range, zoomBack, zoomTo } from '../range.tsx';
import { goTo } from '../router.tsx';
import { isDark, language } from '../settings.ts';
import { words } from '../words/index.ts';
import { colour } from './palette.ts';
import { describeMark, type Mark, markPath, marksOf, middleOf } from './removal-marks.ts';
import { type Series, seriesOf } from './series.ts';

interface LineChartProps {
  readonly panel: PanelInfo;
  readonly data: RowsAnswer;
  readonly marks: RowsAnswer | null;
  readonly range: Range;
}

const HEIGHT = 220;
/** How close the cursor must be to a mark for its text to be shown. */
const MARK_REACH_PX = 6;
const FOOT_PX = 18;
const STEPS = uPlot.paths.stepped?.({ align: 1 }) ?? null;

/** Lines over time. Dragging zooms, a double click zooms out, and the legend shows the values under the cursor. */
export function LineChart({ panel, data, marks, range }: LineChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const marksRef = useRef<readonly Mark[]>([]);
  marksRef.current = marksOf(marks);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState<number | null>(null);
  const [nearMark, setNearMark] = useState<Mark | null>(null);
  const [atFoot, setAtFoot] = useState(false);

  const times = data.rows.map((row) => Number(row[0]));
  const series = seriesOf(panel, data);
  const optionsKey = `${series.map(({ label }) => label).join('|')} ${isDark.value} ${language.value} ${[...hidden].join('|')}`;
  const drawn = [times, ...stack(series, hidden, panel.stacked ?? false)] as uPlot.AlignedData;

  useEffect(() => {
    const holder = box.current;
    if (holder === null) return;
    const chart = new uPlot(optionsOf(holder.clientWidth), drawn, holder);
    plot.current = chart;
    const resized = new ResizeObserver(() => chart.setSize({ width: holder.clientWidth, height: HEIGHT }));
    resized.observe(holder);
    return () => {
      resized.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [optionsKey]);

  useEffect(() => {
    const chart = plot.current;
    if (chart === null) return;
    chart.batch(() => {
      chart.setData(drawn, false);
      chart.setScale('x', { min: range.from / 1000, max: range.to / 1000 });
    });
  }, [data, range, marks, optionsKey]);

  function optionsOf(width: number): uPlot.Options {
    const axis = { stroke: colour('quiet'), font: '12px system-ui, sans-serif', ticks: { show: false } };
    const grid = { stroke: colour('line'), width: 1 };
    const values = (_: uPlot, ticks: number[]): string[] => ticks.map((tick) => inUnit(tick, panel.unit));
    const minimum = panel.unit.startsWith('bytes') ? 1024 : 1;
    const scaleOf = (isRight: boolean): string => (isRight ? 'right' : 'left');
    return {
      width,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
      scales: {
        x: { time: true, min: range.from / 1000, max: range.to / 1000 },
        left: { range: (_, least, most) => [Math.min(0, least ?? 0), panel.max ?? axisTop(most, minimum)] },
        right: { range: (_, least, most) => [Math.min(0, least ?? 0), axisTop(most, minimum)] },
      },
      axes: [
        { ...axis, grid: { show: false }, values: timeTicks(), space: 70, size: 26 },
        { ...axis, grid, scale: 'left', size: 68, values, splits: evenSplits(panel.unit) },
        ...(series.some(({ isRight }) => isRight)
          ? [
              {
                ...axis,
                grid: { show: false },
                scale: 'right',
                side: 1,
                size: 60,
                values,
              } satisfies uPlot.Axis,
            ]
          : []),
      ],
      // Each area is filled down to the line below it.
      bands: panel.stacked
        ? series.slice(1).map((_, i) => ({ series: [i + 2, i + 1] as [number, number] }))
        : [],
      series: [
        {},
        ...series.map(
          ({ id, label, colour: name, isRight, isDashed }): uPlot.Series => ({
            label,
            scale: scaleOf(isRight),
            stroke: colour(name),
            width: isDashed ? 1.5 : 1.75,
            show: !hidden.has(id),
            // Counts change at once, not gradually.
            ...(panel.unit === 'count' ? { paths: STEPS as uPlot.Series.PathBuilder } : {}),
            points: { show: drawn[0].length < 3 },
            ...(isDashed ? { dash: [5, 5] } : {}),
            ...(panel.stacked ? { fill: colour(name, 0.35) } : {}),
          }),
        ),
      ],
      hooks: {
        draw: [(chart) => drawMarks(chart, marksRef.current)],
        setCursor: [
          (chart) => {
            setCursor(chart.cursor.idx ?? null);
            setNearMark(markAt(chart, marksRef.current));
            setAtFoot(isAtFoot(chart));
          },
        ],
        setSelect: [
          (chart) => {
            const { left, width: selected } = chart.select;
            if (selected < 4) return;
            chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
            zoomTo(chart.posToVal(left, 'x') * 1000, chart.posToVal(left + selected, 'x') * 1000);
          },
        ],
        ready: [
          (chart) => {
            chart.over.addEventListener('dblclick', zoomBack);
            openMarkOnClick(chart, () => marksRef.current);
          },
        ],
      },
    };
  }

  const at = cursor === null ? times.length - 1 : cursor;
  const { panel: text } = words();
  return (
    <figure class={nearMark !== null && atFoot ? 'chart at-mark' : 'chart'}>
      <div ref={box} role="img" aria-label={describe(series, panel)} class="plot" />
      <figcaption>
        <span class="at">{cursor === null ? '' : time(times[at])}</span>
        <ul class="legend">
          {series.map(({ id, label, colour: name, values, isDashed }) => (
            <li key={id}>
              <button
                type="button"
                aria-pressed={!hidden.has(id)}
                onClick={() => setHidden(toggled(hidden, id))}
              >
                <i class={`swatch ${name} ${isDashed ? 'dashed' : ''}`} />
                {label} <b>{inUnit(values[at], panel.unit, panel.decimals)}</b>
              </button>
            </li>
          ))}
        </ul>
        {nearMark !== null && (
          <span class="mark-text">
            {describeMark(nearMark)} ({text.openMark})
          </span>
        )}
      </figcaption>
    </figure>
  );
}

/** The values to draw: as they are, or each series added to the visible ones before it. */
function stack(
  series: readonly Series[],
  hidden: ReadonlySet<string>,
  isStacked: boolean,
): (number | null)[][] {
  if (!isStacked) return series.map(({ values }) => [...values]);
  const sums: number[] = [];
  return series.map(({ id, values }) =>
    values.map((value, i) => {
      if (hidden.has(id)) return null;
      sums[i] = (sums[i] ?? 0) + (value ?? 0);
      return sums[i] ?? null;
    }),
  );
}

/** Upper end of an axis: a little above the largest value, or `minimum` when all values are 0. */
const axisTop = (most: number | null, minimum: number): number =>
  most === null || most <= 0 ? minimum : most * 1.08;

/** Ticks at even steps, about four of them, so that charts side by side have similar grids. */
function evenSplits(unit: PanelInfo['unit']): uPlot.Axis.Splits {
  return (_, __, least, most) => {
    const rough = (most - least) / 4;
    const step =
      unit === 'kib' || unit.startsWith('bytes') ? 2 ** Math.ceil(Math.log2(rough)) : niceStep(rough);
    return Array.from({ length: Math.floor((most - least) / step) + 1 }, (_nothing, i) => least + i * step);
  };
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= rough) ?? 10;
  return factor * power;
}

function timeTicks(): uPlot.Axis.Values {
  return (_, ticks, __, ___, step) =>
    ticks.map((tick) => {
      const when = new Date(tick * 1000);
      if (step >= 86_400) return when.toLocaleDateString(language.value, { day: 'numeric', month: 'short' });
      const clock = when.toLocaleTimeString(language.value, {
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
        ...(step < 60 ? { second: '2-digit' } : {}),
      });
      const isMidnight = when.getHours() === 0 && when.getMinutes() === 0;
      return isMidnight ? when.toLocaleDateString(language.value, { day: 'numeric', month: 'short' }) : clock;
    });
}

/** Draws a mark at the bottom for each interval with removals, a larger one for more of them. */
function drawMarks({ ctx, bbox, valToPos }: uPlot, marks: readonly Mark[]): void {
  ctx.save();
  ctx.fillStyle = colour('remove');
  for (const mark of marks) {
    const x = Math.round(valToPos(middleOf(mark), 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const size = (mark.removed === 1 ? 5 : 7) * devicePixelRatio;
    const foot = bbox.top + bbox.height;
    ctx.beginPath();
    ctx.moveTo(x, foot - size);
    ctx.lineTo(x - size * 0.6, foot);
    ctx.lineTo(x + size * 0.6, foot);
    ctx.fill();
  }
  ctx.restore();
}

/** The mark nearest to the cursor; null when none is near. */
function markAt({ cursor, valToPos }: uPlot, marks: readonly Mark[]): Mark | null {
  const left = cursor.left ?? -1;
  if (left < 0) return null;
  const distance = (mark: Mark): number => Math.abs(valToPos(middleOf(mark), 'x') - left);
  const nearest = marks.reduce<Mark | null>(
    (best, mark) => (best === null || distance(mark) < distance(best) ? mark : best),
    null,
  );
  return nearest !== null && distance(nearest) < MARK_REACH_PX ? nearest : null;
}

/** Whether the cursor is as low as the marks are drawn: elsewhere a click may begin a double click, which zooms out. */
const isAtFoot = ({ cursor, over }: uPlot): boolean => (cursor.top ?? 0) > over.clientHeight - FOOT_PX;

/** A click on a mark opens what it stands for; the end of a drag, which zooms, is no click. */
function openMarkOnClick(chart: uPlot, marks: () => readonly Mark[]): void {
  let pressedAt = 0;
  chart.over.addEventListener('mousedown', ({ clientX }) => {
    pressedAt = clientX;
  });
  chart.over.addEventListener('click', ({ clientX }) => {
    const mark = isAtFoot(chart) ? markAt(chart, marks()) : null;
    if (mark !== null && Math.abs(clientX - pressedAt) < 4) goTo(markPath(mark));
  });
}

/** The chart in words, for screen readers. */
function describe(series: readonly Series[], { unit, decimals }: PanelInfo): string {
  const format = (value: number | null | undefined): string => inUnit(value, unit, decimals);
  return series
    .map(({ label, values }) => {
      const known = values.filter((value) => value !== null);
      if (known.length === 0) return label;
      const [least, most] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
      return words().panel.summary(label, format(known.at(-1)), format(least), format(most));
    })
    .join('. ');
}

function toggled(set: ReadonlySet<string>, one: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(one)) next.add(one);
  return next;
}
