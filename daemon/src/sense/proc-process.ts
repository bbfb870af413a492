import { statSync } from 'node:fs';
import type { Bytes, KiB, Nanoseconds } from '../model/units.ts';
import { FileStart } from './file-start.ts';
import { otherThreads } from './other-threads.ts';

/** /proc/<pid>/stat counts in USER_HZ, which is 100 per second on every Linux that Node runs on. */
const NS_PER_TICK = 1e7;
/** Holds every file that is read here; the longest is `cgroup` on v1, one path for each controller. */
const MOST_BYTES = 65_536;

/** What /proc says about one process, without its command line. */
export interface ProcProcess {
  readonly pid: number;
  readonly ppid: number;
  /** The effective user ID. */
  readonly uid: number;
  readonly name: string;
  readonly state: string;
  readonly threads: number;
  readonly vszKb: KiB;
  readonly rssKb: KiB;
  readonly cpuTimeNs: Nanoseconds;
  readonly startNs: Nanoseconds;
  readonly ioReadBytes: Bytes | null;
  readonly ioWriteBytes: Bytes | null;
  /** The text of /proc/<pid>/cgroup. */
  readonly cgroups: string;
}

/**
 * Reads processes. Only files whose length the kernel decides on are read, and they are parsed by position: the names in
 * them are chosen by the processes. /proc/<pid>/status is left out for this reason: its list of groups can be made hundreds
 * of kilobytes long.
 */
export class ProcProcesses {
  readonly #proc: string;
  readonly #file = new FileStart(MOST_BYTES);
  readonly #pageKb: KiB;

  constructor(proc: string, pageKb: KiB) {
    this.#proc = proc;
    this.#pageKb = pageKb;
  }

  /** null when the process ended while it was read. */
  read(pid: number): ProcProcess | null {
    const directory = `${this.#proc}/${pid}`;
    const stat = this.#file.text(`${directory}/stat`);
    const uid = ownerOf(directory);
    if (stat === null || uid === null) return null;
    // The name may contain anything, parentheses included: the other fields begin after the last one.
    const end = stat.lastIndexOf(')');
    const fields = stat.slice(end + 2).split(' ');
    const field = (number: number): number => Number(fields[number - 3]);
    const state = fields[0] ?? '?';
    const threads = field(20);
    const hasEnded = state === 'Z' || state === 'X';
    const rest =
      hasEnded && threads > 1 ? this.#readOtherThread(directory, pid) : this.#readShared(directory);
    if (end < 0 || rest === null) return null;
    const io = this.#file.text(`${directory}/io`);
    return {
      ...{ pid, ppid: field(4), uid, name: stat.slice(stat.indexOf('(') + 1, end), state, threads },
      ...rest,
      cpuTimeNs: (field(14) + field(15)) * NS_PER_TICK,
      startNs: field(22) * NS_PER_TICK,
      ioReadBytes: ioBytes(io, 'read_bytes'),
      ioWriteBytes: ioBytes(io, 'write_bytes'),
    };
  }

  /** What all threads of a process share, and an ended one has lost. */
  #readShared(directory: string) {
    const statm = this.#file.text(`${directory}/statm`);
    const cgroups = this.#file.text(`${directory}/cgroup`);
    if (statm === null || cgroups === null) return null;
    const [vsz = '0', rss = '0'] = statm.split(' ', 2);
    return { vszKb: Number(vsz) * this.#pageKb, rssKb: Number(rss) * this.#pageKb, cgroups };
  }

  /** The main thread has ended, and others go on: the first of them that has memory, else any. */
  #readOtherThread(directory: string, leader: number) {
    let found = this.#readShared(directory);
    for (const thread of otherThreads(directory, leader)) {
      const shared = this.#readShared(thread);
      found = shared ?? found;
      if (shared !== null && shared.vszKb > 0) break;
    }
    return found;
  }
}

/** /proc/<pid> belongs to the effective user of the process; null when it has ended. */
function ownerOf(directory: string): number | null {
  try {
    return statSync(directory, { throwIfNoEntry: false })?.uid ?? null;
  } catch {
    return null;
  }
}

/** A counter of /proc/<pid>/io, whose text is the kernel's alone; null where it is not readable. */
function ioBytes(io: string | null, key: string): Bytes | null {
  const at = io?.indexOf(`\n${key}: `) ?? -1;
  if (io === null || at < 0) return null;
  return Number(io.slice(at + key.length + 3, io.indexOf('\n', at + 1)));
}
