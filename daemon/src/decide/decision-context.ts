import { idleCpu } from '../classify/limits.ts';
import type { Config } from '../model/config.ts';
import type { ContainerPolicy } from '../model/container-policy.ts';
import type { ClassCounts, Classification, Level } from '../model/decision.ts';
import type { History } from '../model/history.ts';
import { startedForFloor } from '../model/ownership.ts';
import type { ContainerSample, Snapshot } from '../model/snapshot.ts';
import type { ContainerId, Percent } from '../model/units.ts';
import { policyOf } from '../policy/resolve-policy.ts';

export const LEVELS = ['low', 'high'] as const satisfies readonly Level[];

/** What the rules decide by. Lists by kind, so that a rule about disposable containers cannot reach another one. */
export interface DecisionContext {
  readonly config: Config;
  readonly history: History;
  readonly now: Snapshot;
  readonly policies: ReadonlyMap<ContainerId, ContainerPolicy>;
  readonly disposables: readonly ContainerSample[];
  readonly services: readonly ContainerSample[];
  /** Disposables and services, in the order of the listing. */
  readonly managed: readonly ContainerSample[];
  readonly classificationOf: ReadonlyMap<ContainerId, Classification>;
  /** The class that a container without one is expected to get: what it was started or restarted for. */
  readonly expectedClass: ReadonlyMap<ContainerId, Level>;
  /** Idle CPU of the host since the last reading, in percent of one core; null while unknown. */
  readonly idlePercent: Percent | null;
}

export function buildContext(
  history: History,
  now: Snapshot,
  classifications: readonly Classification[],
  config: Config,
): DecisionContext {
  const containers = [...now.containers, ...now.lastKnown];
  const policies = new Map(containers.map((container) => [container.id, policyOf(container, config)]));
  const managed = containers.filter(({ id }) => isManaged(policies.get(id)));
  const ofKind = (kind: ContainerPolicy['kind']) =>
    managed.filter(({ id }) => policies.get(id)?.kind === kind);
  const disposables = ofKind('disposable');
  return {
    config,
    history,
    now,
    policies,
    disposables,
    services: ofKind('service'),
    managed,
    classificationOf: new Map(classifications.map((classification) => [classification.id, classification])),
    expectedClass: expectedClasses(history, disposables, classifications),
    idlePercent: idleCpu(history.host, now),
  };
}

const isManaged = (policy: ContainerPolicy | undefined): boolean =>
  policy?.kind === 'disposable' || policy?.kind === 'service';

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

/** The running containers of one class that count for its quota: disposable ones. */
export function membersOf(context: DecisionContext, level: Level): ContainerSample[] {
  return context.disposables.filter(({ id }) => context.classificationOf.get(id)?.level === level);
}

/** The running containers that count for the quotas, without those of other kinds. */
export function quotaContainers(containers: readonly ContainerSample[], config: Config): ContainerSample[] {
  return containers.filter((container) => policyOf(container, config).kind === 'disposable');
}

/** Counts the running disposable containers by class. */
export function countClasses(
  containers: readonly ContainerSample[],
  classifications: readonly Classification[],
  config: Config,
): ClassCounts {
  const counted = new Set(quotaContainers(containers, config).map(({ id }) => id));
  const counts = { low: 0, high: 0, unknown: 0 };
  for (const { id, level } of classifications) if (counted.has(id)) counts[level] += 1;
  return counts;
}
