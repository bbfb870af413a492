import type { Config } from '../model/config.ts';
import type { ClassCounts, Classification, Level } from '../model/decision.ts';
import type { History } from '../model/history.ts';
import { isManaged, startedForFloor } from '../model/ownership.ts';
import type { ContainerSample, Snapshot } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';

export const LEVELS = ['low', 'high'] as const satisfies readonly Level[];

/** What the rules decide by. It holds managed containers only, so that no rule can reach a foreign one. */
export interface DecisionContext {
  readonly config: Config;
  readonly history: History;
  readonly now: Snapshot;
  readonly managed: readonly ContainerSample[];
  readonly classificationOf: ReadonlyMap<ContainerId, Classification>;
  /** The class that a container without one is expected to get: what it was started or restarted for. */
  readonly expectedClass: ReadonlyMap<ContainerId, Level>;
}

export function buildContext(
  history: History,
  now: Snapshot,
  classifications: readonly Classification[],
  config: Config,
): DecisionContext {
  const managed = now.containers.filter(isManaged);
  const classificationOf = new Map(
    classifications.map((classification) => [classification.id, classification]),
  );
  return {
    config,
    history,
    now,
    managed,
    classificationOf,
    expectedClass: expectedClasses(history, managed, classifications),
  };
}

/**
 * The expected class of each unclassified container that Vigía started for a class, or restarted when it had one. The
 * container's own labels say what it was started for, so that a daemon killed right after the start does not start another.
 */
export function expectedClasses(
  history: History,
  containers: readonly ContainerSample[],
  classifications: readonly Classification[],
): ReadonlyMap<ContainerId, Level> {
  const unclassified = new Set(
    classifications.filter(({ level }) => level === 'unknown').map(({ id }) => id),
  );
  return new Map(
    containers.flatMap((container): [ContainerId, Level][] => {
      const { id } = container;
      const level = history.containers.get(id)?.restartedAs ?? startedForFloor(container);
      return level !== null && unclassified.has(id) ? [[id, level]] : [];
    }),
  );
}

/** The container's class or, while it has none, the expected one; null when neither is known. */
export function currentOrExpectedClass(
  { classificationOf, expectedClass }: DecisionContext,
  id: ContainerId,
): Level | null {
  const level = classificationOf.get(id)?.level ?? 'unknown';
  return level === 'unknown' ? (expectedClass.get(id) ?? null) : level;
}

/** The managed running containers of one class. */
export function membersOf(context: DecisionContext, level: Level): ContainerSample[] {
  return context.managed.filter((container) => context.classificationOf.get(container.id)?.level === level);
}

/** Counts the managed running containers by class. */
export function countClasses(
  containers: readonly ContainerSample[],
  classifications: readonly Classification[],
): ClassCounts {
  const managed = new Set(containers.filter(isManaged).map((container) => container.id));
  const counts = { low: 0, high: 0, unknown: 0 };
  for (const { id, level } of classifications) if (managed.has(id)) counts[level] += 1;
  return counts;
}
