import { statSync } from 'node:fs';
import { CGROUP_ROOT, memoryTree } from '../engine/cgroup-files.ts';
import { type ContainerCgroup, deepestFirst } from '../engine/container-path.ts';
import type { ProcessSample, SensedUsage } from '../model/snapshot.ts';
import type { ContainerId, KiB, Nanoseconds } from '../model/units.ts';
import { type Summed, UsageSum } from './sum-usage.ts';

/** The containers of a reading, each the sum of its processes, for sensors that see processes only. */
export class ContainerSums {
  /** By the path of the cgroup. */
  readonly #sums = new Map<string, { id: ContainerId; sum: UsageSum }>();
  /** Processes of the list that are in a container, each with the path of its cgroup. */
  readonly #listed = new Map<ProcessSample, string>();

  /** Adds a process to the container that it is in. `listed`: how the reading lists it, if it does. */
  add(process: Summed, { id, path }: ContainerCgroup, listed: ProcessSample | null): void {
    const { sum } = this.#sums.get(path) ?? { sum: new UsageSum(path) };
    this.#sums.set(path, { id, sum });
    sum.add(process);
    if (listed !== null) this.#listed.set(listed, path);
  }

  /** Use of each container, and the processes without the container that they only imitate. */
  finish(
    processes: readonly ProcessSample[],
    totalKb: KiB,
    bootNs: Nanoseconds,
  ): { containers: ReadonlyMap<ContainerId, SensedUsage>; processes: readonly ProcessSample[] } {
    const chosen = this.#chooseCgroups();
    const containers = new Map<ContainerId, SensedUsage>();
    for (const [id, cgroup] of chosen) {
      const usage = this.#sums.get(cgroup)?.sum.usage(totalKb, bootNs) ?? null;
      if (usage !== null) containers.set(id, usage);
    }
    return { containers, processes: this.#withoutImitations(processes, chosen) };
  }

  /** The cgroup of each container. Of several with the same ID it is one in a directory of root's, and the least deep. */
  #chooseCgroups(): ReadonlyMap<ContainerId, string> {
    const byId = Map.groupBy(this.#sums.keys(), (path) => this.#sums.get(path)?.id ?? '');
    return new Map(
      [...byId].map(([id, paths]): [ContainerId, string] => [
        id,
        paths.length === 1
          ? (paths[0] ?? '')
          : (paths.sort(deepestFirst).findLast(isInRootsDirectory) ?? paths.at(-1) ?? ''),
      ]),
    );
  }

  /** A process in another cgroup that bears a container's ID is not that container's. */
  #withoutImitations(
    processes: readonly ProcessSample[],
    chosen: ReadonlyMap<ContainerId, string>,
  ): readonly ProcessSample[] {
    const imitations = new Set(
      [...this.#listed]
        .filter(([{ containerId }, cgroup]) => chosen.get(containerId ?? '') !== cgroup)
        .map(([process]) => process),
    );
    if (imitations.size === 0) return processes;
    return processes.map((process) =>
      imitations.has(process) ? { ...process, containerId: null } : process,
    );
  }
}

/** Whether only root can have made this cgroup. */
function isInRootsDirectory(path: string): boolean {
  const parent = path.slice(0, path.lastIndexOf('/'));
  try {
    return statSync(`${memoryTree(CGROUP_ROOT)}${parent}`).uid === 0;
  } catch {
    return false;
  }
}
