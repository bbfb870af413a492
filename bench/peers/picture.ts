import { NAMES, type Name, type Results, type Round, type Run } from './results.ts';
import { medianAndWorst } from './statistics.ts';

/** Draws the time until memory is back and the worst stall of another process, as SVG for light and dark pages. */
const WIDTH = 880;
const LABELS = 130;
const PANEL = 350;
const GAP = 50;
const BAR = 22;
const ROW = 34;
const TOP = 92;

const STYLE = `
rect.page { fill: #ffffff }
text { font: 14px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 18px; font-weight: 600 } .head { font-weight: 600 }
.quiet { fill: #59636e }
.vigia { fill: #0969da } .other { fill: #9a6700 }
line { stroke: #1f2328; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  rect.page { fill: #0d1117 }
  text { fill: #f0f6fc } .quiet { fill: #9198a1 }
  .vigia { fill: #4493f8 } .other { fill: #d29922 }
  line { stroke: #f0f6fc }
}`;

interface Metric {
  readonly title: string;
  /** ms; null is "never". */
  readonly of: (round: Round) => number | null;
}

const METRICS: readonly Metric[] = [
  {
    title: 'from 5 % available to memory back',
    of: ({ crossedMs, endedMs, backMs }) => (endedMs === null ? null : crossedMs === null ? 0 : backMs),
  },
  { title: 'worst stall of a bystander that ticks every 10 ms', of: ({ worstStallMs }) => worstStallMs },
];

export function picture(results: Results): string {
  const runs = [
    { run: results.fast, title: 'fast: 1 % of RAM a second, no swap' },
    { run: results.slow, title: 'slow: thrashes, with swap' },
  ].filter((entry): entry is { run: Run; title: string } => entry.run !== undefined);
  const height = TOP + METRICS.length * (NAMES.length * ROW + 50) - 30;
  const panels = METRICS.flatMap((metric, down) =>
    runs.map(({ run }, across) =>
      panel(
        run,
        metric,
        LABELS + across * (PANEL + GAP),
        TOP + down * (NAMES.length * ROW + 50),
        across === 0,
      ),
    ),
  );
  const heads = runs.map(({ title }, across) => text(LABELS + across * (PANEL + GAP), 60, title, 'head'));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>A container eats the host's memory: how long until it is back, and how long a bystander stalls</title>
<style>${STYLE}
</style>
<rect class="page" width="${WIDTH}" height="${height}" rx="6"/>
${text(20, 30, "A container eats the host's memory: median, and worst as a line", 'title')}
${heads.join('\n')}
${panels.join('\n')}
</svg>
`;
}

function panel({ rounds }: Run, { title, of }: Metric, x: number, y: number, named: boolean): string {
  const bars = NAMES.map((name) => ({
    name,
    values: rounds.filter(({ contestant }) => contestant === name).map(of),
  }));
  const all = bars.flatMap(({ values }) => values).filter((value) => value !== null);
  const scale = (PANEL - 115) / Math.max(...all, 1);
  return [
    text(x, y, title, 'quiet'),
    ...bars.map(({ name, values }, i) => bar(name, values, x, y + 12 + i * ROW, scale, named)),
  ].join('\n');
}

function bar(
  name: Name,
  values: readonly (number | null)[],
  x: number,
  y: number,
  scale: number,
  named: boolean,
): string {
  const label = named ? text(LABELS - 10, y + 16, name === 'vigia' ? 'Vigía' : name, '', 'end') : '';
  const known = values.filter((value) => value !== null);
  const missing = values.length - known.length;
  if (values.length === 0) return label;
  if (known.length === 0) return `${label}${text(x, y + 16, 'never', 'quiet')}`;
  const { median, worst } = medianAndWorst(known);
  // earlyoom acts at 10 %, so 5 % are never reached.
  if (worst === 0) return `${label}${text(x, y + 16, 'acts before', 'quiet')}`;
  const end = x + worst * scale;
  const note = `${figure(median)} (${figure(worst)})${missing > 0 ? `, never in ${missing}` : ''}`;
  return [
    label,
    `<rect class="${name === 'vigia' ? 'vigia' : 'other'}" x="${x}" y="${y}" width="${at(Math.max(median * scale, 1))}" height="${BAR}" rx="2"/>`,
    `<line x1="${at(x + median * scale)}" x2="${at(end)}" y1="${y + BAR / 2}" y2="${y + BAR / 2}"/>`,
    text(end + 6, y + 16, note, 'quiet'),
  ].join('');
}

const at = (value: number): string => value.toFixed(1);
const figure = (ms: number): string => `${(ms / 1000).toFixed(ms < 9950 ? 2 : 0)} s`;
const text = (x: number, y: number, content: string, style: string, anchor = 'start'): string =>
  `<text${style ? ` class="${style}"` : ''} text-anchor="${anchor}" x="${at(x)}" y="${at(y)}">${content}</text>`;
