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
  /** Started by us for this class and still unclassified. */
  readonly expected: Readonly<Record<Level, number>>;
}

export function survey(history: History, now: Snapshot, verdicts: readonly Verdict[], config: Config): Scene {
  const managed = now.containers.filter(isManaged);
  const verdictOf = new Map(verdicts.map((verdict) => [verdict.id, verdict]));
  return { config, history, now, managed, verdictOf, expected: expectedOf(managed, verdicts) };
}

/**
 * How many containers that we started for each class have no class yet. The container itself says what we started it
 * for: a daemon that was killed right after it must not start another.
 */
export function expectedOf(
  containers: readonly ContainerSample[],
  verdicts: readonly Verdict[],
): Record<Level, number> {
  const expected = { low: 0, high: 0 };
  const unclassified = new Set(verdicts.filter(({ level }) => level === 'unknown').map(({ id }) => id));
  for (const container of containers) {
    const startedFor = startedForFloor(container);
    if (startedFor !== null && unclassified.has(container.id)) expected[startedFor] += 1;
  }
  return expected;
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
