import type { DiskSample, LogSize } from './disk.ts';
import type { Reason } from './reason.ts';
import type { Bytes, ContainerId, KiB, Millis, Nanoseconds, Percent } from './units.ts';

/** Everything that one cycle read. A sensor that failed leaves a fault; the rest of the snapshot is usable. */
export interface Snapshot {
  readonly tick: number;
  readonly at: Millis;
  /**
   * CLOCK_MONOTONIC when the containers' counters were read: rates divide by it, so a changed wall clock is harmless.
   */
  readonly monotonicNs: Nanoseconds;
  /** CLOCK_BOOTTIME at that moment, the clock of `startNs`. Unlike CLOCK_MONOTONIC, it counts time in suspend. */
  readonly bootNs: Nanoseconds;
  readonly sensor: SensorKind;
  readonly host: HostSample | null;
  readonly containers: readonly ContainerSample[];
  /**
   * While the engine is silent: the containers that it listed last and that the sensor still sees in the same run. Only a
   * memory emergency decides by them. Empty otherwise.
   */
  readonly lastKnown: readonly ContainerSample[];
  /** Who holds the memory that no container holds; null where it could not be read. The largest first, at most 64. */
  readonly holders: readonly MemoryHolder[] | null;
  /** Absent in records of earlier versions, and where they are not read. */
  readonly disks?: readonly DiskSample[];
  /** The largest logs of containers, while the engine's file system is filling. */
  readonly logs?: readonly LogSize[];
  readonly processes: readonly ProcessSample[];
  readonly processCounts: ProcessCounts | null;
  readonly faults: readonly SensorFault[];
}

/** Memory that would come back if its holder went: anonymous, shmem and unreclaimable kernel memory. */
export interface MemoryHolder {
  /** `cgroup`: a service, a session or a slice of this host; `process`: one outside every such cgroup. */
  readonly kind: 'cgroup' | 'process' | 'tmpfs' | 'kernel';
  /** Stays the same from reading to reading: a cgroup's path, `pid/start` of a process, or the kind. */
  readonly key: string;
  /** For people: `postgresql.service`, `firefox (1234)`. */
  readonly name: string;
  readonly heldKb: KiB;
}

export type SensorKind = 'kernel' | 'bpf' | 'procfs';

export interface SensorFault {
  /** `policy`: no sensor, but something about the containers that their owner should know. */
  readonly sensor:
    | 'continfo'
    | 'sysinfo'
    | 'bpf'
    | 'procfs'
    | 'cgroup'
    | 'engine'
    | 'host'
    | 'verify'
    | 'policy';
  readonly reason: Reason;
  /** Whether a decision without this sensor could act on the wrong container. */
  readonly blind: boolean;
}

export interface HostSample {
  readonly cpus: number;
  readonly totalKb: KiB;
  readonly freeKb: KiB;
  readonly availableKb: KiB;
  /** total − available, so page cache does not count. */
  readonly usedKb: KiB;
  readonly load1: number | null;
  /** Busy CPU time of the host since boot, all cores together (/proc/stat: all but idle and iowait). */
  readonly cpuBusyNs: Nanoseconds | null;
  /** PSI averages over 10 s (/proc/pressure); null where the kernel keeps none. */
  readonly memoryFullAvg10: Percent | null;
  readonly memorySomeAvg10: Percent | null;
  readonly ioFullAvg10: Percent | null;
  readonly cpuSomeAvg10: Percent | null;
  /** Squeeze, and limits of processes and I/O, exist on v2 only. */
  readonly cgroupVersion: 1 | 2;
}

/** The memory reading that is taken every second, enough to see memory run out. */
export interface PressureReading {
  readonly monotonicNs: Nanoseconds;
  readonly totalKb: KiB;
  readonly availableKb: KiB;
  /** PSI; null where the kernel keeps none. */
  readonly memoryFullAvg10: Percent | null;
}

export interface ProcessCounts {
  readonly total: number;
  readonly byState: Readonly<Record<string, number>>;
}

/** One process. (pid, startNs) is its identity: the kernel reuses pids. */
export interface ProcessSample {
  readonly pid: number;
  readonly ppid: number;
  readonly uid: number;
  readonly name: string;
  /** null when unreadable, '' when there is none (kernel threads, zombies). */
  readonly cmdline: string | null;
  /** R S D T t Z X I, as in /proc. */
  readonly state: string;
  readonly threads: number;
  readonly vszKb: KiB;
  readonly rssKb: KiB;
  readonly memPercent: Percent;
  /** Average over the process's life, as `ps` shows it. */
  readonly cpuPercent: Percent;
  readonly cpuTimeNs: Nanoseconds;
  readonly startNs: Nanoseconds;
  readonly ioReadBytes: Bytes | null;
  readonly ioWriteBytes: Bytes | null;
  readonly containerId: ContainerId | null;
}

/** What the engine and the sensors together report about a container. */
export interface ContainerSample extends EngineContainer {
  /** null while no sensor sees a process of the container. */
  readonly usage: ContainerUsage | null;
  /** The engine's RestartCount, read when its run has changed or it is between two; null while it has not been read. */
  readonly restartCount: number | null;
}

/** One container as Docker's engine lists it. */
export interface EngineContainer {
  readonly id: ContainerId;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `unknown`: a state that Vigía does not know; no action is taken on such a container. */
  readonly state:
    | 'created'
    | 'running'
    | 'paused'
    | 'restarting'
    | 'removing'
    | 'exited'
    | 'dead'
    | 'unknown';
  readonly createdAt: Millis;
  /** Of its health check; null where it has none. */
  readonly health: 'starting' | 'healthy' | 'unhealthy' | null;
  /** The container whose network it uses (`network_mode: service:…`); absent where it has one of its own. */
  readonly networkOf?: ContainerId;
}

export interface ContainerUsage extends SensedUsage, CgroupCounters {}

/** What the sensor reports about a container. */
export interface SensedUsage {
  /** The oldest living process, which is the container's init. (pid, startNs) identifies this run. */
  readonly pid: number;
  readonly startNs: Nanoseconds;
  readonly processName: string;
  readonly cgroup: string;
  readonly processCount: number;
  readonly vszKb: KiB;
  /** Sum of RSS over all processes. */
  readonly rssKb: KiB;
  readonly memPercent: Percent;
  /** From the cgroup (exited children included) where it could be read, else the sum over living processes. */
  readonly cpuTimeNs: Nanoseconds;
  /** Average over the container's life. */
  readonly cpuPercent: Percent;
  readonly memoryCurrentKb: KiB | null;
  readonly memoryLimitKb: KiB | null;
  readonly ioReadBytes: Bytes | null;
  readonly ioWriteBytes: Bytes | null;
  readonly netRxBytes: Bytes | null;
  readonly netTxBytes: Bytes | null;
}

/** Counters of the cgroup, which include exited children. null where this kernel does not provide one. */
export interface CgroupCounters {
  /** The memory counter from cgroupfs: a second source for the sensor's `memoryCurrentKb`. */
  readonly cgroupMemoryKb: KiB | null;
  /**
   * Memory that would come back if it ended: anonymous + shmem + unreclaimable kernel memory (v2 memory.stat; v1 without
   * kernel memory). Page cache, active or not, is not in it.
   */
  readonly memoryUsedKb: KiB | null;
  /** Its CPU limit; 100 is one core, null without a limit. */
  readonly cpuLimitPercent: Percent | null;
  /** Whether Vigía set that limit, by its period; null where the kernel does not report limits. */
  readonly isLimitOurs: boolean | null;
  /** Limits that Vigía set, recognised by their values; null where there is none of ours. */
  readonly squeezedToKb: KiB | null;
  readonly pidsLimitedTo: number | null;
  /** MiB/s for reads and for writes, each. */
  readonly ioLimitedTo: number | null;
  /** How long, and in how many periods, its CPU limit held it back. Both only grow. */
  readonly cpuThrottledNs: Nanoseconds | null;
  readonly cpuThrottledPeriods: number | null;
  /** Bytes that reached a block device; reads and writes that stay in the page cache are not counted. */
  readonly blockReadBytes: Bytes | null;
  readonly blockWriteBytes: Bytes | null;
  readonly memoryPsi: Psi | null;
  readonly cpuPsi: Psi | null;
  readonly ioPsi: Psi | null;
}

/** PSI: the share of time in which some task, or every task, waited for the resource. */
export interface Psi {
  readonly someAvg10: Percent;
  /** Microseconds; only grows. */
  readonly someTotalUs: number;
  /** null where the kernel keeps only `some`. */
  readonly fullAvg10: Percent | null;
  readonly fullTotalUs: number | null;
}
