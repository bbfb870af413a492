import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { isUnified } from '../engine/cgroup-files.ts';
import { type ContainerCgroup, containerOf } from '../engine/container-path.ts';
import type { ProcessCounts, ProcessSample } from '../model/snapshot.ts';
import type { ContainerId, KiB } from '../model/units.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import { type BpfProcess, type BpfReading, decodeRecords, isComplete } from './bpf-records.ts';
import { CgroupPaths } from './cgroup-paths.ts';
import { ContainerSums } from './container-sums.ts';
import { readMemory } from './proc-walk.ts';
import { ProgramLines } from './program-lines.ts';
import { type Reading, type Sensor, SensorError } from './reading.ts';
import { lifetimePercent } from './sum-usage.ts';

/** Where scripts/load-bpf.sh pins the iterator. */
export const BPF_PIN = '/sys/fs/bpf/vigia/tasks-1';

const FIRST_BYTES = 256 * 1024;
const MAX_BYTES = 256 * 1024 * 1024;
/** The kernel's inode number of the PID namespace that all processes belong to. */
const INITIAL_PID_NAMESPACE = 'pid:[4026531836]';

/**
 * Sensor that reads the pinned BPF task iterator. Command lines come from /proc, read once for each program; memory and
 * network of containers come from cgroupfs and /proc, as with the /proc sensor.
 */
export class BpfIterator implements Sensor {
  readonly #pin: string;
  readonly #paths = new CgroupPaths();
  readonly #commandLines = new ProgramLines();
  /** Reused, and as large as the largest reading so far. */
  #buffer = Buffer.allocUnsafe(FIRST_BYTES);

  constructor(pin = BPF_PIN) {
    this.#pin = pin;
  }

  /** In another PID namespace the iterator shows only that namespace, but with the pids of the initial one. */
  isLoaded(): boolean {
    return existsSync(this.#pin) && readlinkSync('/proc/self/ns/pid') === INITIAL_PID_NAMESPACE;
  }

  async read(known: ReadonlySet<ContainerId> = new Set()): Promise<Reading> {
    if (!this.isLoaded()) throw new SensorError('bpf', { code: 'bpf-not-loaded', pin: this.#pin });
    const { bootNs, processes: tasks } = await this.readTasks();
    const memory = readMemory();
    const texts = await this.#commandLines.of(tasks.filter(hasMemory));
    const containers = this.#containersOf(tasks, known);
    const processes = tasks.map((task) =>
      toProcess(task, memory.totalKb, bootNs, {
        cmdline: hasMemory(task) ? (texts.get(task.pid)?.text ?? null) : '',
        containerId: containers.get(task.pid)?.id ?? null,
      }),
    );
    const sums = new ContainerSums();
    for (const process of processes) {
      const container = containers.get(process.pid);
      if (container !== undefined) sums.add(process, container, process);
    }
    return {
      kind: 'bpf',
      cpus: onlineCpus(),
      memory,
      processCounts: countStates(processes),
      ...sums.finish(processes, memory.totalKb, bootNs),
    };
  }

  /** The container of each process that is in one, by pid. */
  #containersOf(
    tasks: readonly BpfProcess[],
    known: ReadonlySet<ContainerId>,
  ): ReadonlyMap<number, ContainerCgroup> {
    const containerAt = memoize((path: string) => containerOf(path, (id) => known.has(id)));
    const found = new Map<number, ContainerCgroup>();
    // Zombies last: cgroup v1 no longer shows their path.
    for (const task of [...tasks.filter(hasMemory), ...tasks.filter((task) => !hasMemory(task))]) {
      const path = this.#pathOf(task);
      const container = path === null ? null : containerAt(path);
      if (container !== null) found.set(task.pid, container);
    }
    this.#paths.endReading();
    return found;
  }

  #pathOf({ cgroup, memoryCgroup, livingThread }: BpfProcess): string | null {
    return this.#paths.pathOf(isUnified() ? cgroup : memoryCgroup, livingThread);
  }

  /** Takes a reading of the iterator alone. Each open() begins a new one. Throws SensorError. */
  async readTasks(): Promise<BpfReading> {
    return decodeRecords(await this.#readWhole());
  }

  async #readWhole(): Promise<Buffer> {
    try {
      await using file = await open(this.#pin);
      for (let size = 0; ; ) {
        if (size === this.#buffer.length) this.#grow();
        const { bytesRead } = await file.read(this.#buffer, size, this.#buffer.length - size, null);
        size += bytesRead;
        const bytes = this.#buffer.subarray(0, size);
        if (bytesRead === 0 || isComplete(bytes)) return bytes;
      }
    } catch (error) {
      if (error instanceof SensorError) throw error;
      throw new SensorError('bpf', { code: 'file-unreadable', path: this.#pin, error: reasonOf(error) });
    }
  }

  #grow(): void {
    if (this.#buffer.length >= MAX_BYTES)
      throw new SensorError('bpf', { code: 'file-too-long', bytes: MAX_BYTES });
    const larger = Buffer.allocUnsafe(Math.min(2 * this.#buffer.length, MAX_BYTES));
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }
}

/** From a list of ranges, `0-3,6`. os.cpus() would read the clock rate and times of each. */
function onlineCpus(): number {
  const ranges = readFileSync('/sys/devices/system/cpu/online', 'latin1').trim().split(',');
  return ranges.reduce((sum, range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return sum + last - first + 1;
  }, 0);
}

/** A kernel thread or a zombie has none, and no command line either. */
const hasMemory = ({ vszKb }: BpfProcess): boolean => vszKb > 0;

const toProcess = (
  task: BpfProcess,
  totalKb: KiB,
  bootNs: number,
  found: Pick<ProcessSample, 'cmdline' | 'containerId'>,
): ProcessSample => ({
  pid: task.pid,
  ppid: task.ppid,
  uid: task.uid,
  name: task.name,
  cmdline: found.cmdline,
  state: task.state,
  threads: task.threads,
  vszKb: task.vszKb,
  rssKb: task.rssKb,
  memPercent: (task.rssKb / totalKb) * 100,
  cpuPercent: lifetimePercent(task.cpuTimeNs, task.startNs, bootNs),
  cpuTimeNs: task.cpuTimeNs,
  startNs: task.startNs,
  ioReadBytes: task.ioReadBytes,
  ioWriteBytes: task.ioWriteBytes,
  containerId: found.containerId,
});

function countStates(processes: readonly ProcessSample[]): ProcessCounts {
  const byState: Record<string, number> = {};
  for (const { state } of processes) byState[state] = (byState[state] ?? 0) + 1;
  return { total: processes.length, byState };
}

function memoize<K, V>(compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const value = compute(key);
    known.set(key, value);
    return value;
  };
}
