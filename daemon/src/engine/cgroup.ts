import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Bytes, ContainerId, KiB, Nanoseconds } from '../model/units.ts';

export const CGROUP_ROOT = '/sys/fs/cgroup';

/** Unified (v2) hosts have one tree; v1 and hybrid hosts one per controller. */
const isUnified = existsSync(`${CGROUP_ROOT}/cgroup.controllers`);

const SEGMENT = /^(?:docker-|cri-containerd-|crio-|libpod-)?([0-9a-f]{64})(?:\.scope)?$/;

export interface ContainerCgroup {
  readonly id: ContainerId;
  /** Path below the cgroup root, the container's own segment last. */
  readonly path: string;
}

/** The container that a cgroup path lies in: the outermost segment that names a container's ID, or null. */
export function containerOf(path: string): ContainerCgroup | null {
  const segments = path.split('/');
  for (let i = 1; i < segments.length; i += 1) {
    const id = SEGMENT.exec(segments[i] ?? '')?.[1];
    if (id !== undefined) return { id, path: segments.slice(0, i + 1).join('/') };
  }
  return null;
}

/**
 * Sorts cgroup paths, the deepest first. A user to whom systemd delegates a cgroup may make one below it and name it after
 * any container; where an engine puts its containers, nearer to the root, only root makes cgroups.
 */
export const deepestFirst = (a: string, b: string): number => b.split('/').length - a.split('/').length;

/** Picks the line of /proc/<pid>/cgroup that places a process: the unified one, or v1's memory controller. */
export function cgroupPathOf(procCgroup: string): string | null {
  for (const line of procCgroup.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined || controllers === undefined) continue;
    if (isUnified ? controllers === '' : controllers.split(',').includes('memory')) return path;
  }
  return null;
}

/** CPU time of all that ever ran in it, exited children included (v2 cpu.stat, v1 cpuacct.usage); null when it is gone. */
export function cpuTimeNs(path: string): Nanoseconds | null {
  if (!isUnified) return readNumber(`${CGROUP_ROOT}/cpuacct${path}/cpuacct.usage`);
  const text = readText(`${CGROUP_ROOT}${path}/cpu.stat`);
  const usec = text === null ? undefined : /^usage_usec (\d+)$/m.exec(text)?.[1];
  return usec === undefined ? null : Number(usec) * 1000;
}

/** The raw counter, page cache included (v2 memory.current, v1 memory.usage_in_bytes). */
export function memoryCurrentKb(path: string): KiB | null {
  return toKb(
    readNumber(
      isUnified
        ? `${CGROUP_ROOT}${path}/memory.current`
        : `${CGROUP_ROOT}/memory${path}/memory.usage_in_bytes`,
    ),
  );
}

/** null when there is no limit. */
export function memoryLimitKb(path: string): KiB | null {
  if (isUnified) return toKb(readNumber(`${CGROUP_ROOT}${path}/memory.max`));
  const limit = readNumber(`${CGROUP_ROOT}/memory${path}/memory.limit_in_bytes`);
  // v1 writes "no limit" as the largest page-aligned number.
  return limit === null || limit > 2 ** 62 ? null : toKb(limit);
}

/** True while the kernel still keeps it: some process of the container has not been reaped. */
export function cgroupExists(path: string): boolean {
  return existsSync(isUnified ? `${CGROUP_ROOT}${path}` : `${CGROUP_ROOT}/memory${path}`);
}

/** SIGKILL to all that is in it and below it, whatever they fork meanwhile (v2, Linux 5.14 and later); else false. */
export function cgroupKill(path: string): boolean {
  if (!isUnified) return false;
  try {
    writeFileSync(`${CGROUP_ROOT}${path}/cgroup.kill`, '1', { flag: 'r+' });
    return true;
  } catch {
    // Gone, or a kernel without it: the engine kills.
    return false;
  }
}

function readNumber(file: string): number | null {
  const text = readText(file)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

const toKb = (bytes: Bytes | null): KiB | null => (bytes === null ? null : Math.floor(bytes / 1024));
