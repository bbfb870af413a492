import { opendirSync } from 'node:fs';

/** Threads that are tried when the main thread has ended. */
const MOST_THREADS = 4096;

/** The folders in /proc of the threads of a process but its main one; `directory` is that of the process. */
export function* otherThreads(directory: string, pid: number): Generator<string> {
  try {
    using threads = opendirSync(`${directory}/task`);
    for (let tried = 0; tried < MOST_THREADS; tried += 1) {
      const entry = threads.readSync();
      if (entry === null) return;
      if (entry.name !== String(pid)) yield `${directory}/task/${entry.name}`;
    }
  } catch {
    // It ended meanwhile.
  }
}
