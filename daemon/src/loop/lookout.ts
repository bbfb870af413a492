import { memoryShortage, msUntilShort, updateMemoryPressure } from '../classify/memory-pressure.ts';
import type { MemoryPressure } from '../model/history.ts';
import type { Judgement, Word } from '../model/memory-watch.ts';
import type { Clock } from '../model/ports.ts';
import type { PressureReading } from '../model/snapshot.ts';

/** The shortest time between two readings. */
const SHORTEST_WAIT_MS = 100;

export interface LookoutPorts {
  readonly clock: Clock;
  /** Called every second, so it must be cheap. null when memory cannot be read. */
  pressure(): PressureReading | null;
  say(word: Word): void;
}

/**
 * Reads memory pressure every `pressure.watchSeconds` and says when memory runs out, by what the loop last told it to
 * judge by. While available memory falls, the next reading comes after half the time that it needs to reach the limit: a
 * full second could be most of the time left to act.
 */
export class Lookout {
  readonly #ports: LookoutPorts;
  #judgement: Judgement;

  constructor(ports: LookoutPorts, first: Judgement) {
    this.#ports = ports;
    this.#judgement = first;
  }

  /** What it judges by, with what was seen since. */
  get judgement(): Judgement {
    return this.#judgement;
  }

  judge(judgement: Judgement): void {
    this.#judgement = judgement;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, pressure } = this.#ports;
    let last: PressureReading | null = null;
    let waitMs = this.#watchMs;
    for (;;) {
      await clock.sleep(waitMs, signal);
      if (signal.aborted) return;
      const reading = pressure();
      this.#look(reading);
      const { config } = this.#judgement;
      const shortMs = last && reading ? msUntilShort(last, reading, config) : Number.POSITIVE_INFINITY;
      waitMs = Math.min(this.#watchMs, Math.max(SHORTEST_WAIT_MS, shortMs / 2));
      last = reading;
    }
  }

  get #watchMs(): number {
    return this.#judgement.config.pressure.watchSeconds * 1000;
  }

  #look(reading: PressureReading | null): void {
    const { number, config, memoryPressure: before } = this.#judgement;
    const memoryPressure = updateMemoryPressure(before, reading, config);
    this.#judgement = { ...this.#judgement, memoryPressure };
    const alarm = memoryShortage(memoryPressure, reading, config);
    if (alarm !== null) this.#ports.say({ kind: 'alarm', number, memoryPressure });
    else if (isOther(before, memoryPressure)) this.#ports.say({ kind: 'pressure', number, memoryPressure });
  }
}

/** Whether a look has changed what is followed: only that is worth a word. */
const isOther = (before: MemoryPressure, after: MemoryPressure): boolean =>
  before.fullSinceNs !== after.fullSinceNs || before.hasRecovered !== after.hasRecovered;
