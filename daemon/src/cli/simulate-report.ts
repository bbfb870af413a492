import type { InvariantReport, Percentiles, SimulationReport } from '../app/simulation-report.ts';
import { firstViolation } from '../app/simulation-report.ts';
import { paint, table } from './common.ts';

/** One simulation in full. */
export function describeReport(report: SimulationReport): string {
  const { seed, days, cycles, containers, faults, crashes, seconds, cpuSeconds } = report;
  const every = (values: readonly number[], unit: number) =>
    values.map((value) => (value / unit).toFixed(0)).join(' ');
  return [
    paint('bold', report.about),
    `seed ${seed}: ${days} days, ${cycles} cycles, ${containers} containers in ${seconds.toFixed(1)} s ` +
      `(CPU ${cpuSeconds.toFixed(1)} s); ${faults} faults, ${crashes} of them crashes`,
    `removed ${report.removed}, ${report.kills} of them killed for memory; started ${report.started}; throttled ${report.throttles}; restarted ${report.restarts}`,
    `quotas restored after  ${inWords(report.restoredAfterMs)}`,
    `memory short to kill   ${inWords(report.reactionMs)}`,
    `own memory (RSS)       ${every(report.rssKb, 1000)} MB`,
    `database               ${every(report.databaseBytes, 1e6)} MB`,
    '',
    ...report.invariants.map(verdictOn),
  ].join('\n');
}

/** Several, a line each. */
export function describeReports(reports: readonly SimulationReport[]): string {
  const seconds = (ms: number | null) => (ms === null ? '-' : (ms / 1000).toFixed(1));
  const right = true as const;
  return table(reports, [
    { title: 'SCENARIO', value: ({ scenario }) => scenario },
    { title: 'SEED', right, value: ({ seed }) => String(seed) },
    { title: 'CYCLES', right, value: ({ cycles }) => String(cycles) },
    { title: 'CONTAINERS', right, value: ({ containers }) => String(containers) },
    { title: 'FAULTS', right, value: ({ faults }) => String(faults) },
    { title: 'CRASHES', right, value: ({ crashes }) => String(crashes) },
    { title: 'REMOVED', right, value: ({ removed }) => String(removed) },
    { title: 'KILLED', right, value: ({ kills }) => String(kills) },
    { title: 'RESTORED p99', right, value: ({ restoredAfterMs }) => `${seconds(restoredAfterMs.p99)} s` },
    { title: 'REACTION p99', right, value: ({ reactionMs }) => `${seconds(reactionMs.p99)} s` },
    { title: 'RSS', right, value: ({ rssKb }) => `${((rssKb.at(-1) ?? 0) / 1000).toFixed(0)} MB` },
    {
      title: 'DATABASE',
      right,
      value: ({ databaseBytes }) => `${((databaseBytes.at(-1) ?? 0) / 1e6).toFixed(0)} MB`,
    },
    { title: 'CHECKS', right, value: ({ invariants }) => String(sum(invariants, ({ checks }) => checks)) },
    { title: 'TIME', right, value: ({ seconds: took }) => `${took.toFixed(0)} s` },
    { title: 'BROKEN', value: broken },
  ]);
}

/** Where it went wrong first and how to see it again; null when it did not. */
export function failureOf(report: SimulationReport): string | null {
  const first = firstViolation(report);
  if (first === null) return null;
  const { scenario, days, seed, faultsOn } = report;
  const again = `vigia simulate --scenario ${scenario} --days ${days} --seed ${seed}${faultsOn ? ' --faults' : ''}`;
  return `FAILED at cycle ${first.tick}. To see it again: ${again}`;
}

function broken({ invariants }: SimulationReport): string {
  const names = invariants
    .filter(({ violations }) => violations.length > 0)
    .map(({ name, violations }) => `${name} ×${violations.length}`);
  return names.length === 0 ? 'none' : names.join(', ');
}

function verdictOn({ name, about, checks, violations }: InvariantReport): string {
  const line = `${name.padEnd(16)} ${String(checks).padStart(9)} checks  ${about}`;
  if (violations.length === 0) return `${paint('green', 'ok')}      ${line}`;
  const examples = violations
    .slice(0, 3)
    .map(({ tick, atMs, what }) => `          cycle ${tick}, ${clock(atMs)}: ${what}`);
  return [`${paint('red', 'BROKEN')}  ${line}`, ...examples].join('\n');
}

function inWords({ p50, p95, p99, max, n }: Percentiles): string {
  if (n === 0) return 'never needed';
  const seconds = (ms: number | null) => `${((ms ?? 0) / 1000).toFixed(2)} s`;
  return `${seconds(p50)} half of the time, ${seconds(p95)} in 95 %, ${seconds(p99)} in 99 %, at most ${seconds(max)} (${n} times)`;
}

/** Of the virtual host: days and time since its boot. */
function clock(ms: number): string {
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  return `day ${Math.floor(ms / 86_400_000)} ${two((ms / 3_600_000) % 24)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}`;
}

const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);
