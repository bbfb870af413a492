import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Nanoseconds } from '../model/units.ts';
import { commandLineOf, MOST_BYTES } from './command-line.ts';

const PATIENCE_MS = 200;
/** In one reading; the others follow in the next ones. */
const MOST_READS = 5000;
/** Each holds one of the four threads that Node reads files with. */
const MOST_STUCK = 2;

/** The program that a process runs: an execve() changes `execId`. */
export interface Program {
  readonly pid: number;
  readonly startNs: Nanoseconds;
  readonly execId: number;
  /** The process, or where its main thread has ended another of its threads: the main one shows nothing then. */
  readonly livingThread: number;
}

export interface CommandLine extends Pick<Program, 'startNs' | 'execId'> {
  /** null while it could not be read; a late one comes with the next reading. */
  text: string | null;
}

/**
 * The command lines of processes, read once for each program that they run. What a process writes over its arguments
 * later is not seen. Reading can block for as long as the process wants (its memory may be locked, or paged in by a
 * program of its own), so each read has a deadline, and while two of them hang no more are begun.
 */
export class ProgramLines {
  readonly #read: (thread: number) => Promise<string>;
  readonly #patienceMs: number;
  #known: ReadonlyMap<number, CommandLine> = new Map();
  #stuck = 0;

  /** `read` and `patienceMs` are replaced in tests. */
  constructor(read = readCommandLine, patienceMs = PATIENCE_MS) {
    this.#read = read;
    this.#patienceMs = patienceMs;
  }

  /** By pid. One that was not read yet is left out. */
  async of(programs: readonly Program[]): Promise<ReadonlyMap<number, CommandLine>> {
    const known = new Map<number, CommandLine>();
    let reads = 0;
    for (const { pid, startNs, execId, livingThread } of programs) {
      const before = this.#known.get(pid);
      if (before !== undefined && before.startNs === startNs && before.execId === execId)
        known.set(pid, before);
      else if (reads < MOST_READS && this.#stuck < MOST_STUCK) {
        reads += 1;
        const line: CommandLine = { startNs, execId, text: null };
        known.set(pid, line);
        await this.#fill(line, livingThread);
      }
    }
    this.#known = known;
    return known;
  }

  /** Returns when the text is there or too late. */
  async #fill(line: CommandLine, thread: number): Promise<void> {
    let isLate = false;
    const reading = this.#read(thread)
      .then(
        (text) => {
          line.text = text;
        },
        () => {},
      )
      .then(() => {
        if (isLate) this.#stuck -= 1;
        return true;
      });
    using timer = new Timer(this.#patienceMs);
    if (await Promise.race([reading, timer.rings])) return;
    isLate = true;
    this.#stuck += 1;
  }
}

class Timer implements Disposable {
  readonly #abort = new AbortController();
  readonly rings: Promise<false>;

  constructor(ms: number) {
    this.rings = delay(ms, false as const, { signal: this.#abort.signal, ref: false }).catch(
      () => false as const,
    );
  }

  [Symbol.dispose](): void {
    this.#abort.abort();
  }
}

/** Reads with a single read(), so that the length of what the process shows costs nothing. */
async function readCommandLine(thread: number): Promise<string> {
  await using file = await open(`/proc/${thread}/cmdline`);
  const buffer = Buffer.allocUnsafe(MOST_BYTES + 1);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
  return commandLineOf(buffer.subarray(0, bytesRead), MOST_BYTES);
}
