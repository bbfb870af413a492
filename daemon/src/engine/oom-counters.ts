import type { Bytes, KiB } from '../model/units.ts';
import { CGROUP_ROOT, flatKeyed, isUnified, memoryTree, readText, wholeNumber } from './cgroup-files.ts';

/**
 * How often an allocation failed at a limit: of this cgroup alone (`local`), or of it and all inside. null on v1, which
 * does not count it, and where the cgroup is gone.
 */
export function limitHits(path: string, local: boolean, root: string = CGROUP_ROOT): number | null {
  if (!isUnified(root)) return null;
  return flatKeyed(readText(`${root}${path}/memory.events${local ? '.local' : ''}`)).get('oom') ?? null;
}

/** Processes that the kernel has killed for memory since boot, on the whole host. null before Linux 4.13. */
export function hostOomKills(proc = '/proc'): number | null {
  // Not flatKeyed: the file has two hundred lines, and is read each second.
  const count = /^oom_kill (\d+)$/m.exec(readText(`${proc}/vmstat`) ?? '')?.[1];
  return count === undefined ? null : Number(count);
}

/** v1 shows no limit as the largest multiple of a page in 63 bits. */
const NO_LIMIT: Bytes = 2 ** 62;

/** The limit on memory of a cgroup; null without one. */
export function memoryLimitKb(path: string, root: string = CGROUP_ROOT): KiB | null {
  const file = isUnified(root) ? 'memory.max' : 'memory.limit_in_bytes';
  const bytes = wholeNumber(readText(`${memoryTree(root)}${path}/${file}`));
  return bytes === null || bytes >= NO_LIMIT ? null : Math.floor(bytes / 1024);
}

/** What a cgroup is charged with, page cache included: one short file, for readings that cannot take longer. */
export const chargedKb = (path: string, root: string = CGROUP_ROOT): KiB | null => {
  const file = isUnified(root) ? 'memory.current' : 'memory.usage_in_bytes';
  const bytes = wholeNumber(readText(`${memoryTree(root)}${path}/${file}`));
  return bytes === null ? null : Math.floor(bytes / 1024);
};
