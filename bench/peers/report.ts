import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { picture } from './picture.ts';
import { CONFIGURED, type Hog, NAMES, type Name, type Results, type Round, type Run } from './results.ts';
import { median, medianAndWorst } from './statistics.ts';

/**
 * Adds the output of rounds.ts to results.json, draws peers.svg and prints the table.
 *
 *   node report.ts FOLDER WORK    WORK contains versions and, for each hog, HOG.json and HOG.load
 *   node report.ts FOLDER         uses FOLDER/results.json only
 */
const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const lines = (path: string): string[] => readFileSync(path, 'utf8').trim().split('\n');

const [folder = '.', work] = process.argv.slice(2);
const file = join(folder, 'results.json');
let results = (existsSync(file) ? json(file) : { rivals: [], hostLoad: {} }) as Results;

if (work !== undefined) {
  results = { ...results, rivals: lines(join(work, 'versions')) };
  for (const hog of ['fast', 'slow'] satisfies Hog[]) {
    if (!existsSync(join(work, `${hog}.json`))) continue;
    const load = lines(join(work, `${hog}.load`)).map(Number);
    results = {
      ...results,
      [hog]: json(join(work, `${hog}.json`)) as Run,
      hostLoad: { ...results.hostLoad, [hog]: [Math.min(...load), median(load), Math.max(...load)] },
    };
  }
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
}
writeFileSync(join(folder, 'peers.svg'), picture(results));
process.stdout.write(
  `${[results.fast, results.slow].flatMap((run) => (run ? [table(run)] : [])).join('\n\n')}\n\n`,
);
process.stdout.write(`${NAMES.map((name) => `${name}: ${CONFIGURED[name]}`).join('\n')}\n`);
process.stdout.write(`host load (minimum, median, maximum): ${JSON.stringify(results.hostLoad)}\n`);

function table({ rounds, machine }: Run): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const columns = [
    `${rounds[0]?.hog} hog`,
    'rounds',
    'hog ended',
    'memory recovered',
    'recovered after its own threshold',
    'least available',
    'worst stall',
    'others killed',
  ];
  return [
    `kernel ${machine.kernel}, ${machine.cpus} CPUs, ${Math.round(machine.memory_kb / 1024)} MB; times after MemAvailable < 5 %, median (worst)`,
    '',
    line(columns),
    line(columns.map((_, i) => (i === 0 || i === 7 ? '---' : '---:'))),
    ...NAMES.flatMap((name) => rows(name, rounds)).map(line),
  ].join('\n');
}

function rows(name: Name, rounds: readonly Round[]): string[][] {
  const all = rounds.filter(({ contestant }) => contestant === name);
  // If there were both kinds of rounds, add a row for each.
  const kinds = new Set(all.map(({ standing }) => standing));
  const parts =
    kinds.size > 1
      ? [...kinds].map((kind) => ({
          label: `${name}, hog ${kind}`,
          of: all.filter(({ standing }) => standing === kind),
        }))
      : [];
  return [{ label: name as string, of: all }, ...parts]
    .filter(({ of }) => of.length > 0)
    .map(({ label, of }) => row(label, of));
}

function row(label: string, rounds: readonly Round[]): string[] {
  const died = rounds.filter(({ bystanders }) => bystanders.length > 0);
  const names = [...new Set(died.flatMap(({ bystanders }) => bystanders))];
  return [
    label,
    String(rounds.length),
    ends(rounds, ({ endedMs }) => endedMs),
    ends(rounds, ({ backMs }) => backMs),
    seconds(rounds.map(({ ownBackMs }) => ownBackMs)),
    `${medianAndWorst(rounds.map(({ lowestPercent }) => lowestPercent)).median.toFixed(1)} %`,
    seconds(rounds.map(({ worstStallMs }) => worstStallMs)),
    died.length === 0 ? 'none' : `in ${died.length} of ${rounds.length}: ${names.join(', ')}`,
  ];
}

/** Time after 5 % were reached. Rounds that never reached 5 %, or in which the hog survived, are counted separately. */
function ends(rounds: readonly Round[], time: (round: Round) => number | null): string {
  const before = rounds.filter(({ crossedMs }) => crossedMs === null).length;
  const never = rounds.filter(({ endedMs }) => endedMs === null).length;
  const rest = rounds.filter(({ crossedMs, endedMs }) => crossedMs !== null && endedMs !== null);
  return [
    ...(rest.length > 0 ? [seconds(rest.map(time))] : []),
    ...(before > 0 ? [`before 5 % in ${before}`] : []),
    ...(never > 0 ? [`never in ${never}`] : []),
  ].join('; ');
}

function seconds(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return '–';
  const { median, worst } = medianAndWorst(known);
  return `${(median / 1000).toFixed(2)} s (${(worst / 1000).toFixed(2)})`;
}
