import { CGROUP_ROOT, isUnified } from '../engine/cgroup-files.ts';
import { readHeldMemory } from '../engine/memory-stat.ts';
import type { ContainerSample, PressureReading, Snapshot } from '../model/snapshot.ts';
import { readHolders } from './memory-holders.ts';

/**
 * The snapshot with memory read again: of the host, of its containers and of every other cgroup. null without cgroup v2,
 * where holders of memory are processes, which only a whole reading finds.
 */
export function lookAgain(
  before: Snapshot,
  reading: PressureReading,
  now: Pick<Snapshot, 'at' | 'bootNs'>,
  root: string = CGROUP_ROOT,
  proc = '/proc',
): Snapshot | null {
  if (before.host === null || !isUnified(root)) return null;
  const { monotonicNs, totalKb, availableKb, memoryFullAvg10 } = reading;
  const again = (container: ContainerSample): ContainerSample => withMemory(container, root);
  const [containers, lastKnown] = [before.containers.map(again), before.lastKnown.map(again)];
  const cgroups = [...before.containers, ...before.lastKnown].flatMap(({ usage }) => usage?.cgroup ?? []);
  return {
    ...before,
    ...now,
    ...{ monotonicNs, containers, lastKnown },
    host: { ...before.host, totalKb, availableKb, usedKb: totalKb - availableKb, memoryFullAvg10 },
    holders: readHolders({ processes: [] }, new Set(cgroups), root, proc),
  };
}

/** One whose cgroup has gone has ended, and uses nothing. */
function withMemory(container: ContainerSample, root: string): ContainerSample {
  if (container.usage === null) return container;
  const held = readHeldMemory(container.usage.cgroup, root)?.held ?? null;
  const memoryUsedKb = held === null ? null : Math.floor(held / 1024);
  return { ...container, usage: memoryUsedKb === null ? null : { ...container.usage, memoryUsedKb } };
}
