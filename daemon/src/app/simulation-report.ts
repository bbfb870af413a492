import { INVARIANTS, type Invariant, type Violation } from '../simulate/checks/invariants.ts';
import type { Simulation, Summary } from './run-simulation.ts';

/** The result of a simulation, as `vigia simulate --json` prints it. */
export interface SimulationReport {
  readonly scenario: string;
  readonly about: string;
  readonly seed: number;
  readonly days: number;
  readonly faultsOn: boolean;
  readonly cycles: number;
  readonly containers: number;
  readonly faults: number;
  /** Crashes of the daemon, which are also counted in `faults`. */
  readonly crashes: number;
  readonly removed: number;
  /** The part of `removed` that was evicted for memory, without a grace period. */
  readonly kills: number;
  readonly started: number;
  readonly throttles: number;
  /** Limits on memory, processes and I/O. */
  readonly limits: number;
  readonly restarts: number;
  /** How long the quotas had not been met, each time they were met again. */
  readonly restoredAfterMs: Percentiles;
  /** Time from the shortage of memory to the kill. */
  readonly reactionMs: Percentiles;
  /** The daemon's RSS and the size of the database at the end of each tenth of the run. */
  readonly rssKb: readonly number[];
  readonly databaseBytes: readonly number[];
  /** Real time, and CPU time of all threads. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly invariants: readonly InvariantReport[];
}

export interface InvariantReport {
  readonly name: Invariant;
  readonly about: string;
  readonly checks: number;
  /** The scenario is meant to reach it, the run was long enough, and it was never checked: the run failed. */
  readonly isMissed: boolean;
  readonly violations: readonly Omit<Violation, 'invariant'>[];
}

/** Percentiles of `n` values; null if there are none. */
export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  readonly n: number;
}

/** A shorter run need not reach what its scenario is meant to. */
const REACHED_WITHIN_DAYS = 1 / 24;

export function reportOf(
  name: string,
  faultsOn: boolean,
  { scenario, seed, days }: Simulation,
  { checker, ...summary }: Summary,
): SimulationReport {
  const missed = missedBy(scenario, days, checker.checks);
  return {
    scenario: name,
    about: scenario.about,
    seed,
    days,
    faultsOn,
    ...summary,
    removed: checker.quotas.removals,
    kills: checker.memory.kills,
    started: checker.starting.starts,
    throttles: checker.limits.throttles,
    limits: checker.limits.limits,
    restarts: checker.starting.restarts,
    restoredAfterMs: percentiles(checker.quotas.restoredAfterMs),
    reactionMs: percentiles(checker.memory.reactionMs),
    invariants: (Object.keys(INVARIANTS) as Invariant[]).map((invariant) => ({
      name: invariant,
      about: INVARIANTS[invariant],
      checks: checker.checks.get(invariant) ?? 0,
      isMissed: missed.includes(invariant),
      violations: checker.violations
        .filter((violation) => violation.invariant === invariant)
        .map(({ tick, atMs, what }) => ({ tick, atMs, what })),
    })),
  };
}

/** The invariants that a scenario is meant to reach and that this run has never checked. */
export function missedBy(
  { reaches = [] }: Simulation['scenario'],
  days: number,
  checks: ReadonlyMap<Invariant, number>,
): Invariant[] {
  return days < REACHED_WITHIN_DAYS ? [] : reaches.filter((invariant) => !checks.has(invariant));
}

/** Percentiles by the nearest-rank method. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1), n: sorted.length };
}

/** The earliest violation of any invariant, or null. */
export function firstViolation({ invariants }: SimulationReport): Omit<Violation, 'invariant'> | null {
  const all = invariants.flatMap(({ violations }) => violations);
  return all.reduce<(typeof all)[number] | null>(
    (first, next) => (first === null || next.atMs < first.atMs ? next : first),
    null,
  );
}
