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

/** Cycles to be written, or that all of them must be in the file; then a new life of the daemon may begin to write. */
type Order = readonly Line[] | 'commit' | 'begin';

interface Line {
  readonly decision: Decision;
  /** The daemon's own memory, to be recorded with the cycle. */
  readonly rssKb: number;
}

interface Start {
  readonly path: string;
  readonly config: Config;
  readonly replayable: boolean;
  readonly port: MessagePort;
  /** How many orders are done; FAILED once one could not be. */
  readonly done: Int32Array<SharedArrayBuffer>;
}

const FAILED = -1;
/** Cycles to an order: each order wakes the thread up. */
const BATCH = 32;
/** Orders that may wait: the queue is memory, and the loop is quicker than its record. */
const BEHIND = 8;
/** Cycles to a commit: an hour. */
const COMMIT_EVERY = 180;
/** No claim about speed: beside others a thread may be given next to nothing. */
const ANSWER_MS = 600_000;

/**
 * The daemon's own record in a thread of its own, so that on two cores a simulation takes as long as the slower half of
 * its work. Two things are not as in the daemon, since no power cut is modelled: nothing is forced to the disk, and an
 * hour of cycles shares a commit. What is read after `settle` is what the daemon would have read.
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

  /** Throws, some cycles later, when one could not be written. */
  write(decision: Decision, rssKb: number): void {
    // Only a replay asks what was known, and it is most of what would go from thread to thread.
    const history = this.#replayable ? decision.history : NO_HISTORY;
    this.#batch.push({ decision: { ...decision, history }, rssKb });
    if (this.#batch.length >= BATCH) this.#flush();
  }

  /** A life of the daemon: it knows nothing of what the one before wrote. */
  begin(): void {
    this.settle();
    this.#order('begin');
  }

  /** Comes back when everything is in the file. */
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
    this.#wait(this.#ordered - BEHIND);
  }

  /** Blocks, so that virtual time stands still meanwhile. */
  #wait(until: number): void {
    for (;;) {
      const done = Atomics.load(this.#done, 0);
      if (done === FAILED) throw new Error(String(receiveMessageOnPort(this.#port)?.message));
      if (done >= until) return;
      if (Atomics.wait(this.#done, 0, done, ANSWER_MS) === 'timed-out')
        throw new Error(`the simulation's record has not answered for ${ANSWER_MS / 1000} s`);
    }
  }
}

/** The thread's side. */
function serve({ path, config, replayable, port, done }: Start): void {
  const tell = (count: number) => {
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
    const anew = () => recorder(db, new Store(db, config, { replayable }), config, () => rssKb, fail);
    let write = anew();
    const obey = (order: Order): void => {
      if (order === 'begin') write = anew();
      for (const line of typeof order === 'string' ? [] : order) {
        if (uncommitted === 0) db.exec('BEGIN IMMEDIATE');
        rssKb = line.rssKb;
        write(line.decision);
        uncommitted += 1;
      }
      if (uncommitted === 0 || (order !== 'commit' && uncommitted < COMMIT_EVERY)) return;
      db.exec('COMMIT');
      uncommitted = 0;
    };
    port.on('message', (order: Order) => {
      try {
        obey(order);
        tell(Atomics.load(done, 0) + 1);
      } catch (error) {
        port.postMessage(errorMessage(error));
        tell(FAILED);
      }
    });
  } catch (error) {
    port.postMessage(errorMessage(error));
    tell(FAILED);
  }
}

if (workerData?.done instanceof Int32Array) serve(workerData);
