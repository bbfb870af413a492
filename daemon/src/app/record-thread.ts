import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
  workerData,
} from 'node:worker_threads';
import { RECORD_THREAD } from '../layout/paths.ts';
import type { Config } from '../model/config.ts';
import type { Decision } from '../model/decision.ts';
import { errorMessage } from '../model/error-message.ts';
import { NO_HISTORY } from '../model/history.ts';
import { openForWriting } from '../record/database.ts';
import { Store } from '../record/store.ts';
import { recorder } from './recorder.ts';

/** What the thread is asked to do: write cycles, commit them, or begin as a new run of the daemon does. */
type Order = readonly Line[] | 'commit' | 'begin';

interface Line {
  readonly decision: Decision;
  /** The daemon's own RSS, which is recorded with the cycle. */
  readonly rssKb: number;
  /** It was interrupted by the end of a daemon, and is recorded by the next one (app/interrupted-cycles.ts). */
  readonly isInterrupted?: true;
}

interface Start {
  readonly path: string;
  readonly config: Config;
  readonly replayable: boolean;
  readonly port: MessagePort;
  /** Number of completed orders, or FAILED. */
  readonly done: Int32Array<SharedArrayBuffer>;
}

const FAILED = -1;
/** Cycles per order, since each order wakes the thread up. */
const BATCH = 32;
/** Orders that may be queued: the loop is faster than its record, and the queue takes memory. */
const MAX_QUEUED = 8;
/** Cycles per commit: one hour. */
const COMMIT_EVERY = 180;
/** Generous, since on a busy host the thread may get almost no CPU. */
const ANSWER_MS = 600_000;

/**
 * The daemon's record in a separate thread, so that a simulation uses two cores. It differs from the daemon in two
 * ways, since no power cut is simulated: nothing is forced to the disk, and an hour of cycles shares a commit. After
 * `settle` the file holds what the daemon would have written.
 */
export class RecordThread {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #done = new Int32Array(new SharedArrayBuffer(4));
  readonly #replayable: boolean;
  #ordered = 0;
  #batch: Line[] = [];

  constructor(path: string, config: Config, replayable: boolean) {
    this.#replayable = replayable;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const start: Start = { path, config, replayable, port: port2, done: this.#done };
    this.#worker = new Worker(RECORD_THREAD, { workerData: start, transferList: [port2] });
    this.settle();
  }

  /** Queues a cycle. An earlier cycle that could not be written makes it throw. */
  write(decision: Decision, rssKb: number): void {
    // Only a replay needs the history, which is most of the data to transfer.
    const history = this.#replayable ? decision.history : NO_HISTORY;
    this.#batch.push({ decision: { ...decision, history }, rssKb });
    if (this.#batch.length >= BATCH) this.#flush();
  }

  /** Queues a cycle that an earlier run of the daemon did not complete. */
  writeInterrupted(decision: Decision): void {
    this.#batch.push({ decision, rssKb: 0, isInterrupted: true });
    this.#flush();
  }

  /** Begins a new run of the daemon, whose writer knows nothing of the run before. */
  begin(): void {
    this.settle();
    this.#order('begin');
  }

  /** Blocks until everything is in the file. */
  settle(): void {
    this.#flush();
    this.#order('commit');
    this.#wait(this.#ordered);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#port.close();
    await this.#worker.terminate();
  }

  #flush(): void {
    if (this.#batch.length > 0) this.#order(this.#batch);
    this.#batch = [];
  }

  #order(order: Order): void {
    this.#port.postMessage(order);
    this.#ordered += 1;
    this.#wait(this.#ordered - MAX_QUEUED);
  }

  /** Blocks until this many orders are completed; virtual time does not advance. */
  #wait(until: number): void {
    for (;;) {
      const done = Atomics.load(this.#done, 0);
      if (done === FAILED) throw new Error(String(receiveMessageOnPort(this.#port)?.message));
      if (done >= until) return;
      if (Atomics.wait(this.#done, 0, done, ANSWER_MS) === 'timed-out')
        throw new Error(`the simulation's record thread has not answered for ${ANSWER_MS / 1000} s`);
    }
  }
}

/** The main function of the thread. */
function serve({ path, config, replayable, port, done }: Start): void {
  const publish = (count: number) => {
    Atomics.store(done, 0, count);
    Atomics.notify(done, 0);
  };
  const fail = (message: string): never => {
    throw new Error(message);
  };
  try {
    const db = openForWriting(path, fail);
    db.exec('PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536');
    let [rssKb, uncommitted] = [0, 0];
    const newRecorder = () => recorder(db, new Store(db, config, { replayable }), config, () => rssKb, fail);
    let write = newRecorder();
    const carryOut = (order: Order): void => {
      if (order === 'begin') write = newRecorder();
      for (const line of typeof order === 'string' ? [] : order) {
        if (uncommitted === 0) db.exec('BEGIN IMMEDIATE');
        rssKb = line.rssKb;
        if (line.isInterrupted) new Store(db, config, { replayable: false }).save(line.decision, 0);
        else write(line.decision);
        uncommitted += 1;
      }
      if (uncommitted === 0 || (order !== 'commit' && uncommitted < COMMIT_EVERY)) return;
      db.exec('COMMIT');
      uncommitted = 0;
    };
    port.on('message', (order: Order) => {
      try {
        carryOut(order);
        publish(Atomics.load(done, 0) + 1);
      } catch (error) {
        port.postMessage(errorMessage(error));
        publish(FAILED);
      }
    });
  } catch (error) {
    port.postMessage(errorMessage(error));
    publish(FAILED);
  }
}

if (workerData?.done instanceof Int32Array) serve(workerData);
