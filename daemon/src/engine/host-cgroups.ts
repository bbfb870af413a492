import type { Cgroups } from '../model/engine.ts';
import { runId } from '../model/run-id.ts';
import { cgroupExists, cgroupPathOf } from './cgroup.ts';
import { CGROUP_ROOT, memoryTree, readText, treeOf } from './cgroup-files.ts';
import { killCgroup } from './cgroup-kill.ts';
import { setLimit } from './cgroup-limits.ts';

/** USER_HZ, the unit of times in /proc/<pid>/stat, is 100 per second on every Linux that Node runs on. */
const NS_PER_TICK = 1e7;
/** More cgroups than this inside one cgroup are not looked through. */
const MOST_CGROUPS = 2000;
/** Any ID, whatever stands around it: engines differ, and one that is overlooked costs an owner's container. */
const ID = /[0-9a-f]{64}/;

/**
 * The cgroups of this host. Tests give other directories in the place of /sys/fs/cgroup and /proc. `defaultPids` is
 * systemd's DefaultTasksMax; null where there is none.
 */
export function cgroupsAt(
  root: string = CGROUP_ROOT,
  proc = '/proc',
  defaultPids: number | null = null,
): Cgroups {
  const pathOf = (pid: number | 'self'): string | null => {
    const text = readText(`${proc}/${pid}/cgroup`);
    return text === null ? null : cgroupPathOf(text, root);
  };
  const holds = (path: string, pid: number): boolean => isWithin(pathOf(pid), path);
  // A process whose cgroup cannot be read may be anywhere.
  const mayHold = (path: string, pid: 1 | 'self'): boolean => isWithin(pathOf(pid) ?? path, path);
  const holdsAnother = (path: string): boolean => isSafe(path) && hasAnotherInside(path, root);
  return {
    exists: (path) => isSafe(path) && cgroupExists(path, root),
    holdsAnother,
    isRun: (path, { pid, startNs }) => {
      const stat = readText(`${proc}/${pid}/stat`);
      // The name may contain spaces and parentheses: the other fields begin after the last parenthesis.
      const ticks = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? Number.NaN);
      return runId({ pid, startNs: ticks * NS_PER_TICK }) === runId({ pid, startNs }) && holds(path, pid);
    },
    kill: async (path) => {
      if (!isSafe(path) || holdsAnother(path) || mayHold(path, 'self') || mayHold(path, 1)) return false;
      // A process that moved in after the check above is not killed either.
      return killCgroup(path, root, proc, (pid) => pid !== 1 && pid !== process.pid);
    },
    limit: (path, limit, value) => isSafe(path) && setLimit(path, limit, value, root, defaultPids),
  };
}

export const hostCgroups: Cgroups = cgroupsAt();

/** Whether the path names a cgroup below the root. */
const isSafe = (path: string): boolean => /^(?:\/[^/\0]+)+$/.test(path) && !path.split('/').includes('..');

const isWithin = (inner: string | null, outer: string): boolean =>
  inner !== null && `${inner}/`.startsWith(`${outer}/`);

/**
 * Whether a cgroup with another container's ID lies inside. Names are not authenticated: a container with a delegated
 * cgroup can invent one, and so avoids a kill through its cgroup, but never causes one. Too many cgroups to look through
 * count as "yes".
 */
function hasAnotherInside(path: string, root: string): boolean {
  const own = path
    .split('/')
    .flatMap((segment) => ID.exec(segment)?.[0] ?? [])
    .at(-1);
  const top = `${memoryTree(root)}${path}`;
  const { directories, isWhole } = treeOf(top, MOST_CGROUPS);
  const inside = directories.map((directory) => ID.exec(directory.slice(directory.lastIndexOf('/')))?.[0]);
  return !isWhole || inside.some((id) => id !== undefined && id !== own);
}
