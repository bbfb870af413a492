import type { Level, Outcome, Standing } from '../model/decision.ts';

/**
 * What stands once the actions are done. A container that we started counts as what it was started for, both in the
 * cycle that starts it and while it waits for its class.
 */
export function standingAfter(
  before: Standing,
  expected: Readonly<Record<Level, number>>,
  outcomes: readonly Outcome[],
): Standing {
  const after = {
    low: before.low + expected.low,
    high: before.high + expected.high,
    unknown: before.unknown - expected.low - expected.high,
  };
  for (const { action, result } of outcomes) {
    if (result !== 'done') continue;
    if (action.kind === 'start') after[action.level] += 1;
    else if (action.kind !== 'remove') continue;
    else if (action.level !== null) after[action.level] -= 1;
    else if (action.pid !== null) after.unknown -= 1;
  }
  return after;
}
