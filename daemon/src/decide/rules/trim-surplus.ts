import { isThrottled } from '../../classify/throttling.ts';
import type { Action } from '../../model/decision.ts';
import { type DecisionContext, LEVELS } from '../context.ts';
import { rankForTrimming } from '../rank-for-trimming.ts';

/** Everything above a class's quota goes in the same cycle: one per cycle would never catch up with cron. */
export function trimSurplus(context: DecisionContext, planned: readonly Action[]): Action[] {
  const leaving = new Set(planned.flatMap((action) => (action.kind === 'remove' ? [action.id] : [])));
  return LEVELS.flatMap((level) => {
    const ranked = rankForTrimming(context, level, leaving);
    const { keep } = context.config.quotas[level];
    return ranked
      .filter((candidate) => candidate.excluded === null)
      .map(({ id, name }) => {
        const seen = context.managed.find((container) => container.id === id);
        const why = context.classificationOf.get(id)?.because ?? '';
        return {
          kind: 'remove',
          id,
          name,
          level,
          pid: seen?.usage?.pid ?? null,
          urgency: 'grace',
          isThrottled: seen !== undefined && isThrottled(seen, context.history.containers),
          isReplaced: false,
          because: `${ranked.length} ${level} where ${keep} stay; ${why}`,
        };
      });
  });
}
