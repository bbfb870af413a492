import { PROC_THREAD } from '../layout/paths.ts';
import { runId } from '../model/run-id.ts';
import type { ContainerId } from '../model/units.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import { AskedThread } from './asked-thread.ts';
import { exitDespite } from './exit-despite.ts';
import type { Answer, Request, Start } from './proc-thread.ts';
import { type Reading, type Sensor, SensorError } from './reading.ts';

/** How long an answer of the thread is awaited. A busy host may give it little CPU. */
interface Patience {
  /** For everything but the command lines: nothing in it waits for another process. */
  readonly readingMs: number;
  /** For all command lines together. */
  readonly commandLinesMs: number;
}

const PATIENCE: Patience = { readingMs: 30_000, commandLinesMs: 3000 };
/** Threads that may hang before command lines are not read any more. One more may hang without them, and none after it. */
const MOST_HANGING = 3;

/**
 * Sensor that reads /proc and cgroupfs, for hosts without the modules. It costs more, and counts CPU in 10 ms steps. It
 * reads in a thread of its own, so that memory is watched meanwhile, and that it can be replaced: a command line is in the
 * memory of its process, which can hold the lock for as long as it likes. Then the reading comes without command lines,
 * and that process's is not read again.
 */
export class Procfs implements Sensor, AsyncDisposable {
  readonly #proc: string;
  readonly #patience: Patience;
  #thread: AskedThread<Request, Answer> | null = null;
  /** The position, in the reading, of the process whose command line is being read. */
  #at = new Int32Array(new SharedArrayBuffer(4));
  readonly #hanging = new Set<AskedThread<Request, Answer>>();
  /** Runs of the processes whose command line was not read in time. */
  #skipped: ReadonlySet<string> = new Set();

  constructor(proc = '/proc', patience: Patience = PATIENCE) {
    this.#proc = proc;
    this.#patience = patience;
  }

  /** When `urgent` aborts, memory runs out, and command lines are not awaited. */
  async read(known: ReadonlySet<ContainerId> = new Set(), urgent?: AbortSignal): Promise<Reading> {
    const { readingMs } = this.#patience;
    const tooLate = new SensorError('procfs', { code: 'proc-not-read-in-time', seconds: readingMs / 1000 });
    // Not only command lines hang: another thread would hang, too.
    if (this.#hanging.size > MOST_HANGING) throw tooLate;
    const thread = this.#startedThread();
    const withCommandLines = this.#hanging.size < MOST_HANGING && urgent?.aborted !== true;
    thread.ask({ known, withCommandLines, skipped: this.#skipped });
    const answer = await thread.next(readingMs).catch((error: unknown) => this.#fail(error));
    if (answer === null) {
      this.#replace(thread);
      throw tooLate;
    }
    if (answer.kind === 'failed') throw new SensorError('procfs', answer.reason);
    if (answer.kind !== 'reading') return this.#fail(new Error(`the thread answered with ${answer.kind}`));
    return withCommandLines ? this.#addCommandLines(answer.reading, thread, urgent) : answer.reading;
  }

  async #addCommandLines(
    reading: Reading,
    thread: AskedThread<Request, Answer>,
    urgent?: AbortSignal,
  ): Promise<Reading> {
    const answer = await thread.next(this.#patience.commandLinesMs, urgent).catch(() => null);
    if (answer?.kind === 'command-lines') {
      const { lines } = answer;
      return {
        ...reading,
        processes: reading.processes.map((process, i) => ({ ...process, cmdline: lines[i] ?? null })),
      };
    }
    const reached = reading.processes[Atomics.load(this.#at, 0)];
    if (urgent?.aborted !== true && reached !== undefined) this.#skip(runId(reached), reading);
    this.#replace(thread);
    return reading;
  }

  #startedThread(): AskedThread<Request, Answer> {
    if (this.#thread !== null) return this.#thread;
    this.#at = new Int32Array(new SharedArrayBuffer(4));
    const start: Start = { proc: this.#proc, at: this.#at };
    this.#thread = new AskedThread(PROC_THREAD, start);
    return this.#thread;
  }

  /** Those that have ended since are forgotten. */
  #skip(run: string, { processes }: Reading): void {
    const alive = new Set(processes.map(runId));
    this.#skipped = new Set([...this.#skipped, run].filter((one) => alive.has(one)));
  }

  #fail(error: unknown): never {
    if (this.#thread !== null) this.#replace(this.#thread);
    throw new SensorError('procfs', reasonOf(error));
  }

  /** A thread in a system call ends only after that, if the call ever returns. */
  #replace(thread: AskedThread<Request, Answer>): void {
    this.#thread = null;
    this.#hanging.add(thread);
    void thread.abandon().then(() => this.#hanging.delete(thread));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread?.end();
    this.#thread = null;
    if (this.#hanging.size > 0) exitDespite(() => this.#hanging.size > 0);
  }
}
