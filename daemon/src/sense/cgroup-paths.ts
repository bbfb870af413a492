import { statSync } from 'node:fs';
import { cgroupPathOf } from '../engine/cgroup.ts';
import { CGROUP_ROOT, memoryTree, readText } from '../engine/cgroup-files.ts';

/** Processes of one cgroup that are asked for its path in one reading. Several may be ending at the same time. */
const MOST_TRIES = 3;

/**
 * Finds the paths of cgroups by their IDs, which are the inodes of their directories. A path comes from /proc/<pid>/cgroup
 * of a process of the cgroup, and counts only when its directory has that inode: the process may have moved meanwhile.
 */
export class CgroupPaths {
  readonly #proc: string;
  readonly #root: string;
  #known: ReadonlyMap<number, string> = new Map();
  #used = new Map<number, string>();
  #tries = new Map<number, number>();

  constructor(proc = '/proc', root: string = CGROUP_ROOT) {
    this.#proc = proc;
    this.#root = root;
  }

  /** Path of a cgroup; null when it is gone or no process tells. `pid`: a living process or thread in it. */
  pathOf(id: number, pid: number): string | null {
    const used = this.#used.get(id);
    if (used !== undefined) return used;
    const path = this.#known.get(id) ?? this.#ask(id, pid);
    if (path !== null) this.#used.set(id, path);
    return path;
  }

  /** Ends a reading: forgets the cgroups that were not asked for. */
  endReading(): void {
    this.#known = this.#used;
    this.#used = new Map();
    this.#tries = new Map();
  }

  #ask(id: number, pid: number): string | null {
    const tries = this.#tries.get(id) ?? 0;
    if (tries >= MOST_TRIES) return null;
    this.#tries.set(id, tries + 1);
    const text = readText(`${this.#proc}/${pid}/cgroup`);
    const path = text === null ? null : cgroupPathOf(text, this.#root);
    return path !== null && inodeOf(`${memoryTree(this.#root)}${path}`) === id ? path : null;
  }
}

function inodeOf(directory: string): number | null {
  try {
    return statSync(directory).ino;
  } catch {
    return null;
  }
}
