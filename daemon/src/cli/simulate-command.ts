import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Simulation } from '../app/run-simulation.ts';
import { scenarioNames } from '../app/scenarios.ts';
import type { SimulationReport } from '../app/simulation-report.ts';
import { exitWithParent, runOwnChild, sendToParent } from '../host/own-children.ts';
import type { Scenario } from '../simulate/scenario.ts';
import { TerminalError } from '../words/terminal-error.ts';
import { configOf, paint, printJson, withHelp } from './common.ts';
import { ProgressBar } from './progress-bar.ts';
import { describeReport, describeReports, failureOf } from './simulate-report.ts';

interface Options {
  readonly days: number;
  readonly seed: number;
  readonly seeds?: readonly number[];
  readonly scenario: string;
  readonly faults?: boolean;
  readonly database?: string | null;
  readonly json?: boolean;
  readonly scenarioFrom?: string;
}

const MOST_SEEDS = 1000;

export function simulateCommand(): Command {
  const simulate = new Command('simulate')
    .description('run the decision loop against a simulated host in virtual time and check the invariants')
    .option('--days <n>', 'simulate this many days', days, 1)
    .option('--seed <n>', 'number of the run; the same seed gives the same run', seed, 1)
    .addOption(
      new Option('--seeds <list>', 'run several seeds, one per core at a time: 20 (1 to 20), 5..9 or 1,4,7')
        .argParser(seeds)
        .conflicts(['seed', 'database']),
    )
    .option('--scenario <name-or-file>', 'what happens: a name from the list below, or a path', 'workload')
    .option(
      '--faults',
      'inject engine errors, broken sensors, clock jumps, a full disk and crashes of the daemon',
    )
    .option('--database <file>', 'keep the database of the run in this new file, for vigia replay')
    .option('--json', 'print the report as JSON; with --seeds a list of reports')
    .option('--scenario-from <database>', 'print the events of a recorded database as a scenario, and end')
    .action(async (options: Options, command: Command) => {
      if (options.scenarioFrom !== undefined) return printJson(await recorded(options.scenarioFrom));
      const bar = new ProgressBar();
      const reports =
        options.seeds === undefined
          ? [await one(options, command, bar)]
          : await several(options, options.seeds, command, bar);
      bar.clear();
      const [only] = reports;
      if (options.json) printJson(options.seeds === undefined ? only : reports);
      else if (options.seeds === undefined && only !== undefined) console.log(describeReport(only));
      else console.log(describeReports(reports));
      for (const failure of reports.map(failureOf)) {
        if (failure === null) continue;
        console.error(paint('red', failure, process.stderr));
        process.exitCode = 1;
      }
    });
  return withHelp(simulate, {
    notes: () => `Scenarios: ${scenarioNames().join(', ')}`,
    examples: [
      'vigia simulate --days 30 --seed 7 --faults',
      ['vigia simulate --scenario hogs --seeds 20', 'a line for each seed'],
      ['vigia simulate --days 0.1 --database kept.db', 'for vigia replay'],
      ['vigia simulate --scenario-from kept.db > mine.json', 'then: --scenario ./mine.json'],
    ],
    exitCodes: '0 every invariant held, 1 one did not or the run failed, 2 wrong usage or configuration',
  });
}

async function recorded(path: string): Promise<Scenario> {
  const { openForReading } = await import('../record/database.ts');
  const { readObserved } = await import('../record/observed.ts');
  const { scenarioFromRecord } = await import('../app/scenario-from-record.ts');
  using db = openForReading(path);
  return scenarioFromRecord(readObserved(db), `recorded by vigia in ${basename(path)}`);
}

async function one(
  { days, seed, scenario, faults = false, database = null }: Options,
  command: Command,
  bar: ProgressBar,
): Promise<SimulationReport> {
  const { runSimulation } = await import('../app/run-simulation.ts');
  const { loadScenario } = await import('../app/scenarios.ts');
  const { reportOf } = await import('../app/simulation-report.ts');
  const { ALL_FAULTS, NO_FAULTS } = await import('../simulate/faults.ts');
  exitWithParent();
  const simulation: Simulation = {
    scenario: loadScenario(scenario),
    faults: faults ? ALL_FAULTS : NO_FAULTS,
    days,
    seed,
    config: configOf(command),
    database,
    progress(done) {
      bar.draw(done);
      sendToParent(done);
    },
  };
  return reportOf(scenario, faults, simulation, await runSimulation(simulation));
}

/** Runs each seed in a process of its own, so that the memory in a report is that of one run. */
async function several(
  { days, scenario, faults }: Options,
  list: readonly number[],
  command: Command,
  bar: ProgressBar,
): Promise<SimulationReport[]> {
  const { config } = command.optsWithGlobals<{ config?: string }>();
  const own: [string, ...string[]] = [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
  const done = new Map<number, number>();
  const reports: SimulationReport[] = [];
  const left = [...list];
  const end = new AbortController();
  async function work(): Promise<void> {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      const which = seed;
      const args = ['simulate', '--json', '--scenario', scenario, '--days', `${days}`, '--seed', `${seed}`];
      const printed = await runOwnChild(
        own,
        {
          args: [...(config ? ['--config', config] : []), ...args, ...(faults ? ['--faults'] : [])],
          onMessage(share) {
            done.set(which, Number(share));
            bar.draw([...done.values()].reduce((sum, part) => sum + part, 0) / list.length);
          },
          signal: end.signal,
        },
        [0, 1],
      );
      if (printed === '') throw new TerminalError(({ simulate: say }) => say.noReport(which));
      reports.push(JSON.parse(printed) as SimulationReport);
    }
  }
  try {
    await Promise.all(Array.from({ length: availableParallelism() }, work));
  } finally {
    // After a failure the other runs are ended.
    end.abort();
  }
  return reports.sort((a, b) => a.seed - b.seed);
}

function days(text: string): number {
  const number = Number(text);
  if (!(number > 0 && number < Infinity)) throw new InvalidArgumentError('It must be a number above 0.');
  return number;
}

/** A whole number: a fraction would be cut off, and two values would name one run. */
function seed(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new InvalidArgumentError('It must be a whole number from 0 to 999999999.');
  return Number(text);
}

/** A list of seeds; `20` is 1 to 20. */
export function seeds(text: string): number[] {
  const list = (/^\d+$/.test(text) ? `1..${text}` : text).split(',').flatMap((part) => {
    const [, from, to = from] = /^(\d+)(?:\.\.(\d+))?$/.exec(part) ?? [];
    const length = Number(to) - Number(from) + 1;
    if (from === undefined || !(length > 0 && length <= MOST_SEEDS))
      throw new InvalidArgumentError('It must be 20 (for 1 to 20), 5..9 or 1,4,7, with at most 1000 seeds.');
    return Array.from({ length }, (_, i) => Number(from) + i);
  });
  return [...new Set(list)];
}
