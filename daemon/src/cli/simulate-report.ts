import type { InvariantReport, Percentiles, SimulationReport } from '../app/simulation-report.ts';
import { firstViolation } from '../app/simulation-report.ts';
import { FORMATS, LANGUAGE, paint, table, WORDS } from './common.ts';
import { invariantsInSpanish, SCENARIOS_SPANISH } from './simulate-spanish.ts';

const { number } = FORMATS;
const mb = (value: number, unit: number): string => number(value / unit, 0);

/** One simulation in full. */
export function describeReport(report: SimulationReport): string {
  const { simulate: say } = WORDS;
  const { seed, days, cycles, containers, faults, crashes, seconds, cpuSeconds } = report;
  const every = (values: readonly number[], unit: number) =>
    `${values.map((value) => mb(value, unit)).join(' ')} MB`;
  const figures: readonly (readonly [name: string, text: string])[] = [
    [say.restored, percentilesOf(report.restoredAfterMs)],
    [say.reaction, percentilesOf(report.reactionMs)],
    [say.ownMemory, every(report.rssKb, 1000)],
    [say.database, every(report.databaseBytes, 1e6)],
  ];
  const width = Math.max(...figures.map(([name]) => name.length));
  const run = say.run({
    seed,
    days: number(days),
    cycles,
    containers,
    seconds: `${number(seconds, 1)} s`,
    cpuSeconds: `${number(cpuSeconds, 1)} s`,
  });
  return [
    paint('bold', aboutOf(report)),
    `${run}; ${say.faults(faults, crashes)}`,
    say.done(report),
    ...figures.map(([name, text]) => `${name.padEnd(width)}  ${text}`),
    '',
    ...report.invariants.map(describeInvariant),
  ].join('\n');
}

/** Several simulations, a line each. */
export function describeReports(reports: readonly SimulationReport[]): string {
  const { columns } = WORDS;
  const seconds = (ms: number | null) => (ms === null ? '–' : `${number(ms / 1000, 1)} s`);
  const right = true as const;
  return table(reports, [
    { title: columns.scenario, value: ({ scenario }) => scenario },
    { title: columns.seed, right, value: ({ seed }) => String(seed) },
    { title: columns.cycles, right, value: ({ cycles }) => String(cycles) },
    { title: columns.containers, right, value: ({ containers }) => String(containers) },
    { title: columns.faults, right, value: ({ faults }) => String(faults) },
    { title: columns.crashes, right, value: ({ crashes }) => String(crashes) },
    { title: columns.removed, right, value: ({ removed }) => String(removed) },
    { title: columns.killed, right, value: ({ kills }) => String(kills) },
    { title: columns.restored, right, value: ({ restoredAfterMs }) => seconds(restoredAfterMs.p99) },
    { title: columns.reaction, right, value: ({ reactionMs }) => seconds(reactionMs.p99) },
    { title: 'RSS', right, value: ({ rssKb }) => `${mb(rssKb.at(-1) ?? 0, 1000)} MB` },
    {
      title: columns.database,
      right,
      value: ({ databaseBytes }) => `${mb(databaseBytes.at(-1) ?? 0, 1e6)} MB`,
    },
    {
      title: columns.checks,
      right,
      value: ({ invariants }) => String(sum(invariants, ({ checks }) => checks)),
    },
    { title: columns.duration, right, value: ({ seconds: took }) => `${number(took, 0)} s` },
    { title: columns.broken, value: brokenOf },
  ]);
}

/** The first violation, or the checks that were missed, and the command that reproduces it; null when all is well. */
export function failureOf(report: SimulationReport): string | null {
  const { scenario, days, seed, faultsOn, invariants } = report;
  const command = `vigia simulate --scenario ${scenario} --days ${days} --seed ${seed}${faultsOn ? ' --faults' : ''}`;
  const first = firstViolation(report);
  if (first !== null) return WORDS.simulate.failure(first.tick, command);
  const missed = invariants.filter(({ isMissed }) => isMissed).map(({ name }) => name);
  return missed.length === 0 ? null : WORDS.simulate.missed(missed.join(', '), command);
}

/** A scenario that comes with Vigía is described in either language; another one as its file does. */
function aboutOf({ scenario, about }: SimulationReport): string {
  return LANGUAGE === 'es' ? (SCENARIOS_SPANISH[scenario] ?? about) : about;
}

function brokenOf({ invariants }: SimulationReport): string {
  const names = invariants
    .filter(({ violations, isMissed }) => violations.length > 0 || isMissed)
    .map(({ name, violations, isMissed }) =>
      isMissed ? `${name} (${WORDS.simulate.notReached})` : `${name} ×${violations.length}`,
    );
  return names.length === 0 ? WORDS.simulate.none : names.join(', ');
}

function describeInvariant({ name, about, checks, isMissed, violations }: InvariantReport): string {
  const { simulate: say } = WORDS;
  const width = Math.max(say.holds.length, say.broken.length, say.notReached.length);
  const state =
    violations.length > 0
      ? paint('red', say.broken.padEnd(width))
      : checks === 0
        ? paint(isMissed ? 'red' : 'dim', say.notReached.padEnd(width))
        : paint('green', say.holds.padEnd(width));
  const description = LANGUAGE === 'es' ? invariantsInSpanish[name] : about;
  return [
    `${state}  ${name.padEnd(16)} ${say.checks(String(checks).padStart(9))}  ${description}`,
    ...violations
      .slice(0, 3)
      .map(({ tick, atMs, what }) => `          ${say.violation(tick, clock(atMs), what)}`),
  ].join('\n');
}

function percentilesOf({ p50, p95, p99, max, n }: Percentiles): string {
  const { simulate: say } = WORDS;
  if (n === 0) return say.neverNeeded;
  const seconds = (ms: number | null) => `${number((ms ?? 0) / 1000, 2)} s`;
  return say.percentiles(seconds(p50), seconds(p95), seconds(p99), seconds(max), n);
}

/** Days and time since the boot of the simulated host. */
function clock(ms: number): string {
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  return WORDS.simulate.clock(
    Math.floor(ms / 86_400_000),
    `${two((ms / 3_600_000) % 24)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}`,
  );
}

const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);
