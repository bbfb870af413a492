import { isThrottled } from '../../classify/throttling.ts';
import type { Action } from '../../model/decision.ts';
import { rankClass } from '../rank.ts';
import { LEVELS, type Scene } from '../scene.ts';

/** Everything above a class's quota goes in the same cycle: one per cycle would never catch up with cron. */
export function trimSurplus(scene: Scene, planned: readonly Action[]): Action[] {
  const leaving = new Set(planned.flatMap((action) => (action.kind === 'remove' ? [action.id] : [])));
  return LEVELS.flatMap((level) => {
    const ranked = rankClass(scene, level, leaving);
    const { keep } = scene.config.quotas[level];
    return ranked
      .filter((candidate) => candidate.excluded === null)
      .map(({ id, name }) => {
        const seen = scene.managed.find((container) => container.id === id);
        const why = scene.verdictOf.get(id)?.because ?? '';
        return {
          kind: 'remove',
          id,
          name,
          level,
          pid: seen?.usage?.pid ?? null,
          urgency: 'grace',
          isThrottled: seen !== undefined && isThrottled(seen, scene.history.containers),
          isReplaced: false,
          because: `${ranked.length} ${level} where ${keep} stay; ${why}`,
        };
      });
  });
}
