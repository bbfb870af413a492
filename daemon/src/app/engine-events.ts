import type { DatabaseSync } from 'node:sqlite';
import type { DockerEngine } from '../engine/docker-engine.ts';
import { followEvents } from '../engine/event-stream.ts';
import type { Logger } from '../host/host.ts';
import type { Config } from '../model/config.ts';
import type { Decision, Plan } from '../model/decision.ts';
import { thresholdKb } from '../model/memory-threshold.ts';
import { OomWitness } from '../sense/oom-witness.ts';
import { PressureFiles } from '../sense/pressure.ts';
import { type Journal, tell } from './describe-cycle.ts';
import { EngineEventLog } from './engine-event-log.ts';
import { entryOfDeath } from './journal-entries.ts';
import { realClock } from './real-clock.ts';

const SECOND_MS = 1000;
/** Holders are noted from this many times the limit on, since what eats memory fast is gone a second later. */
const SHORT_FROM = 4;

interface Parts {
  readonly engine: DockerEngine;
  readonly config: Config;
  readonly db: () => DatabaseSync;
  readonly logger: Logger;
  readonly journal: Journal;
}

/** Follows the engine's events beside the loop, which never waits for it. */
export class EngineEvents implements AsyncDisposable {
  readonly #log: EngineEventLog;
  readonly #witness = new OomWitness();
  readonly #pressure = new PressureFiles();
  readonly #ended = new AbortController();
  readonly #following: Promise<void>;
  readonly #seconds: NodeJS.Timeout;

  constructor({ engine, config, db, logger, journal }: Parts) {
    const log = new EngineEventLog({
      ...{ now: realClock.now, db, witness: this.#witness, warn: logger.warn },
      limitOf: (id) => engine.memoryLimitKb(id),
      onDeath: (event, because) => tell(entryOfDeath(event, because), logger, journal),
    });
    this.#log = log;
    const sink = { since: () => log.since(), event: log.take.bind(log), warn: logger.warn };
    this.#following = followEvents(config.docker, sink, this.#ended.signal);
    this.#seconds = setInterval(() => this.#second(config), SECOND_MS).unref();
  }

  /** What ends now, ends by us. */
  beforeActing(plan: Plan, tick: number): void {
    if (plan.kind !== 'act') return;
    const at = realClock.now();
    this.#log.acts(
      plan.actions.flatMap((action) =>
        action.kind === 'remove' ||
        action.kind === 'restart' ||
        action.kind === 'stop' ||
        action.kind === 'kill'
          ? { id: action.id, kind: action.kind, tick, at }
          : [],
      ),
    );
  }

  afterCycle({ snapshot, outcomes }: Decision): void {
    this.#witness.see(snapshot.containers);
    const skipped = outcomes.flatMap(({ action, result }) =>
      result === 'skipped' && 'id' in action ? action.id : [],
    );
    if (skipped.length > 0) this.#log.skipped(new Set(skipped), snapshot.tick);
  }

  #second(config: Config): void {
    const reading = this.#pressure.read(realClock.monotonicNs());
    const isShort = reading !== null && reading.availableKb < SHORT_FROM * thresholdKb(reading, config);
    this.#witness.second(realClock.now(), reading, isShort);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#seconds);
    this.#ended.abort();
    await this.#following;
    this.#log.end();
    this.#pressure[Symbol.dispose]();
  }
}
