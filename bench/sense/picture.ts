import type { Run } from './results.ts';

/** Draws the instructions for one reading against the number of processes, as SVG for light and dark pages. */
const WIDTH = 880;
const HEIGHT = 560;
const LEFT = 92;
const RIGHT = 600;
const TOP = 104;
const BOTTOM = 490;
const LABEL_HEIGHT = 22;

const LINES: readonly { readonly reader: string; readonly label: string; readonly kind: string }[] = [
  { reader: 'module', label: 'module, kept open', kind: 'ours' },
  { reader: 'module_reopened', label: 'module, reopened', kind: 'ours thin' },
  { reader: 'node_module', label: 'Node: modules, parsed, checked', kind: 'ours dashed' },
  { reader: 'bpf', label: 'BPF iterator', kind: 'bpf' },
  { reader: 'node_bpf', label: 'Node: BPF, decoded', kind: 'bpf dashed' },
  { reader: 'walk_proc', label: 'C walk of /proc', kind: 'c' },
  { reader: 'ps', label: 'ps', kind: 'c thin' },
  { reader: 'process_exporter', label: 'process-exporter', kind: 'go' },
  { reader: 'node_walk', label: 'Node walk of /proc', kind: 'node' },
  { reader: 'systeminformation', label: 'Node: systeminformation', kind: 'node thin' },
];

const STYLE = `
rect { fill: #ffffff }
text { font: 15px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 18px; font-weight: 600 }
.quiet { fill: #59636e }
.grid { stroke: #d1d9e0 }
path { fill: none; stroke-width: 3; stroke-linejoin: round }
.thin { stroke-width: 1.6 }
path.ours { stroke: #0969da } path.bpf { stroke: #bf3989 } path.c { stroke: #bc4c00 } path.go { stroke: #1a7f37 } path.node { stroke: #8250df }
.dashed { stroke-dasharray: 8 4 }
circle.ours { fill: #0969da } circle.bpf { fill: #bf3989 } circle.c { fill: #bc4c00 } circle.go { fill: #1a7f37 } circle.node { fill: #8250df }
@media (prefers-color-scheme: dark) {
  rect { fill: #0d1117 }
  text { fill: #f0f6fc } .quiet { fill: #9198a1 } .grid { stroke: #3d444d }
  path.ours { stroke: #4493f8 } path.bpf { stroke: #db61a2 } path.c { stroke: #f0883e } path.go { stroke: #3fb950 } path.node { stroke: #ab7df8 }
  circle.ours { fill: #4493f8 } circle.bpf { fill: #db61a2 } circle.c { fill: #f0883e } circle.go { fill: #3fb950 } circle.node { fill: #ab7df8 }
}`;

interface Point {
  readonly x: number;
  readonly y: number;
}

export function picture({ processes, machine }: Run): string {
  const lines = LINES.map((line) => ({
    ...line,
    points: processes.flatMap((run): Point[] => {
      const cost = run.costs[line.reader] ?? run.node?.[line.reader];
      return cost === undefined ? [] : [{ x: run.processes, y: cost.cpu_ms + (cost.service_ms ?? 0) }];
    }),
  })).filter(({ points }) => points.length > 0);
  const all = lines.flatMap(({ points }) => points);
  const x = scale(
    all.map((point) => point.x),
    LEFT + 14,
    RIGHT - 14,
  );
  const y = scale(
    all.map((point) => point.y),
    BOTTOM - 10,
    TOP + 10,
  );
  const labels = spread(lines.map(({ points }) => y(points.at(-1)?.y ?? 1)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">
<title>Instructions for reading all processes once, against the number of processes</title>
<style>${STYLE}
</style>
<rect width="${WIDTH}" height="${HEIGHT}" rx="6"/>
<text class="title" x="${LEFT}" y="26">Instructions for reading all processes once</text>
<text class="quiet" x="${LEFT}" y="48">in the lab, kernel ${escaped(machine.kernel)}; starting a program not counted</text>
${powers(all.map((point) => point.y))
  .map((millions) => grid(y(millions), millions))
  .join('\n')}
${[...new Set(processes.map((run) => run.processes))]
  .map(
    (count) =>
      `<text class="quiet" text-anchor="middle" x="${at(x(count))}" y="${BOTTOM + 26}">${count.toLocaleString('en')}</text>`,
  )
  .join('\n')}
<text class="quiet" text-anchor="middle" x="${(LEFT + RIGHT) / 2}" y="${BOTTOM + 52}">processes (both axes logarithmic)</text>
${lines
  .map(({ points, kind, label }, i) => {
    const places = points.map((point) => ({ x: x(point.x), y: y(point.y) }));
    const last = places.at(-1) ?? { x: 0, y: 0 };
    const labelled = labels[i] ?? last.y;
    return [
      `<path class="${kind}" d="M${places.map((place) => `${at(place.x)},${at(place.y)}`).join('L')}"/>`,
      ...places.map((place) => `<circle class="${kind}" cx="${at(place.x)}" cy="${at(place.y)}" r="4"/>`),
      `<path class="${kind}" style="stroke-width:1;stroke-dasharray:none" d="M${at(last.x + 6)},${at(last.y)}L${RIGHT + 14},${at(labelled)}"/>`,
      `<text x="${RIGHT + 20}" y="${at(labelled + 5)}">${escaped(label)}</text>`,
    ].join('\n');
  })
  .join('\n')}
</svg>
`;
}

const at = (value: number): string => value.toFixed(1);

function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))];
  return (value) => from + ((Math.log10(value) - low) / (high - low || 1)) * (to - from);
}

function powers(values: readonly number[]): number[] {
  const found: number[] = [];
  for (let power = Math.ceil(Math.log10(Math.min(...values))); 10 ** power <= Math.max(...values); power += 1)
    found.push(10 ** power);
  return found;
}

function grid(height: number, millions: number): string {
  const label = millions >= 1000 ? `${millions / 1000} G` : `${millions} M`;
  return `<path class="grid" style="stroke-width:1" d="M${LEFT},${at(height)}H${RIGHT}"/><text class="quiet" text-anchor="end" x="${LEFT - 10}" y="${at(height + 5)}">${label}</text>`;
}

/** Moves labels apart, as little as necessary, so that none overlaps another. */
function spread(heights: readonly number[]): number[] {
  const order = heights.map((_, i) => i).sort((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0));
  const placed = [...heights];
  for (let round = 0; round < 100; round += 1) {
    for (let i = 1; i < order.length; i += 1) {
      const [above, below] = [order[i - 1] ?? 0, order[i] ?? 0];
      const overlap = LABEL_HEIGHT - ((placed[below] ?? 0) - (placed[above] ?? 0));
      if (overlap <= 0) continue;
      placed[above] = (placed[above] ?? 0) - overlap / 2;
      placed[below] = (placed[below] ?? 0) + overlap / 2;
    }
  }
  return placed;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
