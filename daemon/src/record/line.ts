import type { Outcome, Plan } from '../model/decision.ts';

/** Some reasons are long; a line is for two years. */
const LONGEST = 200;

/** A decision as it is kept for years: how many of each kind were done, and one line that says why. */
export function lineOf(plan: Plan, outcomes: readonly Outcome[]) {
  const done = (kind: string) =>
    outcomes.filter(({ action, result }) => action.kind === kind && result === 'done').length;
  const counts = {
    removed: done('remove'),
    started: done('start'),
    throttled: done('throttle'),
    released: done('release'),
    failed: outcomes.filter(({ result }) => result === 'failed').length,
  };
  return { ...counts, line: (plan.kind === 'hold' ? plan.because : tell(outcomes)).slice(0, LONGEST) };
}

/** One phrase for each kind, class and result, with the reason of the first: `remove 6 high: 8 high where 2 stay`. */
function tell(outcomes: readonly Outcome[]): string {
  const groups = new Map<string, { count: number; because: string; what: string; result: string }>();
  for (const { action, result } of outcomes) {
    const what = `${action.kind} % ${action.level ?? 'unclassified'}`;
    const group = groups.get(what + result);
    if (group !== undefined) group.count += 1;
    // The part behind the semicolon is about one container alone.
    else groups.set(what + result, { count: 1, because: action.because.split(';')[0] ?? '', what, result });
  }
  return [...groups.values()]
    .map(
      ({ count, because, what, result }) =>
        `${what.replace('%', String(count))}${result === 'done' ? '' : ` (${result})`}: ${because}`,
    )
    .join('; ');
}
