import { CGROUP_ROOT, memoryTree, treeOf } from '../engine/cgroup-files.ts';
import { processesIn } from '../engine/cgroup-kill.ts';
import { containerOf } from '../engine/container-path.ts';
import type { ContainerUsage, SensedUsage } from '../model/snapshot.ts';
import type { ContainerId, Nanoseconds } from '../model/units.ts';
import type { Reading } from './reading.ts';
import { sumUsage } from './sum-usage.ts';

/** Cgroups that are looked through for nested containers in one reading. */
const MOST_CGROUPS = 2000;

/**
 * The kernel modules charge a process to the outermost container of its path. Takes the containers that the engine knows,
 * but whose cgroup lies inside another container's (`--cgroup-parent`), out of that one. Their processes are found in
 * cgroupfs a moment after the modules looked, so that a process that ended or began in between may be missing.
 */
export function separateNested(
  reading: Reading,
  known: ReadonlySet<ContainerId>,
  bootNs: Nanoseconds,
  root: string = CGROUP_ROOT,
): Reading {
  const missing = new Set([...known].filter((id) => !reading.containers.has(id)));
  if (missing.size === 0) return reading;
  const owners = new Map<number, { id: ContainerId; cgroup: string }>();
  // Parents come before their children, so that the innermost container owns a process.
  for (const cgroup of nestedIn([...reading.containers.values()], missing, root)) {
    const id = containerOf(cgroup, (one) => missing.has(one))?.id;
    if (id !== undefined) for (const pid of processesIn(cgroup, root)) owners.set(pid, { id, cgroup });
  }
  if (owners.size === 0) return reading;
  const processes = reading.processes.map((process) => {
    const owner = owners.get(process.pid);
    return owner === undefined ? process : { ...process, containerId: owner.id };
  });
  const containers = new Map(reading.containers);
  const shrunk = reading.processes.flatMap(({ pid, containerId }) => (owners.has(pid) && containerId) || []);
  const changed = new Map([...owners.values()].map(({ id, cgroup }) => [id, cgroup]));
  for (const id of shrunk) changed.set(id, reading.containers.get(id)?.cgroup ?? '');
  const inside = Map.groupBy(processes, ({ containerId }) => containerId);
  for (const [id, cgroup] of changed) {
    const usage = sumUsage(cgroup, inside.get(id) ?? [], reading.memory.totalKb, bootNs, root);
    if (usage === null) containers.delete(id);
    else containers.set(id, usage);
  }
  return { ...reading, processes, containers };
}

/** Paths of the cgroups inside these that are named after one of the IDs. */
function nestedIn(outer: readonly SensedUsage[], ids: ReadonlySet<ContainerId>, root: string): string[] {
  const top = memoryTree(root);
  const paths: string[] = [];
  let left = MOST_CGROUPS;
  for (const { cgroup } of outer) {
    const { directories } = treeOf(`${top}${cgroup}`, left);
    left -= directories.length - 1;
    for (const directory of directories.slice(1)) {
      const path = directory.slice(top.length);
      if (containerOf(path, (id) => ids.has(id))?.path === path) paths.push(path);
    }
    if (left <= 1) break;
  }
  return paths;
}

/**
 * Takes the memory of nested containers out of that of the container around them, whose counters include it: otherwise
 * the outer one would be blamed, and killed, for what the inner one holds. Other counters of the outer cgroup (CPU, block
 * I/O, PSI) keep what happens inside.
 */
export function withoutInner<T extends { readonly usage: ContainerUsage | null }>(
  containers: readonly T[],
): T[] {
  const paths = new Set(containers.flatMap(({ usage }) => usage?.cgroup ?? []));
  const innerKb = new Map<string, { used: number; charged: number }>();
  for (const { usage } of containers) {
    const outer = usage && nearestAbove(usage.cgroup, paths);
    if (outer === null || usage === null) continue;
    const { used, charged } = innerKb.get(outer) ?? { used: 0, charged: 0 };
    innerKb.set(outer, {
      used: used + (usage.memoryUsedKb ?? 0),
      charged: charged + (usage.cgroupMemoryKb ?? 0),
    });
  }
  if (innerKb.size === 0) return [...containers];
  return containers.map((container) => {
    const { usage } = container;
    const inner = usage && innerKb.get(usage.cgroup);
    if (inner === null || inner === undefined || usage === null) return container;
    const less = (kb: number | null, by: number) => (kb === null ? null : Math.max(0, kb - by));
    return {
      ...container,
      usage: {
        ...usage,
        memoryUsedKb: less(usage.memoryUsedKb, inner.used),
        cgroupMemoryKb: less(usage.cgroupMemoryKb, inner.charged),
        memoryCurrentKb: less(usage.memoryCurrentKb, inner.charged),
      },
    };
  });
}

/** The nearest of these paths that the cgroup lies inside of. */
function nearestAbove(cgroup: string, paths: ReadonlySet<string>): string | null {
  for (let at = cgroup.lastIndexOf('/'); at > 0; at = cgroup.lastIndexOf('/', at - 1)) {
    const above = cgroup.slice(0, at);
    if (paths.has(above)) return above;
  }
  return null;
}
