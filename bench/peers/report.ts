import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { picture } from './picture.ts';
import {
  CONFIGURED,
  GROWTHS,
  type Growth,
  KINDS,
  type Kind,
  type Machine,
  NAMES,
  type Name,
  type Place,
  type Results,
  type Round,
  type Run,
} from './results.ts';
import { median, medianAndWorst } from './statistics.ts';

/**
 * Puts the output of rounds.ts into results.json, in place of the same place's earlier run, draws peers.svg and prints
 * the tables.
 *
 *   node report.ts FOLDER WORK    WORK contains lab.rounds or native.rounds, load, and for the lab versions
 *   node report.ts FOLDER         uses FOLDER/results.json only
 */
const lines = (path: string): string[] => readFileSync(path, 'utf8').trim().split('\n').filter(Boolean);

const [folder = '.', work] = process.argv.slice(2);
const file = join(folder, 'results.json');
let results: Results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { rivals: [] };

if (work !== undefined) {
  const place: Place = existsSync(join(work, 'lab.rounds')) ? 'lab' : 'native';
  const [machine, ...rounds] = lines(join(work, `${place}.rounds`)).map((line) => JSON.parse(line));
  const load = lines(join(work, 'load')).map(Number);
  const run: Run = {
    machine: machine as Machine,
    hostLoad: [Math.min(...load), median(load), Math.max(...load)],
    rounds: rounds as Round[],
  };
  const rivals = place === 'lab' ? lines(join(work, 'versions')) : results.rivals;
  if (rounds.length > 0) results = { ...results, rivals, [place]: run };
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
}
if (results.lab !== undefined) writeFileSync(join(folder, 'peers.svg'), picture(results));
for (const place of ['native', 'lab'] as const) {
  const run = results[place];
  if (run !== undefined) process.stdout.write(`${table(place, run)}\n\n`);
}
process.stdout.write(`${NAMES.map((name) => `${name}: ${CONFIGURED[name]}`).join('\n')}\n`);

function table(place: Place, { rounds, machine, hostLoad }: Run): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const columns = [
    'hog',
    '',
    'rounds',
    'kill accepted',
    'memory back',
    'back after its own threshold',
    'worst stall of ticker, reader',
    'ended by',
    'innocents killed',
    'lost',
    'culprit named',
  ];
  const rows = KINDS.flatMap((kind) =>
    GROWTHS.flatMap((growth) => NAMES.flatMap((name) => row(kind, growth, name, rounds))),
  );
  const { kernel, cpus, memoryKb, cgroup } = machine;
  const [least, middle, most] = hostLoad;
  return [
    `${place}: kernel ${kernel}, ${cpus} CPUs, ${Math.round(memoryKb / 1024)} MB, cgroup ${cgroup}; load of the host ${least} to ${most}, median ${middle}; times from the threshold (in the lab MemAvailable < 5 %), median (worst)`,
    '',
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map(line),
  ].join('\n');
}

function row(kind: Kind, growth: Growth, name: Name, all: readonly Round[]): string[][] {
  const rounds = all.filter(
    (round) => round.kind === kind && round.growth === growth && round.contestant === name,
  );
  if (rounds.length === 0) return [];
  const stall = (which: 'ticker' | 'reader') => seconds(rounds.map(({ stallMs }) => stallMs[which]));
  return [
    [
      `${kind}, ${growth}`,
      name,
      String(rounds.length),
      times(rounds, ({ killedMs }) => killedMs),
      times(rounds, ({ reliefMs }) => reliefMs),
      times(rounds, ({ ownReliefMs }) => ownReliefMs),
      `${stall('ticker')}, ${stall('reader')}`,
      counted(rounds.map(({ endedBy }) => [endedBy ?? 'not ended'])),
      counted(rounds.map(({ innocents }) => innocents)) || '0',
      counted(rounds.map(({ lost }) => lost.map((one) => one.split(' ')[0] ?? ''))) || '0',
      `${rounds.filter(({ isNamed }) => isNamed).length} of ${rounds.length}`,
    ],
  ];
}

/** "a, b ×2". */
function counted(lists: readonly (readonly string[])[]): string {
  const counts = Map.groupBy(lists.flat(), (one) => one);
  return [...counts].map(([one, { length }]) => (length > 1 ? `${one} ×${length}` : one)).join(', ');
}

/** Rounds without that time, and those that it was before the threshold, are counted apart. */
function times(rounds: readonly Round[], time: (round: Round) => number | null): string {
  const known = rounds.map(time).filter((value) => value !== null);
  const never = rounds.length - known.length;
  return [
    ...(known.length > 0 ? [seconds(known)] : []),
    ...(never > 0 ? [never === rounds.length ? 'never' : `never in ${never}`] : []),
  ].join('; ');
}

function seconds(values: readonly number[]): string {
  const { median, worst } = medianAndWorst(values);
  return `${(median / 1000).toFixed(2)} s (${(worst / 1000).toFixed(2)})`;
}
