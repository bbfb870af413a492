import type { Outcome, Plan } from '../model/decision.ts';
import type { Reason } from '../model/reason.ts';
import type { ActionGroup } from '../words/catalogue.ts';
import { CATALOGUES, type Language, render } from '../words/language.ts';

/** Longest stored line in characters: some reasons are long, and lines are kept for two years. */
const LONGEST = 200;

/** A decision as it is kept for years: how many actions of each kind were done, and why, in one line per language. */
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
  const line = (language: Language): string =>
    (plan.kind === 'hold' ? render(plan.because, language) : summarize(outcomes, language)).slice(0, LONGEST);
  return { ...counts, line: line('en'), line_es: line('es') };
}

/** A few words for each kind, class and result: `removed 6 of 8 high; removed 2 of 5 low`. */
function summarize(outcomes: readonly Outcome[], language: Language): string {
  const groups = new Map<string, ActionGroup>();
  for (const { action, result } of outcomes) {
    const { kind, level, because } = action;
    const key = `${kind} ${level} ${result}`;
    const count = (groups.get(key)?.count ?? 0) + 1;
    groups.set(key, { kind, level, result, because: sharedPart(groups.get(key)?.because ?? because), count });
  }
  const { summary } = CATALOGUES[language];
  return [...groups.values()]
    .map((group) => summary(group, { render: (reason) => render(reason, language) }))
    .join('; ');
}

/** The part of a reason that holds for the whole group, without what is about one container alone. */
function sharedPart(because: Reason): Reason {
  switch (because.code) {
    case 'evict-for-memory':
    case 'kill-for-memory':
    case 'sacrifice-for-memory':
      return because.emergency;
    case 'throttle-for':
    case 'restart-for':
    case 'replace-for':
    case 'replace-now-for':
    case 'squeeze-for':
    case 'limit-pids-for':
    case 'limit-io-for':
    case 'stop-for':
    case 'kill-for-storm':
      return because.breach;
    default:
      return because;
  }
}
