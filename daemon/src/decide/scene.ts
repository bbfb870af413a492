import type { Config } from '../model/config.ts';
import type { Level, Standing, Verdict } from '../model/decision.ts';
import type { History } from '../model/history.ts';
import { isManaged, startedForFloor } from '../model/ownership.ts';
import type { ContainerSample, Snapshot } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';

export const LEVELS = ['low', 'high'] as const satisfies readonly Level[];

/** What the rules look at: our containers only. Foreign ones are not in it, so that no rule can reach them. */
export interface Scene {
  readonly config: Config;
  readonly history: History;
  readonly now: Snapshot;
  readonly managed: readonly ContainerSample[];
  readonly verdictOf: ReadonlyMap<ContainerId, Verdict>;
  /** The class that each one without a class of its own is known to become. */
  readonly awaited: ReadonlyMap<ContainerId, Level>;
}

export function survey(history: History, now: Snapshot, verdicts: readonly Verdict[], config: Config): Scene {
  const managed = now.containers.filter(isManaged);
  const verdictOf = new Map(verdicts.map((verdict) => [verdict.id, verdict]));
  return { config, history, now, managed, verdictOf, awaited: awaitedIn(history, managed, verdicts) };
}

/**
 * What we started for a class, or restarted when it had one, fills its place while it has no class yet. The container
 * itself says what it was started for: a daemon that was killed right after it must not start another.
 */
export function awaitedIn(
  history: History,
  containers: readonly ContainerSample[],
  verdicts: readonly Verdict[],
): ReadonlyMap<ContainerId, Level> {
  const unclassified = new Set(verdicts.filter(({ level }) => level === 'unknown').map(({ id }) => id));
  return new Map(
    containers.flatMap((container): [ContainerId, Level][] => {
      const { id } = container;
      const level = history.containers.get(id)?.restartedAs ?? startedForFloor(container);
      return level !== null && unclassified.has(id) ? [[id, level]] : [];
    }),
  );
}

/** Its class, or the one that it is to have: it fills that place already. null where nothing is known of any. */
export function levelOf({ verdictOf, awaited }: Scene, id: ContainerId): Level | null {
  const level = verdictOf.get(id)?.level ?? 'unknown';
  return level === 'unknown' ? (awaited.get(id) ?? null) : level;
}

/** Our running containers of one class. */
export function membersOf(scene: Scene, level: Level): ContainerSample[] {
  return scene.managed.filter((container) => scene.verdictOf.get(container.id)?.level === level);
}

/** Counts our running containers by class. */
export function standingOf(containers: readonly ContainerSample[], verdicts: readonly Verdict[]): Standing {
  const managed = new Set(containers.filter(isManaged).map((container) => container.id));
  const standing = { low: 0, high: 0, unknown: 0 };
  for (const { id, level } of verdicts) if (managed.has(id)) standing[level] += 1;
  return standing;
}
