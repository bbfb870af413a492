import type { ActionContext } from '../act/action-context.ts';
import { carryOutPlan } from '../act/carry-out-plan.ts';
import { liftAllLimits } from '../act/lift-all-limits.ts';
import { countClasses } from '../decide/decision-context.ts';
import { BackOff } from '../engine/back-off.ts';
import { DockerEngine } from '../engine/docker-engine.ts';
import { hostCgroups } from '../engine/host-cgroups.ts';
import type { Logger } from '../host/host.ts';
import { Scripts } from '../host/scripts.ts';
import { ServiceManager } from '../host/service-manager.ts';
import { loop } from '../loop/loop.ts';
import type { Config } from '../model/config.ts';
import type { Decision } from '../model/decision.ts';
import type { Ports } from '../model/ports.ts';
import type { Reason } from '../model/reason.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { reloadHistory } from '../record/reload.ts';
import { Disks } from '../sense/disks.ts';
import { PreferredSensor } from '../sense/preferred.ts';
import { PressureFiles } from '../sense/pressure.ts';
import { SeenContainers } from '../sense/seen-containers.ts';
import { sense } from '../sense/sense.ts';
import { describeCycle } from './describe-cycle.ts';
import { InterruptedCycles } from './interrupted-cycles.ts';
import { LiveRecord } from './live-record.ts';
import { bootedAt, realClock } from './real-clock.ts';
import { scriptRecorder } from './recorder.ts';
import { eventBefore, eventsOf } from './script-events.ts';

/**
 * Runs the loop on this host: it writes the database, acts through Docker's socket and opens no port. `moduleFault`
 * says why the kernel modules are not loaded; it becomes a fault of every cycle that reads /proc instead. `live` is
 * asked for the configuration at the beginning of each cycle. At the end all limits of ours are lifted.
 */
export async function runLoop(
  live: { current(): Config },
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
  using pressure = new PressureFiles();
  const sources = {
    ...{ sensor, engine, backOff: new BackOff(), clock: realClock, seen: new SeenContainers() },
    disks: new Disks(engine, config.database),
  };
  let inForce = config;
  const settings = (): Config => {
    const next = live.current();
    if (next !== inForce) record.use(next);
    inForce = next;
    return next;
  };
  const systemd = new ServiceManager(longestSilenceSeconds(config), logger.warn);
  const interruptedCycles = new InterruptedCycles(record, config, logger.warn);
  await using scripts = new Scripts(config.scripts, (done) => scriptRecorder(record.db, logger.warn)(done));
  let last: Decision | null = null;
  const ports: Ports = {
    clock: realClock,
    sense: async (tick, urgent) => withModuleFault(await sense(sources, tick, urgent), moduleFault),
    pressure: () => {
      systemd.alive(realClock.monotonicNs());
      return pressure.read(realClock.monotonicNs());
    },
    act: (plan, snapshot, classifications, urgent) => {
      interruptedCycles.note(plan, snapshot, classifications);
      const counts = countClasses(snapshot.containers, classifications, inForce);
      const ask: ActionContext['ask'] = (action, now, until) =>
        scripts.ask(eventBefore(action, now, counts), until);
      const context = { engine, clock: realClock, config: inForce, cgroups: hostCgroups, ask };
      return carryOutPlan(context, plan, snapshot, classifications, urgent);
    },
    record: (decision) => record.write(decision),
    report: (decision) => {
      describeCycle(decision, logger);
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
    const seen = containersOf(last);
    const left = await liftAllLimits({ engine, cgroups: hostCgroups, clock: realClock }, seen);
    if (left.length > 0) logger.warn(`limits: not lifted, since Docker did not answer: ${left.join(', ')}`);
  }
}

/** A function, since the compiler takes `last` for null where only the loop sets it. */
const containersOf = (last: Decision | null) => last?.snapshot.containers ?? [];

function withModuleFault(snapshot: Snapshot, reason: Reason | null): Snapshot {
  if (reason === null || snapshot.sensor === 'kernel') return snapshot;
  return { ...snapshot, faults: [...snapshot.faults, { sensor: 'continfo', reason, blind: false }] };
}

const ownRssKb = (): number => Math.round(process.memoryUsage.rss() / 1024);

/** Longest time between two memory checks, which stop while the engine lists containers and during an eviction. */
const longestSilenceSeconds = ({ docker, pressure }: Config): number =>
  60 + pressure.watchSeconds + 4 * docker.timeoutSeconds;

const statusLine = ({ snapshot, after }: Decision, { quotas }: Config): string =>
  `cycle ${snapshot.tick}: low ${after.low}/${quotas.low.keep}, high ${after.high}/${quotas.high.keep}`;
