import type { Level, Outcome, Plan } from '../model/decision.ts';
import type { Reason } from '../model/reason.ts';
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

/** One phrase for each kind, class and result, with the reason of the first: `removed 6 high: 8 high-consumption …`. */
function summarize(outcomes: readonly Outcome[], language: Language): string {
  interface Group {
    count: number;
    readonly kind: string;
    readonly level: Level | null;
    readonly result: string;
    readonly because: Reason;
  }
  const groups = new Map<string, Group>();
  for (const { action, result } of outcomes) {
    const { kind, level, because } = action;
    const key = `${kind} ${level} ${result}`;
    const group = groups.get(key);
    if (group !== undefined) group.count += 1;
    else groups.set(key, { count: 1, kind, level, result, because: sharedPart(because) });
  }
  const { summary } = CATALOGUES[language];
  return [...groups.values()]
    .map(({ count, kind, level, result, because }) =>
      summary(count, kind, level, result, render(because, language)),
    )
    .join('; ');
}

/** The part of a reason that holds for the whole group, without what is about one container alone. */
function sharedPart(because: Reason): Reason {
  switch (because.code) {
    case 'surplus':
      return { code: 'surplus-of-class', count: because.count, level: because.level, keep: because.keep };
    case 'evict-for-memory':
      return because.emergency;
    case 'throttle-for':
    case 'restart-for':
    case 'replace-for':
      return because.breach;
    default:
      return because;
  }
}
