import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Prints the results of run.sh as tables: CPU of each process in percent of a core, additional CPU of the engine, RSS.
 *
 *   node report.ts FOLDER    reads FOLDER/native.json and FOLDER/lab.json, if they exist
 */
interface Span {
  readonly name: string;
  readonly seconds: number;
  readonly load1: readonly [number, number];
  /** CPU time in the span; containerd includes its shims and their children. */
  readonly engine_us: { readonly dockerd: number; readonly containerd: number };
  readonly cpu_us: Readonly<Record<string, number>>;
  readonly memory?: Readonly<Record<string, { peak_rss_kb: number; rss_kb: number; anonymous_kb: number }>>;
}

interface Results {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly containers: number;
  /** CPU time of dockerd for listing all containers once. */
  readonly list_us: number;
  readonly spans: readonly Span[];
}

const percentOfCore = (us: number, { seconds }: Span): number => us / 1e4 / seconds;
const figure = (percent: number): string => `${percent.toFixed(3)} %`;
const signed = (percent: number): string => `${percent < 0 ? '−' : '+'}${figure(Math.abs(percent))}`;
const megabytes = (kb: number): string => `${(kb / 1024).toFixed(0)} MB`;

/** CPU of dockerd without requests: the mean of the spans in which nothing else was measured. */
function dockerdAlone(spans: readonly Span[]): number {
  const alone = spans.filter(({ cpu_us }) => Object.keys(cpu_us).length === 0);
  return alone.reduce((sum, span) => sum + percentOfCore(span.engine_us.dockerd, span), 0) / alone.length;
}

function table({ machine, containers, list_us, spans }: Results): string {
  const alone = dockerdAlone(spans);
  const rows = spans.map((span) => {
    const own = Object.entries(span.cpu_us).map(([name, us]) => ({ name, percent: percentOfCore(us, span) }));
    const dockerd = percentOfCore(span.engine_us.dockerd, span);
    const together = own.reduce((sum, { percent }) => sum + percent, dockerd - alone);
    const memory = Object.entries(span.memory ?? {});
    return [
      span.name,
      own.map(({ name, percent }) => `${name} ${figure(percent)}`).join(', ') || '–',
      `${figure(dockerd)} (${signed(dockerd - alone)})`,
      figure(percentOfCore(span.engine_us.containerd, span)),
      own.length === 0 ? '–' : figure(together),
      memory.map(([name, { rss_kb }]) => `${name} ${megabytes(rss_kb)}`).join(', ') || '–',
      `${span.load1.join(' → ')}`,
    ];
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `${containers} containers; ${Object.entries(machine)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ')}`,
    `listing the containers: ${(list_us / 1000).toFixed(2)} ms of dockerd; every 20 s: ${figure(list_us / 200_000)} of a core`,
    '',
    line(['', 'CPU, of a core', 'dockerd (additional)', 'containerd', 'total', 'RSS', 'load']),
    line(Array(7).fill('---')),
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
