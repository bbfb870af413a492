import { Command, InvalidArgumentError } from 'commander';
import type { Simulation, Summary } from '../app/simulate.ts';
import { INVARIANTS, type Invariant } from '../simulate/witness.ts';
import { configOf, paint } from './common.ts';

interface Options {
  readonly days: number;
  readonly seed: number;
  readonly scenario: string;
  readonly faults?: boolean;
  readonly database?: string;
}

const BAR = 40;

export function simulateCommand(): Command {
  return new Command('simulate')
    .description(
      'the same loop in virtual time on a modelled host, held against the invariants; exit code 1 if one breaks',
    )
    .option('--days <n>', 'how long', positive, 1)
    .option('--seed <n>', 'which run; the same seed gives the same run', positive, 1)
    .option('--scenario <name>', 'what happens (simulate/scenarios/), or a file by its path', 'workload')
    .option(
      '--faults',
      'with engine errors, broken sensors, clock jumps, a full disk and crashes of the daemon',
    )
    .option('--database <file>', 'keep the record of it in this new file, for vigia replay')
    .action(async ({ days, seed, scenario, faults, database }: Options, command: Command) => {
      const { simulate } = await import('../app/simulate.ts');
      const { loadScenario } = await import('../app/scenarios.ts');
      const { ALL_FAULTS, NO_FAULTS } = await import('../simulate/faults.ts');
      const simulation: Simulation = {
        scenario: loadScenario(scenario),
        faults: faults ? ALL_FAULTS : NO_FAULTS,
        days,
        seed,
        config: { ...configOf(command), mode: 'enforce' },
        database: database ?? null,
        progress: drawBar,
      };
      const summary = await simulate(simulation);
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
      console.log(describe(simulation, summary));
      const [first] = summary.witness.violations;
      if (first === undefined) return;
      const again = `vigia simulate --scenario ${scenario} --days ${days} --seed ${seed}${faults ? ' --faults' : ''}`;
      console.error(paint('red', `FAILED at cycle ${first.tick}. To see it again: ${again}`, process.stderr));
      process.exitCode = 1;
    });
}

function drawBar(done: number): void {
  if (!process.stderr.isTTY) return;
  const filled = Math.round(done * BAR);
  process.stderr.write(`\r${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${Math.round(done * 100)} %`);
}

function describe({ scenario, days, seed }: Simulation, summary: Summary): string {
  const { witness, cycles, containers, crashes, faults, rssKb, databaseBytes, seconds } = summary;
  const mb = (bytes: number | undefined) => `${((bytes ?? 0) / 1e6).toFixed(1)} MB`;
  const every = (values: readonly number[], unit: number) =>
    values.map((value) => (value / unit).toFixed(0)).join(' ');
  return [
    paint('bold', scenario.about),
    `seed ${seed}: ${days} days, ${cycles} cycles, ${containers} containers in ${seconds.toFixed(1)} s; ${faults} faults, ${crashes} of them crashes`,
    `removed ${witness.removals}, ${witness.kills} of them killed for memory; started ${witness.starts}; throttled ${witness.throttles}`,
    `quotas restored after  ${percentiles(witness.restoredAfterMs, 1000, 's')}`,
    `memory short to kill   ${percentiles(witness.reactionMs, 1000, 's')}`,
    `own memory (RSS)       ${every(rssKb, 1000)} MB`,
    `database               ${every(databaseBytes, 1e6)} MB, at the end ${mb(databaseBytes.at(-1))}`,
    '',
    ...(Object.keys(INVARIANTS) as Invariant[]).map((name) => verdictOn(name, witness)),
  ].join('\n');
}

function verdictOn(name: Invariant, { checks, violations }: Summary['witness']): string {
  const broken = violations.filter(({ invariant }) => invariant === name);
  const line = `${name.padEnd(16)} ${String(checks.get(name) ?? 0).padStart(9)} checks  ${INVARIANTS[name]}`;
  if (broken.length === 0) return `${paint('green', 'ok')}      ${line}`;
  const examples = broken
    .slice(0, 3)
    .map(({ tick, atMs, what }) => `          cycle ${tick}, ${clock(atMs)}: ${what}`);
  return [`${paint('red', 'BROKEN')}  ${line}`, ...examples].join('\n');
}

/** Of the virtual host: days and time since its boot. */
function clock(ms: number): string {
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  return `day ${Math.floor(ms / 86_400_000)} ${two((ms / 3_600_000) % 24)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}`;
}

export function percentiles(values: readonly number[], unit: number, name: string): string {
  if (values.length === 0) return 'never needed';
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    ((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) / unit).toFixed(2);
  return `${at(0.5)} ${name} half of the time, ${at(0.95)} in 95 %, ${at(0.99)} in 99 %, at most ${at(1)} (${values.length} times)`;
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('a number above 0.');
  return number;
}
