import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Bytes, ContainerId, KiB, Nanoseconds } from '../model/units.ts';

export const CGROUP_ROOT = '/sys/fs/cgroup';

/** True for cgroup v2, which has a single tree. v1 and hybrid hosts have one tree per controller. */
const isUnified = existsSync(`${CGROUP_ROOT}/cgroup.controllers`);

const SEGMENT = /^(?:docker-|cri-containerd-|crio-|libpod-)?([0-9a-f]{64})(?:\.scope)?$/;

export interface ContainerCgroup {
  readonly id: ContainerId;
  /** Path below the cgroup root. Its last segment is the container's own. */
  readonly path: string;
}

/**
 * Finds the container that a cgroup path belongs to: the outermost segment that is a container ID; null without one.
 */
export function containerOf(path: string): ContainerCgroup | null {
  const segments = path.split('/');
  for (let i = 1; i < segments.length; i += 1) {
    const id = SEGMENT.exec(segments[i] ?? '')?.[1];
    if (id !== undefined) return { id, path: segments.slice(0, i + 1).join('/') };
  }
  return null;
}

/**
 * Compares cgroup paths, deepest first, so that the last path of a container in a sorted list is the trustworthy one. A
 * user with a delegated cgroup can create a child named after any container. Engines put containers nearer to the root,
 * where only root creates cgroups.
 */
export const deepestFirst = (a: string, b: string): number => b.split('/').length - a.split('/').length;

/** A process's cgroup path from the text of /proc/<pid>/cgroup: the unified one, or that of v1's memory controller. */
export function cgroupPathOf(procCgroup: string): string | null {
  for (const line of procCgroup.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined || controllers === undefined) continue;
    if (isUnified ? controllers === '' : controllers.split(',').includes('memory')) return path;
  }
  return null;
}

/** CPU time used in the cgroup, exited processes included (v2 cpu.stat, v1 cpuacct.usage); null when it is gone. */
export function cpuTimeNs(path: string): Nanoseconds | null {
  if (!isUnified) return readNumber(`${CGROUP_ROOT}/cpuacct${path}/cpuacct.usage`);
  const text = readText(`${CGROUP_ROOT}${path}/cpu.stat`);
  const usec = text === null ? undefined : /^usage_usec (\d+)$/m.exec(text)?.[1];
  return usec === undefined ? null : Number(usec) * 1000;
}

/** Memory charged to the cgroup, page cache included (v2 memory.current, v1 memory.usage_in_bytes). */
export function memoryCurrentKb(path: string): KiB | null {
  return toKb(
    readNumber(
      isUnified
        ? `${CGROUP_ROOT}${path}/memory.current`
        : `${CGROUP_ROOT}/memory${path}/memory.usage_in_bytes`,
    ),
  );
}

/** The cgroup's memory limit; null when there is none. */
export function memoryLimitKb(path: string): KiB | null {
  if (isUnified) return toKb(readNumber(`${CGROUP_ROOT}${path}/memory.max`));
  const limit = readNumber(`${CGROUP_ROOT}/memory${path}/memory.limit_in_bytes`);
  // v1 reports "no limit" as the largest page-aligned number.
  return limit === null || limit > 2 ** 62 ? null : toKb(limit);
}

/** True while the cgroup exists: some process of the container has not been reaped yet. */
export function cgroupExists(path: string): boolean {
  return existsSync(isUnified ? `${CGROUP_ROOT}${path}` : `${CGROUP_ROOT}/memory${path}`);
}

/**
 * Sends SIGKILL to every process in the cgroup and below, including any that they fork meanwhile. Returns false when
 * the cgroup is gone or there is no cgroup.kill (v1, or Linux before 5.14).
 */
export function cgroupKill(path: string): boolean {
  if (!isUnified) return false;
  try {
    writeFileSync(`${CGROUP_ROOT}${path}/cgroup.kill`, '1', { flag: 'r+' });
    return true;
  } catch {
    // The caller then kills through the engine.
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
