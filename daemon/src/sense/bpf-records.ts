import type { Bytes, KiB, Nanoseconds } from '../model/units.ts';
import { SensorError } from './reading.ts';

// The records of one reading of the BPF task iterator. bpf/record.h describes them.

const SCHEMA = 1;
const [BEGIN, PROCESS, THREAD, END] = [1, 2, 3, 4];
const SIZES: Readonly<Record<number, number>> = { [BEGIN]: 24, [PROCESS]: 112, [THREAD]: 56, [END]: 24 };
const HEAD_SIZE = 8;
const NAME_SIZE = 16;

/** How resident sizes were counted; by the numbers of `enum rss_source`. */
const RSS_SOURCES = [null, 'atomic', 'approximate', 'summed'] as const;
export type RssSource = Exclude<(typeof RSS_SOURCES)[number], null>;

interface Usage {
  cpuTimeNs: Nanoseconds;
  /** null when this kernel does not count I/O. */
  ioReadBytes: Bytes | null;
  ioWriteBytes: Bytes | null;
  vszKb: KiB;
  rssKb: KiB;
}

/** One process, its threads added up. */
export interface BpfProcess extends Usage {
  readonly pid: number;
  readonly ppid: number;
  readonly uid: number;
  readonly threads: number;
  readonly name: string;
  readonly state: string;
  readonly startNs: Nanoseconds;
  /** Changes with each execve(). */
  readonly execId: number;
  /** Inode of its cgroup's directory in the default hierarchy, and in that of the memory controller. */
  readonly cgroup: number;
  readonly memoryCgroup: number;
  /** A thread that was alive; the process itself unless its main thread has ended. */
  livingThread: number;
}

export interface BpfReading {
  /** Clock since boot at the end of the reading. */
  readonly bootNs: Nanoseconds;
  readonly rssSource: RssSource;
  readonly processes: readonly BpfProcess[];
}

/** Whether a reading has its last record. Reading on would give tasks that have begun meanwhile, without an end. */
export const isComplete = (bytes: Buffer): boolean =>
  bytes.length >= 8 &&
  bytes.readUInt32LE(bytes.length - 4) === 0xffffffff &&
  bytes.readUInt32LE(bytes.length - 8) === 0xffffffff;

/**
 * Decodes a reading up to its last record. Throws SensorError when it is truncated or of another schema. A thread may
 * precede its process, and is left out when the process ended before it was its turn.
 */
export function decodeRecords(bytes: Buffer): BpfReading {
  const processes = new Map<number, BpfProcess>();
  const threads: number[] = [];
  let rssSource: RssSource | null = null;
  for (let at = 0; at < bytes.length; ) {
    const kind = kindAt(bytes, at);
    if ((kind === BEGIN) !== (at === 0)) throw malformed(bytes, at);
    if (kind === BEGIN) rssSource = RSS_SOURCES[bytes.readUInt32LE(at + 8)] ?? null;
    else if (kind === PROCESS) {
      const process = processAt(bytes, at);
      processes.set(process.pid, process);
    } else if (kind === THREAD) threads.push(at);
    const next = at + (SIZES[kind] ?? 0);
    if (kind === END) {
      if (rssSource === null) throw malformed(bytes, 0);
      for (const thread of threads) addThread(processes, bytes, thread);
      return { bootNs: u64(bytes, at + 8), rssSource, processes: [...processes.values()] };
    }
    at = next;
  }
  throw new SensorError('bpf', { code: 'bpf-reading-truncated', bytes: bytes.length });
}

/** The kind of the record at `at`. Throws unless it is a whole record of the schema. */
function kindAt(bytes: Buffer, at: number): number {
  if (bytes.length - at < HEAD_SIZE)
    throw new SensorError('bpf', { code: 'bpf-reading-truncated', bytes: bytes.length });
  const kind = bytes[at + 1] ?? 0;
  const size = SIZES[kind];
  if (bytes[at] !== SCHEMA || size === undefined || bytes.readUInt16LE(at + 2) !== size)
    throw malformed(bytes, at);
  if (bytes.length - at < size)
    throw new SensorError('bpf', { code: 'bpf-reading-truncated', bytes: bytes.length });
  return kind;
}

const malformed = (bytes: Buffer, at: number): SensorError =>
  new SensorError('bpf', {
    code: 'bpf-record-unknown',
    at,
    schema: bytes[at] ?? 0,
    kind: bytes[at + 1] ?? 0,
    size: bytes.readUInt16LE(at + 2),
  });

function processAt(bytes: Buffer, at: number): BpfProcess {
  const pid = bytes.readUInt32LE(at + 4);
  return {
    pid,
    ppid: bytes.readUInt32LE(at + 8),
    uid: bytes.readUInt32LE(at + 12),
    threads: bytes.readUInt32LE(at + 16),
    execId: bytes.readUInt32LE(at + 20),
    name: nameAt(bytes, at + 24),
    startNs: u64(bytes, at + 40),
    ...usageAt(bytes, at + 48),
    cgroup: u64(bytes, at + 88),
    memoryCgroup: u64(bytes, at + 96),
    state: String.fromCharCode(bytes[at + 104] ?? 0),
    livingThread: pid,
  };
}

const usageAt = (bytes: Buffer, at: number): Usage => ({
  cpuTimeNs: u64(bytes, at),
  ioReadBytes: counter(bytes, at + 8),
  ioWriteBytes: counter(bytes, at + 16),
  vszKb: u64(bytes, at + 24),
  rssKb: u64(bytes, at + 32),
});

function addThread(processes: ReadonlyMap<number, BpfProcess>, bytes: Buffer, at: number): void {
  const process = processes.get(bytes.readUInt32LE(at + 4));
  if (process === undefined) return;
  const usage = usageAt(bytes, at + 16);
  process.cpuTimeNs += usage.cpuTimeNs;
  process.ioReadBytes = add(process.ioReadBytes, usage.ioReadBytes);
  process.ioWriteBytes = add(process.ioWriteBytes, usage.ioWriteBytes);
  // The threads share one address space. They have sizes only where the main thread has ended.
  if (process.vszKb > 0 || usage.vszKb === 0) return;
  process.vszKb = usage.vszKb;
  process.rssKb = usage.rssKb;
  process.livingThread = bytes.readUInt32LE(at + 8);
}

const add = (a: Bytes | null, b: Bytes | null): Bytes | null => (a === null || b === null ? null : a + b);

/** The process chooses these bytes. Invalid UTF-8 becomes U+FFFD. */
function nameAt(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString('utf8', at, end < at || end > at + NAME_SIZE ? at + NAME_SIZE : end);
}

/** Rounded above 2^53, as every number of this program. */
const u64 = (bytes: Buffer, at: number): number =>
  bytes.readUInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at);

function counter(bytes: Buffer, at: number): Bytes | null {
  const value = u64(bytes, at);
  // 2^64 - 1, rounded.
  return value === 2 ** 64 ? null : value;
}
