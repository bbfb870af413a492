import { existsSync } from 'node:fs';
import { CGROUP_ROOT, memoryTree, readText } from '../engine/cgroup-files.ts';
import { runId } from '../model/run-id.ts';
import type { MemoryHolder, ProcessSample } from '../model/snapshot.ts';
import type { KiB } from '../model/units.ts';
import { type HeldByCgroups, heldByCgroups } from './cgroup-holders.ts';
import type { Reading } from './reading.ts';

/** The largest holders are listed, and of as many processes the anonymous memory is read. */
const MOST_HOLDERS = 64;

/**
 * Who holds the memory that no container holds, the largest first: cgroups, processes outside every cgroup, tmpfs files
 * and the kernel, as far as these two are charged to no cgroup. `containers`: paths of the containers' cgroups. null when
 * /proc/meminfo cannot be read.
 */
export function readHolders(
  { processes }: Pick<Reading, 'processes'>,
  containers: ReadonlySet<string>,
  root: string = CGROUP_ROOT,
  proc = '/proc',
): MemoryHolder[] | null {
  const meminfo = readText(`${proc}/meminfo`);
  if (meminfo === null) return null;
  const hasController = existsSync(memoryTree(root));
  const cgroups: HeldByCgroups = hasController
    ? heldByCgroups(containers, root)
    : { holders: [], shmem: 0, kernel: 0 };
  const outside = hasController
    ? inRoot(processes, root)
    : processes.filter((one) => one.containerId === null);
  return [...cgroups.holders, ...largestProcesses(outside, proc), ...unchargedMemory(meminfo, cgroups)]
    .toSorted((a, b) => b.heldKb - a.heldKb)
    .slice(0, MOST_HOLDERS);
}

/** The processes directly in the root cgroup: no counter of a cgroup includes them. */
function inRoot(processes: readonly ProcessSample[], root: string): ProcessSample[] {
  const pids = new Set((readText(`${memoryTree(root)}/cgroup.procs`) ?? '').split('\n').map(Number));
  return processes.filter(({ pid }) => pids.has(pid));
}

/** Their anonymous memory. RSS bounds it from above, so only the processes with the largest RSS are read. */
function largestProcesses(processes: readonly ProcessSample[], proc: string): MemoryHolder[] {
  return processes
    .filter(({ rssKb }) => rssKb > 0)
    .toSorted((a, b) => b.rssKb - a.rssKb)
    .slice(0, MOST_HOLDERS)
    .flatMap((process): MemoryHolder[] => {
      const heldKb = kbOf('RssAnon', readText(`${proc}/${process.pid}/status`)) ?? 0;
      const name = `${process.name} (${process.pid})`;
      return heldKb === 0 ? [] : [{ kind: 'process', key: runId(process), name, heldKb }];
    });
}

/**
 * tmpfs files and kernel memory that no cgroup was charged for. Both sides are read one after the other, so that their
 * difference may be a little below zero.
 */
function unchargedMemory(meminfo: string, { shmem, kernel }: HeldByCgroups): MemoryHolder[] {
  const total = (...fields: readonly string[]): KiB =>
    fields.reduce((sum, field) => sum + (kbOf(field, meminfo) ?? 0), 0);
  const rest = (kind: 'tmpfs' | 'kernel', kb: KiB): MemoryHolder[] =>
    kb <= 0 ? [] : [{ kind, key: kind, name: kind, heldKb: kb }];
  return [
    ...rest('tmpfs', total('Shmem') - Math.floor(shmem / 1024)),
    ...rest('kernel', total('SUnreclaim', 'KernelStack', 'PageTables', 'Percpu') - Math.floor(kernel / 1024)),
  ];
}

function kbOf(field: string, text: string | null): KiB | null {
  const kb = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text ?? '')?.[1];
  return kb === undefined ? null : Number(kb);
}
