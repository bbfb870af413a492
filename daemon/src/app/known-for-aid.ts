import type { ContainerMemory } from '../model/history.ts';
import type { Known } from '../model/memory-watch.ts';

/** What an act against a shortage of memory is judged by: without what is most of the data to transfer. */
export function forAid({ history, snapshot, classifications }: Known): Known {
  const withoutTrail = (memory: ContainerMemory): ContainerMemory => ({ ...memory, trail: [] });
  return {
    history: {
      ...history,
      containers: new Map(Array.from(history.containers, ([id, memory]) => [id, withoutTrail(memory)])),
    },
    snapshot: { ...snapshot, processes: [] },
    classifications,
  };
}
