import type { CgroupCounters, Psi } from '../model/snapshot.ts';
import { CGROUP_ROOT, flatKeyed, isUnified, readText, wholeNumber } from './cgroup-files.ts';
import { ourLimits } from './cgroup-limits.ts';
import { readHeldMemory } from './memory-stat.ts';
import { THROTTLE_PERIOD_US } from './throttle-period.ts';

/**
 * Reads a cgroup's own counters from cgroupfs: memory, limits and throttling, block I/O, PSI. Supports v2, and v1 with
 * one tree per controller; hybrid hosts keep PSI in the unified tree. A value is null when this kernel does not provide
 * it, or provides it in an unknown format.
 */
export function cgroupCounters(path: string, root: string = CGROUP_ROOT): CgroupCounters {
  return {
    memoryUsedKb: toKb(readHeldMemory(path, root)?.held ?? null),
    ...ourLimits(path, root),
    ...(isUnified(root) ? fromUnified(`${root}${path}`) : fromV1(path, root)),
  };
}

type VersionsOwn = Omit<CgroupCounters, 'memoryUsedKb' | 'squeezedToKb' | 'pidsLimitedTo' | 'ioLimitedTo'>;

function fromUnified(dir: string): VersionsOwn {
  const cpu = flatKeyed(readText(`${dir}/cpu.stat`));
  const throttledUs = cpu.get('throttled_usec');
  const io = ioStat(readText(`${dir}/io.stat`));
  return {
    cgroupMemoryKb: toKb(wholeNumber(readText(`${dir}/memory.current`))),
    ...cpuLimit(readText(`${dir}/cpu.max`)),
    cpuThrottledNs: throttledUs === undefined ? null : throttledUs * 1000,
    cpuThrottledPeriods: cpu.get('nr_throttled') ?? null,
    blockReadBytes: io?.read ?? null,
    blockWriteBytes: io?.write ?? null,
    ...pressures(dir),
  };
}

function fromV1(path: string, root: string): VersionsOwn {
  const cpu = flatKeyed(readText(`${root}/cpu${path}/cpu.stat`));
  const quota = readText(`${root}/cpu${path}/cpu.cfs_quota_us`);
  const period = readText(`${root}/cpu${path}/cpu.cfs_period_us`);
  const io = blkioBytes(readText(`${root}/blkio${path}/blkio.throttle.io_service_bytes_recursive`));
  return {
    cgroupMemoryKb: toKb(wholeNumber(readText(`${root}/memory${path}/memory.usage_in_bytes`))),
    ...cpuLimit(quota === null || period === null ? null : `${quota.trim()} ${period}`),
    cpuThrottledNs: cpu.get('throttled_time') ?? null,
    cpuThrottledPeriods: cpu.get('nr_throttled') ?? null,
    blockReadBytes: io?.read ?? null,
    blockWriteBytes: io?.write ?? null,
    ...pressures(`${root}/unified${path}`),
  };
}

function pressures(dir: string): Pick<CgroupCounters, 'memoryPsi' | 'cpuPsi' | 'ioPsi'> {
  return {
    memoryPsi: pressure(readText(`${dir}/memory.pressure`)),
    cpuPsi: pressure(readText(`${dir}/cpu.pressure`)),
    ioPsi: pressure(readText(`${dir}/io.pressure`)),
  };
}

/**
 * CPU limit in percent of one core, from `quota period` in microseconds; null when there is no limit (`max` in v2,
 * quota -1 in v1).
 */
export function cpuMax(text: string | null): number | null {
  const [, quota, period] = /^(\d+) (\d+)$/m.exec(text ?? '') ?? [];
  return quota === undefined || Number(period) === 0 ? null : (100 * Number(quota)) / Number(period);
}

/** The CPU limit, and whether Vigía set it, recognised by its period; null where the kernel has no limit files. */
function cpuLimit(text: string | null): Pick<CgroupCounters, 'cpuLimitPercent' | 'isLimitOurs'> {
  const cpuLimitPercent = cpuMax(text);
  const isLimitOurs =
    text === null ? null : cpuLimitPercent !== null && text.trim().endsWith(` ${THROTTLE_PERIOD_US}`);
  return { cpuLimitPercent, isLimitOurs };
}

/** Parses a PSI file; null without a "some" line. `cpu.pressure` has no "full" line before Linux 5.13: null fields. */
export function pressure(text: string | null): Psi | null {
  const some = pressureLine('some', text);
  if (some === null) return null;
  const full = pressureLine('full', text);
  return {
    someAvg10: some.avg10,
    someTotalUs: some.totalUs,
    fullAvg10: full?.avg10 ?? null,
    fullTotalUs: full?.totalUs ?? null,
  };
}

const PRESSURE_LINE = {
  some: /^some avg10=(\d+\.\d+) avg60=\S+ avg300=\S+ total=(\d+)$/m,
  full: /^full avg10=(\d+\.\d+) avg60=\S+ avg300=\S+ total=(\d+)$/m,
};

function pressureLine(which: keyof typeof PRESSURE_LINE, text: string | null) {
  const [, avg10, totalUs] = PRESSURE_LINE[which].exec(text ?? '') ?? [];
  return avg10 === undefined ? null : { avg10: Number(avg10), totalUs: Number(totalUs) };
}

/**
 * Bytes read and written, summed over all devices (v2: lines `254:0 rbytes=… wbytes=…`; no line means no I/O). Stacked
 * devices, such as LVM on a disk, each count the same bytes, as in `docker stats`.
 */
export function ioStat(text: string | null): { read: number; write: number } | null {
  if (text === null) return null;
  const sum = (bytesOfDevices: RegExp) =>
    [...text.matchAll(bytesOfDevices)].reduce((total, [, bytes]) => total + Number(bytes), 0);
  return { read: sum(/^\d+:\d+ .*\brbytes=(\d+)/gm), write: sum(/^\d+:\d+ .*\bwbytes=(\d+)/gm) };
}

/** The same in v1: lines `254:0 Read 4096`. No line means unknown: some kernels count only while a limit is set. */
export function blkioBytes(text: string | null): { read: number; write: number } | null {
  const lines = [...(text ?? '').matchAll(/^\d+:\d+ (Read|Write) (\d+)$/gm)];
  if (lines.length === 0) return null;
  const sum = (operation: string) =>
    lines.reduce((total, [, kind, bytes]) => total + (kind === operation ? Number(bytes) : 0), 0);
  return { read: sum('Read'), write: sum('Write') };
}

const toKb = (bytes: number | null): number | null => (bytes === null ? null : Math.floor(bytes / 1024));
