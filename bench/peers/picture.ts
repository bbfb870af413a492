import {
  GROWTHS,
  type Growth,
  KINDS,
  type Kind,
  NAMES,
  type Name,
  type Results,
  type Round,
} from './results.ts';
import { medianAndWorst } from './statistics.ts';

/** Draws whom each program killed for each hog in the lab, and when memory was back, as SVG for light and dark pages. */
const LABELS = 150;
const CELL = 172;
const ROW = 44;
const TOP = 84;
const WIDTH = LABELS + NAMES.length * CELL + 20;

const STYLE = `
rect.page { fill: #ffffff }
text { font: 14px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 18px; font-weight: 600 } .head { font-weight: 600 }
.quiet { fill: #59636e }
.good { fill: #dafbe1 } .bad { fill: #ffebe9 } .idle { fill: #f6f8fa }
@media (prefers-color-scheme: dark) {
  rect.page { fill: #0d1117 }
  text { fill: #f0f6fc } .quiet { fill: #9198a1 }
  .good { fill: #12361f } .bad { fill: #4c1a1e } .idle { fill: #151b23 }
}`;

export function picture({ lab }: Results): string {
  const rows = GROWTHS.flatMap((growth) => KINDS.map((kind) => ({ growth, kind }))).filter(
    ({ growth, kind }) => lab?.rounds.some((round) => round.growth === growth && round.kind === kind),
  );
  const height = TOP + rows.length * ROW + 20;
  const heads = NAMES.map((name, i) =>
    text(LABELS + i * CELL + 8, 66, name === 'vigia' ? 'Vigía' : name, 'head'),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>The host runs out of memory: what each program kills, and when memory is available again</title>
<style>${STYLE}
</style>
<rect class="page" width="${WIDTH}" height="${height}" rx="6"/>
${text(20, 30, 'The host runs out of memory: innocents killed, and when memory is available again', 'title')}
${heads.join('\n')}
${rows.map(({ growth, kind }, i) => row(lab?.rounds ?? [], kind, growth, TOP + i * ROW)).join('\n')}
</svg>
`;
}

function row(rounds: readonly Round[], kind: Kind, growth: Growth, y: number): string {
  const of = (name: Name) =>
    rounds.filter((round) => round.contestant === name && round.kind === kind && round.growth === growth);
  return [
    text(20, y + 24, `${kind}, ${growth}`, ''),
    ...NAMES.map((name, i) => cell(of(name), LABELS + i * CELL, y)),
  ].join('\n');
}

function cell(rounds: readonly Round[], x: number, y: number): string {
  if (rounds.length === 0) return text(x + 8, y + 24, 'not run', 'quiet');
  const killed = rounds.reduce((sum, { innocents }) => sum + innocents.length, 0);
  const back = rounds.map(({ reliefMs }) => reliefMs).filter((value) => value !== null);
  const isHarmless = killed === 0 && rounds.every(({ lost }) => lost.length === 0);
  const kind = !isHarmless ? 'bad' : back.length > 0 ? 'good' : 'idle';
  const when =
    back.length === 0 ? 'memory not back' : `back after ${(medianAndWorst(back).median / 1000).toFixed(1)} s`;
  return [
    `<rect class="${kind}" x="${x}" y="${y}" width="${CELL - 6}" height="${ROW - 6}" rx="4"/>`,
    text(x + 8, y + 16, isHarmless ? 'no innocent killed' : `${killed} innocent killed`, ''),
    text(x + 8, y + 32, when, 'quiet'),
  ].join('');
}

function text(x: number, y: number, content: string, kind: string): string {
  return `<text${kind ? ` class="${kind}"` : ''} x="${x}" y="${y}">${content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;
}
