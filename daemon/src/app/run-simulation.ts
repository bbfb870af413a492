import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActionContext } from '../act/action-context.ts';
import { carryOutPlan } from '../act/carry-out-plan.ts';
import { countsAfter } from '../decide/counts-after.ts';
import { countClasses } from '../decide/decision-context.ts';
import { resolveInterruptedActions } from '../decide/resolve-interrupted-actions.ts';
import { loop } from '../loop/loop.ts';
import { watchHere } from '../loop/watch-here.ts';
import { type Config, DEFAULTS, DEMO_DEFAULTS } from '../model/config.ts';
import type { Decision } from '../model/decision.ts';
import { NO_HISTORY } from '../model/history.ts';
import type { Clock, Ports } from '../model/ports.ts';
import { closeCleanly, openForReading, openForWriting } from '../record/database.ts';
import type { PendingCycle } from '../record/pending-cycle.ts';
import { reloadHistory } from '../record/reload.ts';
import { markSimulated } from '../record/simulated.ts';
import { InvariantChecker } from '../simulate/checks/invariant-checker.ts';
import type { Faults } from '../simulate/faults.ts';
import { randomFrom } from '../simulate/random.ts';
import type { Scenario } from '../simulate/scenario.ts';
import { type Life, VirtualTime } from '../simulate/virtual-time.ts';
import { World } from '../simulate/world.ts';
import { TerminalError } from '../words/terminal-error.ts';
import { RecordThread } from './record-thread.ts';

const DAY_MS = 86_400_000;
const RESTART_MS = 5000;

export interface Simulation {
  readonly scenario: Scenario;
  readonly faults: Faults;
  readonly days: number;
  readonly seed: number;
  readonly config: Config;
  /** File that the record is kept in, for a replay; null to delete it. */
  readonly database?: string | null;
  /** Called now and then with the share that is done, 0 to 1. */
  readonly progress: (done: number) => void;
}

export interface Summary {
  readonly checker: InvariantChecker;
  readonly cycles: number;
  readonly containers: number;
  readonly crashes: number;
  readonly faults: number;
  /** At the end of each tenth of the run. */
  readonly rssKb: readonly number[];
  /** Size of the file and its journal at the same times. */
  readonly databaseBytes: readonly number[];
  readonly seconds: number;
  /** CPU time of all threads, which depends little on how busy the host is. */
  readonly cpuSeconds: number;
}

/**
 * The configuration of a run. A scenario of the assignment's set-up has its quotas, unless the configuration sets others;
 * one of an owner's host has none.
 */
export function configFor({ config: own = {} }: Scenario, config: Config): Config {
  const isSet = [config.quotas.low, config.quotas.high].some(({ keep, trim }) => keep > 0 || trim);
  const demo = own.demo ?? config.demo;
  const { low, high } =
    own.demo === undefined || (own.demo && isSet)
      ? config.quotas
      : (own.demo ? DEMO_DEFAULTS : DEFAULTS).quotas;
  const quotas = { low: { ...low, ...own.quotas?.low }, high: { ...high, ...own.quotas?.high } };
  return { ...config, demo, mode: 'enforce', quotas };
}

/**
 * Runs the daemon's own loop, actions and record in virtual time on a simulated host, and checks the invariants. Ends
 * early after enough violations.
 */
export async function runSimulation(simulation: Simulation): Promise<Summary> {
  const { database = null } = simulation;
  if (database !== null) {
    if (existsSync(database)) throw new TerminalError(({ simulate }) => simulate.fileExists(database));
    const summary = await live(simulation, database);
    const db = openForWriting(database, () => {});
    markSimulated(db);
    closeCleanly(db);
    return summary;
  }
  const directory = mkdtempSync(join(tmpdir(), 'vigia-simulate-'));
  try {
    return await live(simulation, join(directory, 'vigia.db'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function live(simulation: Simulation, database: string): Promise<Summary> {
  const { scenario, faults, days, seed, progress } = simulation;
  const config = configFor(scenario, simulation.config);
  const began = performance.now();
  const cpuBefore = process.cpuUsage();
  const random = randomFrom(seed);
  const time = new VirtualTime();
  const checker = new InvariantChecker();
  const world = new World(scenario, faults, random, time, checker);
  checker.watch(world, config);
  await using record = new RecordThread(database, config, (simulation.database ?? null) !== null);
  using db = openForReading(database);
  const endMs = days * DAY_MS;
  const [rssKb, databaseBytes]: [number[], number[]] = [[], []];
  const samples: Samples[] = [];
  const seen = db.prepare(`
    SELECT (SELECT count(*) FROM container_sample) AS count,
           (at - (SELECT min(at) FROM container_sample)) / 86400.0 AS days
    FROM cycle ORDER BY tick DESC LIMIT 1`);
  const known = db.prepare('SELECT 1 FROM container WHERE id = ?');
  let [cycles, crashes, recordedTick] = [0, 0, 0];
  /** Plans that were noted before they were carried out, and are not recorded yet (app/interrupted-cycles.ts). */
  let noted: PendingCycle[] = [];
  /** Cycles that found the disk full: they are written with a later one (app/recorder.ts). */
  let waiting: Decision[] = [];

  function save(decision: Decision): void {
    const { tick } = decision.snapshot;
    for (const one of [...waiting, decision]) record.write(one, rssKb.at(-1) ?? 0);
    waiting = [];
    noted = noted.filter(({ snapshot }) => snapshot.tick > tick);
    recordedTick = tick;
  }

  /** Records what came of the plans that earlier lives were carrying out, as the daemon does when it starts. */
  async function settleNoted(clock: Clock): Promise<void> {
    for (const { snapshot, classifications, plan, before } of noted) {
      const now = await world.sense(snapshot.tick, clock);
      record.settle();
      const outcomes =
        plan.kind === 'act'
          ? resolveInterruptedActions(plan.actions, now, (id) => known.get(id) !== undefined)
          : [];
      const after = countsAfter(before, new Map(), classifications, outcomes);
      record.writeInterrupted({
        ...{ history: NO_HISTORY, snapshot, classifications, plan, outcomes, before, after },
        ...{ observations: [], cost: { senseMs: 0, decideMs: 0, actMs: 0 } },
      });
      noted = noted.filter(({ snapshot: { tick } }) => tick > snapshot.tick);
      recordedTick = snapshot.tick;
    }
  }

  /** One run of the daemon, to the end of the simulation or to a crash at a random time. */
  async function oneLife(): Promise<void> {
    const life: Life = { dead: false };
    const clock = time.clockOf(life, () => world.wallMs());
    const context: ActionContext = {
      engine: world.engineFor(clock),
      clock,
      config,
      cgroups: world.cgroups,
    };
    const end = new AbortController();
    const { watch } = watchHere({ clock, pressure: () => world.pressure() }, config, end.signal);
    const ports: Ports = {
      clock,
      sense: (tick, urgent) => world.sense(tick, clock, urgent),
      watch,
      act: (plan, snapshot, classifications, urgent) => {
        if (plan.kind === 'act') {
          const targets = new Set(plan.actions.map((action) => (action.kind === 'start' ? '' : action.id)));
          noted.push({
            snapshot: { ...snapshot, host: null, containers: [], processes: [], processCounts: null },
            classifications: classifications.filter(({ id }) => targets.has(id)),
            plan,
            before: countClasses(snapshot.containers, classifications, config),
          });
        }
        return carryOutPlan(context, plan, snapshot, classifications, urgent);
      },
      record: (decision) => {
        if (decision.outcomes.length > 0 && random.chance(faults.crashBeforeRecord)) life.dead = true;
        if (life.dead) return;
        if (random.chance(faults.diskFull)) waiting.push(decision);
        else save(decision);
      },
      report: (decision) => {
        if (!life.dead) onCycle(decision);
      },
    };
    let failure: unknown = null;
    async function run(): Promise<void> {
      await settleNoted(clock);
      record.begin();
      const history = reloadHistory(db, clock.monotonicNs(), 0, config);
      checker.check(
        'recorded',
        history.tick === recordedTick,
        `the record ends with cycle ${history.tick}, not ${recordedTick}`,
      );
      await loop(ports, config, history, end.signal);
    }
    run().catch((error: unknown) => {
      failure = error;
    });
    const untilCrashMs = -Math.log(1 - random.next()) * faults.crashEverySeconds * 1000;
    const isOver = () => checker.isFull || failure !== null || life.dead;
    await time.run(Math.min(endMs, time.nowMs + untilCrashMs), isOver);
    life.dead = true;
    if (failure !== null) throw failure;
  }

  function onCycle(decision: Decision): void {
    cycles += 1;
    checker.onDecision(decision);
    const tenth = Math.floor((10 * time.nowMs) / endMs);
    if (cycles % 100 === 0) progress(time.nowMs / endMs);
    if (tenth <= rssKb.length) return;
    record.settle();
    rssKb.push(Math.round(process.memoryUsage.rss() / 1024));
    databaseBytes.push(statSync(database).size + statSync(`${database}-wal`).size);
    const row = seen.get();
    samples.push({ count: Number(row?.['count']), days: Number(row?.['days']) });
  }

  while (time.nowMs < endMs && !checker.isFull) {
    await oneLife();
    if (time.nowMs >= endMs || checker.isFull) break;
    crashes += 1;
    waiting = [];
    world.onCrash();
    checker.onCrash();
    time.nowMs += RESTART_MS;
  }
  record.settle();
  if (!checker.isFull) checkGrowth(checker, simulation, rssKb, samples);
  progress(1);
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    checker,
    cycles,
    containers: world.state.created,
    crashes,
    faults: world.state.faultsInjected + crashes,
    rssKb,
    databaseBytes,
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: (user + system) / 1e6,
  };
}

/** Growth is checked only in longer runs: before that, memory is still warming up and nothing has been deleted yet. */
const FLAT_AFTER_DAYS = 5;
const LEVEL_AFTER_RETENTIONS = 3;
/**
 * Samples may be this much too old: retention ignores a clock that jumps ahead for an hour, and then works in slices.
 */
const LATE_DAYS = 1;

/** The container samples in the record. */
interface Samples {
  readonly count: number;
  /** Wall-clock time between the oldest sample and the newest cycle. */
  readonly days: number;
}

/**
 * Checks that memory and samples do not grow. Lifetimes and decisions do, for months, but are a small part of the file.
 */
function checkGrowth(
  checker: InvariantChecker,
  { days, faults, config: { retention } }: Simulation,
  rssKb: readonly number[],
  samples: readonly Samples[],
): void {
  const [warm = 0, last = 0] = [rssKb[4], rssKb.at(-1)];
  if (days >= FLAT_AFTER_DAYS)
    checker.check('memory-flat', last <= 1.15 * warm, `${warm} KiB half-way, ${last} KiB at the end`);
  const oldest = Math.max(...samples.map((seen) => seen.days));
  if (days > retention.samplesDays)
    checker.check(
      'samples-kept',
      oldest <= retention.samplesDays + LATE_DAYS,
      `samples of ${oldest.toFixed(1)} days where ${retention.samplesDays} are kept`,
    );
  // With a clock that is set back a day can have twice the samples, so their number says nothing.
  const [middle, end] = [samples[4]?.count ?? 0, samples.at(-1)?.count ?? 0];
  if (days >= LEVEL_AFTER_RETENTIONS * retention.samplesDays && faults.clockJump === 0)
    checker.check('samples-level', end <= 1.25 * middle, `${middle} samples half-way, ${end} at the end`);
}
