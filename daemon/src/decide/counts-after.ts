import type { ClassCounts, Classification, Level, Outcome } from '../model/decision.ts';
import type { ContainerId } from '../model/units.ts';

/**
 * What stands once the actions are done. A container that we started, or restarted, counts as what it is to become,
 * both in the cycle that does it and while it waits for its class.
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
    // What has ended has no verdict: it stood nowhere.
    const stood =
      action.kind === 'remove' ? (expectedClass.get(action.id) ?? levelOf.get(action.id) ?? null) : null;
    if (stood !== null) after[stood] -= 1;
  }
  return after;
}
