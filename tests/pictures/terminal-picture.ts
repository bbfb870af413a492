// Renders `vigia top` as SVG: the screen of a terminal in tmux, with colours.
//   node tests/pictures/terminal-picture.ts CONFIG > docs/images/top.svg      (while its daemon runs)
//   node tests/pictures/terminal-picture.ts CONFIG es_ES.UTF-8 > docs/images/top-es.svg      (the same in Spanish)
import { join } from 'node:path';
import { Terminal } from '../unit/tmux.ts';

const [COLUMNS, ROWS] = [124, 28];
const [CELL, LINE, MARGIN] = [8.43, 18, 14];
const BACKGROUND = '#16181d';
const FOREGROUND = '#d7dae0';
const COLOURS: Readonly<Record<number, string>> = {
  31: '#ff6b68',
  32: '#7ccf7c',
  33: '#e5c07b',
  35: '#d98adf',
  36: '#63c7d6',
};

interface Style {
  readonly colour: string;
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isInverse: boolean;
}
const PLAIN: Style = { colour: FOREGROUND, isBold: false, isDim: false, isInverse: false };

const [config, locale = 'C.UTF-8'] = process.argv.slice(2);
if (config === undefined) throw new Error('usage: node tests/pictures/terminal-picture.ts CONFIG');
using terminal = await Terminal.open(COLUMNS, ROWS);
// The shell keeps its own locale: it need not exist for the command.
terminal.type(`LC_ALL=${locale} ${join(import.meta.dirname, '../../vigia')} --config ${config} top`);
terminal.press('Enter');
await terminal.until('vigia top', (screen) => /running {2}cycle|en marcha {2}ciclo/.test(screen));
process.stdout.write(svgOf(terminal.screen(true).split('\n').slice(0, ROWS)));

function svgOf(lines: readonly string[]): string {
  const [width, height] = [Math.ceil(COLUMNS * CELL + 2 * MARGIN), lines.length * LINE + 2 * MARGIN];
  let style = PLAIN;
  const drawn = lines.map((line, row) => {
    let column = 0;
    const pieces: string[] = [];
    for (const [index, part] of line.split('\x1b[').entries()) {
      // Each part but the first begins with the codes of its escape sequence, up to an `m`.
      const end = index === 0 ? -1 : part.indexOf('m');
      if (index > 0) style = styled(style, part.slice(0, end));
      const text = part.slice(end + 1);
      pieces.push(piece(text, column, row, style));
      column += text.length;
    }
    return pieces.join('');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" role="img">
<title>vigia top</title>
<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>
${drawn.filter((line) => line !== '').join('\n')}
</svg>
`;
}

function styled(before: Style, codes: string): Style {
  let style = before;
  for (const code of codes.split(';')) style = withCode(style, Number(code));
  return style;
}

function withCode(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, isBold: true };
  if (code === 2) return { ...style, isDim: true };
  if (code === 22) return { ...style, isBold: false, isDim: false };
  if (code === 7) return { ...style, isInverse: true };
  if (code === 27) return { ...style, isInverse: false };
  if (code === 39) return { ...style, colour: FOREGROUND };
  return { ...style, colour: COLOURS[code] ?? style.colour };
}

/** SVG of a text with one style. `textLength` keeps the cells in their columns with any font. */
function piece(
  text: string,
  column: number,
  row: number,
  { colour, isBold, isDim, isInverse }: Style,
): string {
  const [x, width] = [MARGIN + column * CELL, text.length * CELL];
  const box = isInverse
    ? `<rect x="${x.toFixed(1)}" y="${MARGIN + row * LINE}" width="${width.toFixed(1)}" height="${LINE}" fill="${colour}"/>`
    : '';
  if (text.trim() === '') return box;
  const fill = isInverse ? BACKGROUND : colour;
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const more = `${isBold ? ' font-weight="bold"' : ''}${isDim ? ' opacity="0.6"' : ''}`;
  return `${box}<text x="${x.toFixed(1)}" y="${MARGIN + row * LINE + 13}" textLength="${width.toFixed(1)}" xml:space="preserve" fill="${fill}"${more}>${escaped}</text>`;
}
