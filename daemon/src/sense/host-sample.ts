import { existsSync, readFileSync } from 'node:fs';
import type { HostSample } from '../model/snapshot.ts';
import type { Reading } from './reading.ts';

/** Exists in the root of cgroup v2 only. */
const V2_CONTROLLERS = '/sys/fs/cgroup/cgroup.controllers';

/** Samples the host: RAM from the sensor; load, busy CPU time and PSI from /proc, null where the kernel has none. */
export function readHost({ cpus, memory }: Reading): HostSample {
  return {
    cpus,
    ...memory,
    usedKb: memory.totalKb - memory.availableKb,
    load1: number(/^(\S+)/, '/proc/loadavg'),
    cpuBusyNs: readBusyNs(),
    memoryFullAvg10: number(/^full avg10=(\S+)/m, '/proc/pressure/memory'),
    memorySomeAvg10: number(/^some avg10=(\S+)/m, '/proc/pressure/memory'),
    ioFullAvg10: number(/^full avg10=(\S+)/m, '/proc/pressure/io'),
    cpuSomeAvg10: number(/^some avg10=(\S+)/m, '/proc/pressure/cpu'),
    cgroupVersion: existsSync(V2_CONTROLLERS) ? 2 : 1,
  };
}

/** Nanoseconds since boot, suspension included, in steps of 10 ms; null when /proc/uptime cannot be read. */
export function readBootNs(): number | null {
  const seconds = number(/^(\S+)/, '/proc/uptime');
  return seconds === null ? null : seconds * 1e9;
}

/**
 * Busy time of all cores: user + nice + system + irq + softirq + steal, in ticks of 10 ms. User time includes guests.
 */
function readBusyNs(): number | null {
  const fields = /^cpu +(.*)$/m
    .exec(read('/proc/stat') ?? '')?.[1]
    ?.split(' ')
    .map(Number);
  if (fields === undefined) return null;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields;
  return (user + nice + system + irq + softirq + steal) * 1e7;
}

function number(pattern: RegExp, file: string): number | null {
  const found = pattern.exec(read(file) ?? '')?.[1];
  return found === undefined ? null : Number(found);
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
