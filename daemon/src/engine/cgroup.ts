import { existsSync, writeFileSync } from 'node:fs';
import type { Bytes, KiB, Nanoseconds } from '../model/units.ts';
import { CGROUP_ROOT, isUnified, memoryTree, readText, wholeNumber } from './cgroup-files.ts';

/**
 * A process's cgroup path from the text of /proc/<pid>/cgroup: the unified one, or that of v1's memory controller, or of
 * another controller where the kernel has no memory controller.
 */
export const cgroupPathOf = (procCgroup: string, root: string = CGROUP_ROOT): string | null =>
  cgroupPathsOf(procCgroup, root)[0] ?? null;

/** The same with the paths in all other hierarchies of v1 after it, each once. */
export function cgroupPathsOf(procCgroup: string, root: string = CGROUP_ROOT): readonly string[] {
  const unified = isUnified(root);
  const memory: string[] = [];
  const others: string[] = [];
  // "4:cpu,cpuacct:/docker/…". Any process with a delegated cgroup chooses names in the path.
  for (const line of procCgroup.split('\n')) {
    const first = line.indexOf(':');
    const second = line.indexOf(':', first + 1);
    if (first < 0 || second < 0) continue;
    const controllers = line.slice(first + 1, second);
    const isMain = unified ? controllers === '' : controllers.split(',').includes('memory');
    (isMain ? memory : others).push(line.slice(second + 1));
  }
  return [...new Set(unified ? memory : [...memory, ...others])];
}

/** CPU time used in the cgroup, exited processes included (v2 cpu.stat, v1 cpuacct.usage); null when it is gone. */
export function cpuTimeNs(path: string, root: string = CGROUP_ROOT): Nanoseconds | null {
  if (!isUnified(root)) return wholeNumber(readText(`${root}/cpuacct${path}/cpuacct.usage`));
  const usec = /^usage_usec (\d+)$/m.exec(readText(`${root}${path}/cpu.stat`) ?? '')?.[1];
  return usec === undefined ? null : Number(usec) * 1000;
}

/** Memory charged to the cgroup, page cache included (v2 memory.current, v1 memory.usage_in_bytes). */
export function memoryCurrentKb(path: string, root: string = CGROUP_ROOT): KiB | null {
  const file = isUnified(root) ? 'memory.current' : 'memory.usage_in_bytes';
  return toKb(wholeNumber(readText(`${memoryTree(root)}${path}/${file}`)));
}

/** The cgroup's memory limit; null when there is none. */
export function memoryLimitKb(path: string, root: string = CGROUP_ROOT): KiB | null {
  const file = isUnified(root) ? 'memory.max' : 'memory.limit_in_bytes';
  const limit = wholeNumber(readText(`${memoryTree(root)}${path}/${file}`));
  // v1 reports "no limit" as the largest page-aligned number.
  return limit === null || limit > 2 ** 62 ? null : toKb(limit);
}

/** True while the cgroup exists: some process of the container has not been reaped yet. */
export const cgroupExists = (path: string, root: string = CGROUP_ROOT): boolean =>
  existsSync(`${memoryTree(root)}${path}`);

/**
 * Sends SIGKILL to every process in the cgroup and below, including any that they fork meanwhile. Returns false when
 * the cgroup is gone or there is no cgroup.kill (v1, or Linux before 5.14).
 */
export function cgroupKill(path: string, root: string = CGROUP_ROOT): boolean {
  if (!isUnified(root)) return false;
  try {
    writeFileSync(`${root}${path}/cgroup.kill`, '1', { flag: 'r+' });
    return true;
  } catch {
    return false;
  }
}

const toKb = (bytes: Bytes | null): KiB | null => (bytes === null ? null : Math.floor(bytes / 1024));
