import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { WATCH_THREAD } from '../layout/paths.ts';
import { Lookout } from '../loop/lookout.ts';
import { Turn } from '../loop/turn.ts';
import { Watch } from '../loop/watch.ts';
import type { Config } from '../model/config.ts';
import { errorMessage } from '../model/error-message.ts';
import { NO_HISTORY } from '../model/history.ts';
import type { Aid, Judgement, Known, MemoryWatch } from '../model/memory-watch.ts';
import { PressureFiles } from '../sense/pressure.ts';
import { forAid } from './known-for-aid.ts';
import { realClock } from './real-clock.ts';
import type { Said, Told, WatchStart } from './watch-thread.ts';

/** A bound on what the thread holds. */
const MOST_HEAP_MB = 128;

/**
 * The memory watch of a running daemon: a thread that looks while the loop is busy. Should the thread fail, the loop's own
 * thread looks.
 */
export class LiveWatch implements AsyncDisposable {
  readonly watch: MemoryWatch;
  readonly #hear: Watch;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #warn: (message: string) => void;
  readonly #ended = new AbortController();
  #latest: Judgement;
  #aids: Aid[] = [];
  /** In the place of the thread, once that has failed. */
  #substitute: Lookout | null = null;

  constructor(config: Config, warn: (message: string) => void, proc = '/proc') {
    this.#warn = warn;
    const turn = new Turn();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#latest = { number: 0, config, memoryPressure: NO_HISTORY.memoryPressure };
    this.#hear = new Watch(
      {
        judge: (judgement) => this.#judge(judgement),
        prepare: (known, acts) => this.#prepare(known, acts),
        aids: () => this.#takeAids(),
      },
      turn,
    );
    this.watch = this.#hear;
    const start: WatchStart = { port: port2, turn: turn.word, first: this.#latest, proc };
    this.#worker = new Worker(WATCH_THREAD, {
      ...{ workerData: start, transferList: [port2] },
      resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
    });
    this.#worker.on('error', (error) => this.#lookHere(errorMessage(error)));
    this.#port.on('message', (said: Said) => this.#take(said));
    this.#worker.unref();
    this.#port.unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort('over');
    this.#port.close();
    await this.#worker.terminate();
  }

  #take(said: Said): void {
    if (said.kind === 'aid') this.#aids.push(said.aid);
    else this.#hear.hear(said);
  }

  /** Also what has arrived and was not delivered yet: the loop has not let go of its thread since. */
  #takeAids(): readonly Aid[] {
    for (let said = receiveMessageOnPort(this.#port); said; said = receiveMessageOnPort(this.#port))
      this.#take(said.message);
    const aids = this.#aids;
    this.#aids = [];
    return aids;
  }

  #judge(judgement: Judgement): void {
    this.#latest = judgement;
    if (this.#substitute === null) this.#tell({ kind: 'judge', judgement });
    else this.#substitute.judge(judgement);
  }

  #prepare(known: Known, acts: number): void {
    if (this.#latest.config.mode === 'enforce' && this.#substitute === null)
      this.#tell({ kind: 'prepare', known: forAid(known), acts });
  }

  #tell(told: Told): void {
    this.#port.postMessage(told);
  }

  #lookHere(why: string): void {
    if (this.#substitute !== null) return;
    this.#warn(`memory is watched by the loop's own thread from now on, since the one for it failed: ${why}`);
    const files = new PressureFiles();
    this.#substitute = new Lookout(
      {
        clock: realClock,
        pressure: () => files.read(realClock.monotonicNs()),
        say: (word) => this.#hear.hear(word),
      },
      this.#latest,
    );
    this.#substitute.run(this.#ended.signal).finally(() => files[Symbol.dispose]());
  }
}
