import { memPercentOf } from '../../classify/measure.ts';
import { hardBreach, pressureOf } from '../../classify/strain.ts';
import type { Action } from '../../model/decision.ts';
import { rankForMemory } from '../rank-for-memory.ts';
import type { Scene } from '../scene.ts';

/** Why memory is running out in this scene, or null. */
export function emergency({ history, now, config }: Scene): string | null {
  return hardBreach(history.strain, pressureOf(now), config);
}

/** One victim a cycle, killed at once: what comes back is seen before another goes. */
export function relieveMemory(scene: Scene): Action[] {
  const because = emergency(scene);
  if (because === null) return [];
  const [victim, runnerUp] = rankForMemory(scene).filter(({ excluded }) => excluded === null);
  if (victim === undefined) return [];
  const seen = scene.managed.find(({ id }) => id === victim.id);
  const usage = seen?.usage ?? null;
  const holds = usage === null ? '?' : memPercentOf(usage, scene.now).toFixed(1);
  const next = runnerUp === undefined ? 'nobody else would help' : `next would be ${runnerUp.name}`;
  return [
    {
      kind: 'remove',
      id: victim.id,
      name: victim.name,
      level: victim.level === 'unknown' ? null : victim.level,
      pid: usage?.pid ?? null,
      urgency: 'now',
      isThrottled: false,
      isReplaced: true,
      because: `${because}; it holds ${holds} % of RAM; ${next}`,
    },
  ];
}
