import { parentPort, workerData } from 'node:worker_threads';
import type { Reason } from '../model/reason.ts';
import { runId } from '../model/run-id.ts';
import type { ContainerId } from '../model/units.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import { CommandLines } from './command-line.ts';
import { walkProc } from './proc-walk.ts';
import type { Reading } from './reading.ts';

/** Entry file of the thread that reads /proc. It answers each request with a reading, then with the command lines. */
export interface Request {
  readonly known: ReadonlySet<ContainerId>;
  readonly withCommandLines: boolean;
  /** Runs of processes whose command line is not read: one such read did not end. */
  readonly skipped: ReadonlySet<string>;
}

/** Command lines are null in a reading. They follow in the order of its processes. */
export type Answer =
  | { readonly kind: 'reading'; readonly reading: Reading }
  | { readonly kind: 'command-lines'; readonly lines: readonly (string | null)[] }
  | { readonly kind: 'failed'; readonly reason: Reason };

export interface Start {
  readonly proc: string;
  /** The position, in the reading, of the process whose command line is being read. */
  readonly at: Int32Array<SharedArrayBuffer>;
}

/** Characters of all command lines together. Those of the processes after that are not read. */
const MOST_TEXT = 4 * 1024 * 1024;

const commandLines = new CommandLines();

function readCommandLines(
  { processes }: Reading,
  { skipped }: Request,
  { proc, at }: Start,
): (string | null)[] {
  let left = MOST_TEXT;
  return processes.map((process, index) => {
    Atomics.store(at, 0, index);
    const line = left <= 0 || skipped.has(runId(process)) ? null : commandLines.read(proc, process);
    left -= line?.length ?? 0;
    return line;
  });
}

function readProc({ known }: Request, { proc }: Start): Answer & { kind: 'reading' | 'failed' } {
  try {
    return { kind: 'reading', reading: walkProc(known, proc) };
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error) };
  }
}

function serve(start: Start, post: (answer: Answer) => void): (request: Request) => void {
  return (request) => {
    const answer = readProc(request, start);
    post(answer);
    if (answer.kind === 'failed' || !request.withCommandLines) return;
    post({ kind: 'command-lines', lines: readCommandLines(answer.reading, request, start) });
  };
}

const port = parentPort;
port?.on(
  'message',
  serve(workerData, (answer) => port.postMessage(answer)),
);
