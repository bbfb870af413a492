import type { ClassCounts, Classification, Level, Outcome } from '../model/decision.ts';
import type { ContainerId } from '../model/units.ts';

/**
 * How many containers of each class run once the actions are done. A container that Vigía started or restarted counts
 * for the class that it is expected to have, from that cycle on until it is classified.
 */
export function countsAfter(
  before: ClassCounts,
  expectedClass: ReadonlyMap<ContainerId, Level>,
  classifications: readonly Classification[],
  outcomes: readonly Outcome[],
): ClassCounts {
  const after = { ...before };
  for (const level of expectedClass.values()) {
    after[level] += 1;
    after.unknown -= 1;
  }
  const levelOf = new Map(classifications.map(({ id, level }) => [id, level]));
  for (const { action, result } of outcomes) {
    if (result !== 'done') continue;
    if (action.kind === 'start') after[action.level] += 1;
    // A container that has ended has no class and was not counted.
    const counted =
      action.kind === 'remove' ? (expectedClass.get(action.id) ?? levelOf.get(action.id) ?? null) : null;
    if (counted !== null) after[counted] -= 1;
  }
  return after;
}
