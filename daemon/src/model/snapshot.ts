import type { Reason } from './reason.ts';
import type { Bytes, ContainerId, KiB, Millis, Nanoseconds, Percent } from './units.ts';

/** What one cycle knows. A sensor that failed leaves a fault; the rest of the snapshot stays usable. */
export interface Snapshot {
  readonly tick: number;
  readonly at: Millis;
  /** CLOCK_MONOTONIC when the containers' counters were read: rates divide by it, so a changed wall clock is harmless. */
  readonly monotonicNs: Nanoseconds;
  /** The boot clock at that moment, of which `startNs` is: unlike the monotonic one it goes on while the host is suspended. */
  readonly bootNs: Nanoseconds;
  readonly sensor: SensorKind;
  readonly host: HostSample | null;
  readonly containers: readonly ContainerSample[];
  readonly processes: readonly ProcessSample[];
  readonly processCounts: ProcessCounts | null;
  readonly faults: readonly SensorFault[];
}

export type SensorKind = 'kernel' | 'procfs';

export interface SensorFault {
  readonly sensor: 'continfo' | 'sysinfo' | 'procfs' | 'cgroup' | 'engine' | 'host' | 'verify';
  readonly reason: Reason;
  /** True when a decision taken without this sensor could hit the wrong container. */
  readonly blind: boolean;
}

export interface HostSample {
  readonly cpus: number;
  readonly totalKb: KiB;
  readonly freeKb: KiB;
  readonly availableKb: KiB;
  /** total − available: page cache is not use. */
  readonly usedKb: KiB;
  readonly load1: number | null;
  /** Busy CPU time of the host since boot, all cores together (/proc/stat: all but idle and iowait). */
  readonly cpuBusyNs: Nanoseconds | null;
  /** PSI averages over 10 s (/proc/pressure); null where the kernel keeps none. */
  readonly memoryFullAvg10: Percent | null;
  readonly memorySomeAvg10: Percent | null;
  readonly ioFullAvg10: Percent | null;
  readonly cpuSomeAvg10: Percent | null;
}

/** What is looked at every second: enough to see memory run out. */
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

/** What the engine and the sensors together know of a container. */
export interface ContainerSample extends EngineContainer {
  /** null while no sensor sees a process of it. */
  readonly usage: ContainerUsage | null;
}

/** One container as Docker's engine lists it. */
export interface EngineContainer {
  readonly id: ContainerId;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `unknown`: a word of the engine's that Vigía does not know; such a container is let be. */
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
}

export interface ContainerUsage extends SensedUsage, CgroupCounters {}

/** What the kernel modules, or /proc, see of a container. */
export interface SensedUsage {
  /** The earliest living member: the container's init. (pid, startNs) is the identity of this run of it. */
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

/** What the cgroup alone counts, children that have exited included. null is what this kernel does not give. */
export interface CgroupCounters {
  /** The page counter as cgroupfs tells it: the second source beside the sensor's `memoryCurrentKb`. */
  readonly cgroupMemoryKb: KiB | null;
  /** Without the file cache that can be taken back at any time, as `docker stats` counts. */
  readonly memoryUsedKb: KiB | null;
  /** What its CPU limit leaves it; 100 is one core, null without a limit. */
  readonly cpuLimitPercent: Percent | null;
  /** Whether that limit is one that Vigía set, by its period; null where the kernel does not tell of limits. */
  readonly isLimitOurs: boolean | null;
  /** How long it was held back by its CPU limit, and in how many periods. Both only grow. */
  readonly cpuThrottledNs: Nanoseconds | null;
  readonly cpuThrottledPeriods: number | null;
  /** What reached a block device: what the page cache served, or still holds, is not in it. */
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
  /** null where the kernel keeps only the other half. */
  readonly fullAvg10: Percent | null;
  readonly fullTotalUs: number | null;
}
