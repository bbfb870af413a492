import { existsSync, readdirSync, readFileSync } from 'node:fs';

export const CGROUP_ROOT = '/sys/fs/cgroup';

const isHostUnified = existsSync(`${CGROUP_ROOT}/cgroup.controllers`);

/** True for cgroup v2, which has a single tree. v1 and hybrid hosts have one tree per controller. */
export const isUnified = (root: string = CGROUP_ROOT): boolean =>
  root === CGROUP_ROOT ? isHostUnified : existsSync(`${root}/cgroup.controllers`);

/**
 * The tree whose paths name the containers: the only one in v2, that of the memory controller in v1. A cgroup's path is
 * appended to it.
 */
export const memoryTree = (root: string = CGROUP_ROOT): string => (isUnified(root) ? root : `${root}/memory`);

/** The text of a file; null when the kernel has no such file or the cgroup is gone. */
export function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

export const wholeNumber = (text: string | null): number | null => {
  const trimmed = text?.trim() ?? '';
  return /^\d+$/.test(trimmed) ? Number(trimmed) : null;
};

/** Parses a flat-keyed file, one `key number` a line. Lines of another shape are ignored. */
export function flatKeyed(text: string | null): ReadonlyMap<string, number> {
  return new Map(
    [...(text ?? '').matchAll(/^(\w+) (\d+)$/gm)].map(([, key = '', value]) => [key, Number(value)]),
  );
}

/** Names of the cgroups directly inside this directory; none when it is gone. */
function childrenOf(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/**
 * The directory and all cgroups inside it, each parent before its children; at most `most`, those nearest to it.
 * `isWhole` is false when there are more. Nothing inside a directory for which `isClosed` is looked at.
 */
export function treeOf(
  directory: string,
  most: number,
  isClosed: (directory: string) => boolean = () => false,
): { directories: string[]; isWhole: boolean } {
  const directories = [directory];
  // The list grows while it is walked.
  for (let at = 0; at < directories.length; at += 1) {
    const parent = directories[at] ?? '';
    for (const child of isClosed(parent) ? [] : childrenOf(parent)) {
      if (directories.length >= most) return { directories, isWhole: false };
      directories.push(`${parent}/${child}`);
    }
  }
  return { directories, isWhole: true };
}
