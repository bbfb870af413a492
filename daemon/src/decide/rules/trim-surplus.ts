import { isThrottled } from '../../classify/limits.ts';
import type { Action } from '../../model/decision.ts';
import type { Reason } from '../../model/reason.ts';
import { type DecisionContext, LEVELS } from '../decision-context.ts';
import { rankForTrimming } from '../rank-for-trimming.ts';

/** Removes all of a class's surplus in one cycle, since one removal per cycle would not keep up with the cron job. */
export function trimSurplus(context: DecisionContext, planned: readonly Action[]): Action[] {
  const leaving = new Set(planned.flatMap((action) => (action.kind === 'remove' ? [action.id] : [])));
  return LEVELS.flatMap((level) => {
    const ranked = rankForTrimming(context, level, leaving);
    const { keep } = context.config.quotas[level];
    return ranked
      .filter((candidate) => candidate.excluded === null)
      .map(({ id, name }) => {
        const seen = context.disposables.find((container) => container.id === id);
        const why: Reason = context.classificationOf.get(id)?.because ?? { code: 'not-classified' };
        return {
          kind: 'remove',
          id,
          name,
          level,
          pid: seen?.usage?.pid ?? null,
          urgency: 'grace',
          isThrottled: seen !== undefined && isThrottled(seen, context.history.containers, context.config),
          isReplaced: false,
          because: { code: 'surplus', count: ranked.length, level, keep, why },
        };
      });
  });
}
