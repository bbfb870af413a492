import { chmodSync } from 'node:fs';
import { act } from '../act/act.ts';
import { BackOff } from '../engine/back-off.ts';
import { cgroupExists, cgroupKill } from '../engine/cgroup.ts';
import { DockerEngine } from '../engine/docker-engine.ts';
import type { Voice } from '../host/host.ts';
import { Scripts } from '../host/scripts.ts';
import { ServiceManager } from '../host/service-manager.ts';
import { loop } from '../loop/loop.ts';
import type { Config } from '../model/config.ts';
import type { Decision } from '../model/decision.ts';
import type { Ports } from '../model/ports.ts';
import { closeCleanly, openForWriting } from '../record/database.ts';
import { reloadHistory } from '../record/reload.ts';
import { Store } from '../record/store.ts';
import { PreferredSensor } from '../sense/preferred.ts';
import { PressureFiles } from '../sense/pressure.ts';
import { sense } from '../sense/sense.ts';
import { realClock } from './clock.ts';
import { describeCycle } from './describe-cycle.ts';
import { recorder, scriptRecorder } from './recorder.ts';
import { eventsOf } from './script-events.ts';

/** The loop on this host: listens on nothing, writes the database, acts through Docker's socket. */
export async function run(config: Config, voice: Voice, signal: AbortSignal): Promise<void> {
  // Group may read (the page, Grafana), others not.
  process.umask(0o027);
  const db = openForWriting(config.database, voice.warn);
  chmodSync(config.database, 0o640);
  const engine = new DockerEngine(config.docker);
  await using sensor = new PreferredSensor(config);
  using pressure = new PressureFiles();
  const sources = { sensor, engine, backOff: new BackOff(), clock: realClock };
  const store = new Store(db, config);
  const hands = { engine, clock: realClock, config, cgroupExists, cgroupKill };
  const systemd = new ServiceManager(longestSilenceSeconds(config), voice.warn);
  const scripts = new Scripts(config.scripts, scriptRecorder(db, voice.warn));
  let last: Decision | null = null;
  const ports: Ports = {
    clock: realClock,
    sense: (tick) => sense(sources, tick),
    pressure: () => {
      systemd.alive(realClock.monotonicNs());
      return pressure.read(realClock.monotonicNs());
    },
    act: (plan, snapshot, verdicts, urgent) => act(hands, plan, snapshot, verdicts, urgent),
    record: recorder(db, store, config, ownRssKb, voice.warn),
    report: (decision) => {
      describeCycle(decision, voice);
      systemd.cycleDone(statusLine(decision, config), realClock.monotonicNs());
      for (const event of eventsOf(decision, last, config)) scripts.tell(event);
      last = decision;
    },
  };

  try {
    await loop(ports, config, reloadHistory(db, realClock.monotonicNs()), signal);
  } finally {
    await scripts[Symbol.asyncDispose]();
    closeCleanly(db);
  }
}

const ownRssKb = (): number => Math.round(process.memoryUsage.rss() / 1024);

/** Memory is looked at every second, but not while the engine is asked for its list, nor while memory is relieved. */
const longestSilenceSeconds = ({ docker, pressure }: Config): number =>
  60 + pressure.watchSeconds + 4 * docker.timeoutSeconds;

const statusLine = ({ snapshot, after }: Decision, { quotas }: Config): string =>
  `cycle ${snapshot.tick}: low ${after.low}/${quotas.low.keep}, high ${after.high}/${quotas.high.keep}`;
