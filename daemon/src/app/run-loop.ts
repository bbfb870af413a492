import type { ActionContext } from '../act/action-context.ts';
import { carryOutPlan } from '../act/carry-out-plan.ts';
import { liftAllLimits } from '../act/lift-all-limits.ts';
import { countClasses } from '../decide/decision-context.ts';
import { BackOff } from '../engine/back-off.ts';
import { CGROUP_ROOT } from '../engine/cgroup-files.ts';
import { DockerEngine } from '../engine/docker-engine.ts';
import { cgroupsAt } from '../engine/host-cgroups.ts';
import type { Logger } from '../host/host.ts';
import { JournalSender, writesToJournal } from '../host/journal.ts';
import { publishLoopState } from '../host/loop-state.ts';
import { Scripts } from '../host/scripts.ts';
import { ServiceManager } from '../host/service-manager.ts';
import { defaultTasksMax } from '../host/systemd-facts.ts';
import { loop } from '../loop/loop.ts';
import type { Config } from '../model/config.ts';
import type { Decision } from '../model/decision.ts';
import { errorMessage } from '../model/error-message.ts';
import { hostPause } from '../model/orders.ts';
import type { Ports } from '../model/ports.ts';
import type { Reason } from '../model/reason.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { reloadHistory } from '../record/reload.ts';
import { Disks } from '../sense/disks.ts';
import { PreferredSensor } from '../sense/preferred.ts';
import { SeenContainers } from '../sense/seen-containers.ts';
import { sense } from '../sense/sense.ts';
import { describeCycle } from './describe-cycle.ts';
import { EngineEvents } from './engine-events.ts';
import { publishInForce } from './in-force.ts';
import { InterruptedCycles } from './interrupted-cycles.ts';
import { LiveRecord } from './live-record.ts';
import { LiveWatch } from './live-watch.ts';
import { bootedAt, realClock } from './real-clock.ts';
import { scriptRecorder } from './recorder.ts';
import { eventBefore, eventsOf } from './script-events.ts';

/** How long systemd may take to answer at the start. */
const SYSTEMD_SECONDS = 5;

/** What the loop asks of its configuration (LiveConfig). */
export interface LoopConfig {
  current(): Config;
  readonly revision: number;
  done(outcomes: Decision['outcomes']): void;
}

/**
 * Runs the loop on this host: it writes the database, acts through Docker's socket and opens no port. `moduleFault`
 * says why the kernel modules are not loaded; it becomes a fault of every cycle that reads /proc instead. `live` is
 * asked for the configuration at the beginning of each cycle. At the end all limits of ours are lifted.
 */
export async function runLoop(
  live: LoopConfig,
  logger: Logger,
  signal: AbortSignal,
  moduleFault: Reason | null = null,
): Promise<void> {
  const config = live.current();
  // The group (the page, Grafana) may read the database, others may not.
  process.umask(0o027);
  using record = new LiveRecord(config, ownRssKb, logger.warn);
  const engine = new DockerEngine(config.docker);
  await using sensor = new PreferredSensor(config);
  await using memory = new LiveWatch(config, logger.warn);
  const sources = {
    ...{ sensor, engine, backOff: new BackOff(), clock: realClock, seen: new SeenContainers() },
    disks: new Disks(engine, config.database),
  };
  let inForce = config;
  let published = -1;
  const settings = (): Config => {
    const next = live.current();
    if (next !== inForce) record.use(next);
    if (hostPause(next.orders) !== hostPause(inForce.orders)) publishLoopState(next);
    if (next !== inForce || live.revision !== published) publish(next, live.revision, logger);
    published = live.revision;
    inForce = next;
    return next;
  };
  const cgroups = cgroupsAt(CGROUP_ROOT, '/proc', await defaultTasksMax(SYSTEMD_SECONDS));
  const systemd = new ServiceManager(longestSilenceSeconds(config), logger.warn);
  const alive = setInterval(() => systemd.alive(realClock.monotonicNs()), ALIVE_MS).unref();
  const interruptedCycles = new InterruptedCycles(record, config, logger.warn);
  await using scripts = new Scripts(config.scripts, (done) => scriptRecorder(record.db, logger.warn)(done));
  const journal = new JournalSender(writesToJournal(), logger.warn);
  await using events = new EngineEvents({ engine, config, db: () => record.db, logger, journal });
  let last: Decision | null = null;
  const ports: Ports = {
    clock: realClock,
    sense: async (tick, urgent) => withModuleFault(await sense(sources, tick, urgent), moduleFault),
    watch: memory.watch,
    act: (plan, snapshot, classifications, urgent) => {
      interruptedCycles.note(plan, snapshot, classifications);
      events.beforeActing(plan, snapshot.tick);
      const counts = countClasses(snapshot.containers, classifications, inForce);
      const ask: ActionContext['ask'] = (action, now, until) =>
        scripts.ask(eventBefore(action, now, counts), until);
      // Not those of the beginning of the cycle: a container may have been paused or protected since.
      const context = { engine, clock: realClock, config: live.current(), cgroups, ask };
      return carryOutPlan(context, plan, snapshot, classifications, urgent);
    },
    record: (decision) => {
      live.done(decision.outcomes);
      events.afterCycle(decision);
      record.write(decision);
    },
    report: (decision) => {
      describeCycle(decision, logger, journal);
      systemd.cycleDone(statusLine(decision, config), realClock.monotonicNs());
      for (const event of eventsOf(decision, last, config)) scripts.queue(event);
      last = decision;
    },
  };

  await interruptedCycles.settle((tick) => sense(sources, tick));
  try {
    const history = reloadHistory(record.db, realClock.monotonicNs(), bootedAt(), config);
    await loop(ports, settings, history, signal);
  } finally {
    clearInterval(alive);
    const seen = containersOf(last);
    const left = await liftAllLimits({ engine, cgroups, clock: realClock }, seen);
    if (left.length > 0) logger.warn(`limits: not lifted, since Docker did not answer: ${left.join(', ')}`);
  }
}

/** Only the commands that wait for it miss it where the disk is full. */
function publish(config: Config, revision: number, logger: Logger): void {
  try {
    publishInForce(config, revision);
  } catch (error) {
    logger.warn(`orders: the commands cannot see what is in force: ${errorMessage(error)}`);
  }
}

/** A function, since the compiler takes `last` for null where only the loop sets it. */
const containersOf = (last: Decision | null) => last?.snapshot.containers ?? [];

function withModuleFault(snapshot: Snapshot, reason: Reason | null): Snapshot {
  if (reason === null || snapshot.sensor === 'kernel') return snapshot;
  return { ...snapshot, faults: [...snapshot.faults, { sensor: 'continfo', reason, blind: false }] };
}

/** How often systemd may be told that the loop's thread goes on. */
const ALIVE_MS = 10_000;

const ownRssKb = (): number => Math.round(process.memoryUsage.rss() / 1024);

/** Longest time between two memory checks, which stop while the engine lists containers and during an eviction. */
const longestSilenceSeconds = ({ docker, pressure }: Config): number =>
  60 + pressure.watchSeconds + 4 * docker.timeoutSeconds;

const statusLine = ({ snapshot, after }: Decision, { quotas }: Config): string =>
  `cycle ${snapshot.tick}: low ${after.low}/${quotas.low.keep}, high ${after.high}/${quotas.high.keep}`;
