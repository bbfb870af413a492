import type { Outcome, Standing } from '../model/decision.ts';

/** What stands once the actions are done. A started container counts as what it was started for. */
export function standingAfter(before: Standing, outcomes: readonly Outcome[]): Standing {
  const after = { ...before };
  for (const { action, result } of outcomes) {
    if (result !== 'done') continue;
    if (action.kind === 'start') after[action.level] += 1;
    else if (action.level !== null) after[action.level] -= 1;
  }
  return after;
}
