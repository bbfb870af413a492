import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What run.sh measured, as tables: each process in per cent of a core, the engine's extra beside it, RSS.
 *
 *   node report.ts FOLDER    from FOLDER/native.json and FOLDER/lab.json, whichever are there
 */
interface Span {
  readonly name: string;
  readonly seconds: number;
  readonly load1: readonly [number, number];
  /** CPU of dockerd, containerd and what they start, in the span. */
  readonly engine_us: number;
  readonly cpu_us: Readonly<Record<string, number>>;
  readonly memory?: Readonly<Record<string, { peak_rss_kb: number; rss_kb: number; anonymous_kb: number }>>;
}

interface Results {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly containers: number;
  readonly spans: readonly Span[];
}

const percentOfCore = (us: number, { seconds }: Span): number => us / 1e4 / seconds;
const figure = (percent: number): string => `${percent.toFixed(3)} %`;
const megabytes = (kb: number): string => `${(kb / 1024).toFixed(0)} MB`;

/** The engine's share while nobody asks it anything: the mean of the spans that measured nothing else. */
function engineAlone(spans: readonly Span[]): number {
  const alone = spans.filter(({ cpu_us }) => Object.keys(cpu_us).length === 0);
  return alone.reduce((sum, span) => sum + percentOfCore(span.engine_us, span), 0) / alone.length;
}

function table({ machine, containers, spans }: Results): string {
  const alone = engineAlone(spans);
  const rows = spans.map((span) => {
    const own = Object.entries(span.cpu_us).map(([name, us]) => ({ name, percent: percentOfCore(us, span) }));
    const extra = percentOfCore(span.engine_us, span) - alone;
    const total = own.reduce((sum, { percent }) => sum + percent, extra);
    const memory = Object.entries(span.memory ?? {});
    return [
      span.name,
      own.map(({ name, percent }) => `${name} ${figure(percent)}`).join(', ') || '–',
      `${figure(percentOfCore(span.engine_us, span))} (${extra >= 0 ? '+' : ''}${figure(extra)})`,
      own.length === 0 ? '–' : figure(total),
      memory.map(([name, { rss_kb }]) => `${name} ${megabytes(rss_kb)}`).join(', ') || '–',
      `${span.load1.join(' → ')}`,
    ];
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `${containers} containers; ${Object.entries(machine)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ')}`,
    '',
    line(['', 'CPU, of a core', 'engine (beyond alone)', 'together', 'RSS', 'load']),
    line(Array(6).fill('---')),
    ...rows.map(line),
  ].join('\n');
}

const folder = process.argv[2] ?? '.';
for (const place of ['native', 'lab']) {
  const file = join(folder, `${place}.json`);
  if (!existsSync(file)) continue;
  const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
  process.stdout.write(`${place}: ${table(results)}\n\n`);
}
