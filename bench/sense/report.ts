import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { picture } from './picture.ts';
import type { Results, Run } from './results.ts';

/**
 * Writes results.json and cost.svg from the output of run.sh, and prints the tables.
 *
 *   node report.ts PROCESSES.json CONTAINERS.json INSTRUCTIONS.json VERSIONS FOLDER    uses three runs of run.sh
 *   node report.ts FOLDER                                                              uses FOLDER/results.json only
 */
const READERS: Record<string, string> = {
  module: 'module, file kept open, as the daemon does',
  module_reopened: 'module, file reopened each time',
  bpf: 'BPF iterator, without command lines',
  walk_proc: 'C program: `stat`, `statm`, `cmdline`, `io`',
  ps: '`ps -eo pid,ppid,comm,args,stat,vsz,rss,pcpu,pmem`',
  process_exporter: 'prometheus-process-exporter, one scrape',
  node_module: 'Node: both modules read, parsed, validated',
  node_bpf: 'Node: BPF iterator read, decoded, with command lines and containers',
  node_walk: 'Node: /proc walked, as the daemon does without either',
  systeminformation: 'Node: npm systeminformation, `processes()`',
  docker_stats: '`docker stats --no-stream`, engine included',
  cadvisor: 'cadvisor 0.38, one scrape',
};

function total({ cpu_ms, service_ms = 0 }: { cpu_ms: number; service_ms?: number }): number {
  return cpu_ms + service_ms;
}

const number = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));

function table(columns: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [line(['', ...columns]), line(['---', ...columns.map(() => '---:')]), ...rows.map(line)].join('\n');
}

/** One row for each reader: its cost in each run, and the ratio to that of `base`. */
function rows(
  runs: readonly Record<string, { cpu_ms: number; service_ms?: number }>[],
  base: string,
): string[][] {
  return [...new Set(runs.flatMap(Object.keys))].map((reader) => [
    READERS[reader] ?? reader,
    ...runs.map((run) => {
      const [cost, first] = [run[reader], run[base]];
      if (cost === undefined) return '';
      const times = first === undefined || reader === base ? '' : ` (${number(total(cost) / total(first))}×)`;
      return `${number(total(cost))} ms${times}`;
    }),
  ]);
}

function perProcesses({ processes }: Run): string {
  return table(
    processes.map((run) => `${run.processes} processes`),
    [
      ...rows(
        processes.map(({ costs }) => costs),
        'module',
      ),
      ...rows(
        processes.map(({ node }) => node ?? {}),
        'node_module',
      ),
    ],
  );
}

function tables({ processes, containers, instructions }: Results): string {
  return [
    ...(processes.processes.length === 0 ? [] : [perProcesses(processes)]),
    ...(containers.containers.length === 0
      ? []
      : [
          table(
            containers.containers.map((run) => `${run.containers} containers`),
            rows(
              containers.containers.map(({ costs }) => costs),
              'module',
            ),
          ),
        ]),
    // The clock of that machine advances by 1 ns per instruction, so 1 ms is a million instructions.
    perProcesses(instructions).replaceAll(' ms', ' M'),
  ].join('\n\n');
}

const args = process.argv.slice(2);
const folder = args.at(-1) ?? '.';
const file = join(folder, 'results.json');
const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
if (args.length === 5) {
  const [processes, containers, instructions] = args.slice(0, 3).map(json);
  const rivals = readFileSync(args[3] ?? '', 'utf8')
    .trim()
    .split('\n');
  writeFileSync(file, `${JSON.stringify({ rivals, processes, containers, instructions }, null, 2)}\n`);
}
const results = json(file) as Results;
writeFileSync(join(folder, 'cost.svg'), picture(results.instructions));
process.stdout.write(`${tables(results)}\n`);
