import { chmodSync } from 'node:fs';
import { act } from '../act/act.ts';
import { BackOff } from '../engine/back-off.ts';
import { DockerEngine } from '../engine/docker-engine.ts';
import type { Voice } from '../host/host.ts';
import { loop } from '../loop/loop.ts';
import type { Config } from '../model/config.ts';
import type { Decision } from '../model/decision.ts';
import { messageOf } from '../model/message.ts';
import type { Ports } from '../model/ports.ts';
import { closeCleanly, openForWriting } from '../record/database.ts';
import { reloadHistory } from '../record/reload.ts';
import { prune } from '../record/retention.ts';
import { Store } from '../record/store.ts';
import { PreferredSensor } from '../sense/preferred.ts';
import { sense } from '../sense/sense.ts';
import { realClock } from './clock.ts';
import { describeCycle } from './describe-cycle.ts';

const PRUNE_EVERY_TICKS = 180;

/** The loop on this host: listens on nothing, writes the database, acts through Docker's socket. */
export async function run(config: Config, voice: Voice, signal: AbortSignal): Promise<void> {
  // Group may read (the page, Grafana), others not.
  process.umask(0o027);
  const db = openForWriting(config.database, voice.warn);
  chmodSync(config.database, 0o640);
  const engine = new DockerEngine(config.docker);
  await using sensor = new PreferredSensor(config);
  const sources = { sensor, engine, backOff: new BackOff(), clock: realClock };
  const store = new Store(db, config);
  const hands = { engine, clock: realClock, config };
  const ports: Ports = {
    clock: realClock,
    sense: (tick) => sense(sources, tick),
    act: (plan, snapshot, verdicts) => act(hands, plan, snapshot, verdicts),
    record: (decision) => save(decision),
    report: (decision) => describeCycle(decision, voice),
  };

  /** A cycle that cannot be recorded must not stop the next one from keeping the host healthy. */
  function save(decision: Decision): void {
    try {
      store.save(decision, Math.round(process.memoryUsage.rss() / 1024));
      if (decision.snapshot.tick % PRUNE_EVERY_TICKS === 0)
        prune(db, config.retention, decision.snapshot.at / 1000);
    } catch (error) {
      voice.warn(
        `cycle ${decision.snapshot.tick} was not recorded in ${config.database}: ${messageOf(error)}`,
      );
    }
  }

  try {
    await loop(ports, config, reloadHistory(db, realClock.monotonicNs()), signal);
  } finally {
    closeCleanly(db);
  }
}
