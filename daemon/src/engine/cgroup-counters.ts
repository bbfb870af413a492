import { existsSync, readFileSync } from 'node:fs';
import type { CgroupCounters, Psi } from '../model/snapshot.ts';
import { CGROUP_ROOT } from './cgroup.ts';
import { THROTTLE_PERIOD_US } from './throttle-period.ts';

type Numbers = ReadonlyMap<string, number>;

/**
 * Reads a cgroup's own counters from cgroupfs: memory, CPU limit and throttling, block I/O, PSI. Supports v2, and v1
 * with one tree per controller; hybrid hosts keep PSI in the unified tree. A value is null when this kernel does not
 * provide it, or provides it in an unknown format.
 */
export function cgroupCounters(path: string, root: string = CGROUP_ROOT): CgroupCounters {
  return existsSync(`${root}/cgroup.controllers`) ? fromUnified(`${root}${path}`) : fromV1(path, root);
}

function fromUnified(dir: string): CgroupCounters {
  const cpu = flatKeyed(read(`${dir}/cpu.stat`));
  const currentBytes = wholeNumber(read(`${dir}/memory.current`));
  const usedBytes = withoutCache(currentBytes, flatKeyed(read(`${dir}/memory.stat`)).get('inactive_file'));
  const throttledUs = cpu.get('throttled_usec');
  const io = ioStat(read(`${dir}/io.stat`));
  return {
    cgroupMemoryKb: toKb(currentBytes),
    memoryUsedKb: toKb(usedBytes),
    ...cpuLimit(read(`${dir}/cpu.max`)),
    cpuThrottledNs: throttledUs === undefined ? null : throttledUs * 1000,
    cpuThrottledPeriods: cpu.get('nr_throttled') ?? null,
    blockReadBytes: io?.read ?? null,
    blockWriteBytes: io?.write ?? null,
    ...pressures(dir),
  };
}

function fromV1(path: string, root: string): CgroupCounters {
  const cpu = flatKeyed(read(`${root}/cpu${path}/cpu.stat`));
  const currentBytes = wholeNumber(read(`${root}/memory${path}/memory.usage_in_bytes`));
  const usedBytes = withoutCache(
    currentBytes,
    flatKeyed(read(`${root}/memory${path}/memory.stat`)).get('total_inactive_file'),
  );
  const quota = read(`${root}/cpu${path}/cpu.cfs_quota_us`);
  const period = read(`${root}/cpu${path}/cpu.cfs_period_us`);
  const io = blkioBytes(read(`${root}/blkio${path}/blkio.throttle.io_service_bytes_recursive`));
  return {
    cgroupMemoryKb: toKb(currentBytes),
    memoryUsedKb: toKb(usedBytes),
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
    memoryPsi: pressure(read(`${dir}/memory.pressure`)),
    cpuPsi: pressure(read(`${dir}/cpu.pressure`)),
    ioPsi: pressure(read(`${dir}/io.pressure`)),
  };
}

/**
 * Memory in use, counted as `docker stats` does: without inactive file cache, which the kernel reclaims first. Active
 * file cache is reclaimable too, but stays included.
 */
function withoutCache(current: number | null, inactiveFile: number | undefined): number | null {
  if (current === null || inactiveFile === undefined) return null;
  // The two files are read one after the other: the cache may have grown in between.
  return Math.max(0, current - inactiveFile);
}

/** Parses a flat-keyed file, one `key number` a line. Lines of another shape are ignored. */
export function flatKeyed(text: string | null): Numbers {
  return new Map(
    [...(text ?? '').matchAll(/^(\w+) (\d+)$/gm)].map(([, key = '', value]) => [key, Number(value)]),
  );
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

function wholeNumber(text: string | null): number | null {
  const trimmed = text?.trim() ?? '';
  return /^\d+$/.test(trimmed) ? Number(trimmed) : null;
}

/** null when the kernel has no such file, the cgroup is gone, or PSI is disabled (EOPNOTSUPP). */
function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
