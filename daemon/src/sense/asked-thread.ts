import { Worker } from 'node:worker_threads';

/** A bound on what it holds, so that it fails instead of the daemon. */
const MOST_HEAP_MB = 128;

/** A thread that is asked one thing at a time, and gives one or several answers to it. */
export class AskedThread<Question, Answer> {
  readonly #worker: Worker;
  /** Answers that nothing has waited for yet. */
  readonly #answers: Answer[] = [];
  #error: Error | null = null;
  #wake: () => void = () => {};

  constructor(file: string, workerData: unknown) {
    this.#worker = new Worker(file, {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
    });
    this.#worker.on('message', (answer: Answer) => {
      this.#answers.push(answer);
      this.#wake();
    });
    this.#worker.on('error', (error) => {
      this.#error = error instanceof Error ? error : new Error(String(error));
      this.#wake();
    });
    // The process may end between two questions; the timer in `next` keeps it while an answer is awaited.
    this.#worker.unref();
  }

  ask(question: Question): void {
    this.#worker.postMessage(question);
  }

  /** The next answer; null when it has not come in time, or when `urgent` aborts. Rejects when the thread has failed. */
  async next(patienceMs: number, urgent?: AbortSignal): Promise<Answer | null> {
    if (this.#answers.length === 0 && this.#error === null) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, patienceMs);
      this.#wake = resolve;
      const giveUp = () => resolve();
      urgent?.addEventListener('abort', giveUp);
      if (urgent?.aborted !== true) await promise;
      urgent?.removeEventListener('abort', giveUp);
      clearTimeout(timer);
    }
    const answer = this.#answers.shift();
    if (answer === undefined && this.#error !== null) throw this.#error;
    return answer ?? null;
  }

  /** Resolves when the thread has ended: not before the system call that it is in. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  /** The same without keeping the process until then. */
  async abandon(): Promise<void> {
    const ended = this.end();
    this.#worker.unref();
    await ended;
  }
}
