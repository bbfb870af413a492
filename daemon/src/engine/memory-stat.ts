import type { Bytes } from '../model/units.ts';
import { flatKeyed, isUnified, memoryTree, readText } from './cgroup-files.ts';

/**
 * What a cgroup and all below it hold, in bytes. Page cache is in none of the figures: the kernel takes it back by
 * itself.
 */
export interface HeldMemory {
  /** Memory that would come back if its processes ended and its tmpfs files went: `anonymous`, `shmem`, kernel memory. */
  readonly held: Bytes;
  /** Shared memory and tmpfs files; a part of `held`. */
  readonly shmem: Bytes;
  /** Kernel memory that /proc/meminfo counts too (SUnreclaim, KernelStack, PageTables, Percpu); a part of `held`. */
  readonly kernel: Bytes;
}

/** Kernel memory in v2's memory.stat that /proc/meminfo counts too. */
const IN_MEMINFO = ['slab_unreclaimable', 'kernel_stack', 'pagetables', 'percpu'] as const;
/** Kernel memory that is no part of those four. */
const OTHER_KERNEL = ['sec_pagetables', 'sock', 'vmalloc'] as const;

/**
 * Reads memory.stat of a cgroup; null without one. Older kernels have fewer of v2's keys, which then count 0. v1 has no
 * kernel memory in this file: its figures are too low by that.
 */
export function readHeldMemory(path: string, root?: string): HeldMemory | null {
  const stat = flatKeyed(readText(`${memoryTree(root)}${path}/memory.stat`));
  return isUnified(root) ? heldInUnified(stat) : heldInV1(stat);
}

function heldInUnified(stat: ReadonlyMap<string, Bytes>): HeldMemory | null {
  const anonymous = stat.get('anon');
  if (anonymous === undefined) return null;
  const sum = (keys: readonly string[]) => keys.reduce((total, key) => total + (stat.get(key) ?? 0), 0);
  const [shmem, kernel] = [stat.get('shmem') ?? 0, sum(IN_MEMINFO)];
  return { held: anonymous + shmem + kernel + sum(OTHER_KERNEL), shmem, kernel };
}

/** v1's `rss` is anonymous memory only; `total_` includes the cgroups inside. */
function heldInV1(stat: ReadonlyMap<string, Bytes>): HeldMemory | null {
  const anonymous = stat.get('total_rss');
  if (anonymous === undefined) return null;
  const shmem = stat.get('total_shmem') ?? 0;
  return { held: anonymous + shmem, shmem, kernel: 0 };
}
