import type { Cgroups, Engine } from '../model/engine.ts';
import { LIMITS } from '../model/limit.ts';
import type { Clock } from '../model/ports.ts';
import type { ContainerSample } from '../model/snapshot.ts';

/** Longest time for all of them: stopping the service takes as long. */
const PATIENCE_MS = 20_000;
const AT_ONCE = 10;

/**
 * Lifts every limit of ours when Vigía ends: nothing would lift it later. Those in cgroups are found where the containers
 * were seen last, those on CPU in the engine, also of containers that have ended or are not ours any more. Never throws;
 * returns the names of containers whose limit could not be looked for.
 */
export async function liftAllLimits(
  { engine, cgroups, clock }: { readonly engine: Engine; readonly cgroups: Cgroups; readonly clock: Clock },
  seen: readonly ContainerSample[],
): Promise<readonly string[]> {
  for (const { usage } of seen)
    for (const limit of LIMITS)
      if (usage !== null && limit !== 'cpu') cgroups.limit(usage.cgroup, limit, null);
  const listed = await engine.list().catch(() => seen);
  const waiting = [...listed];
  const failed = new Set(listed.map(({ name }) => name));
  const deadlineNs = clock.monotonicNs() + PATIENCE_MS * 1e6;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (clock.monotonicNs() >= deadlineNs) return;
      const { id, name } = next;
      const isLifted = await engine
        .inspect(id)
        .then((now) => (now?.isCpuLimitOurs ? engine.limitCpu(id, null) : undefined))
        .then(
          () => true,
          () => false,
        );
      if (isLifted) failed.delete(name);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return [...failed];
}
