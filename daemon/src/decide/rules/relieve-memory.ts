import { memoryShortage, pressureReadingOf } from '../../classify/memory-pressure.ts';
import { usedMemoryPercent } from '../../classify/rates-and-memory.ts';
import type { Action } from '../../model/decision.ts';
import type { DecisionContext } from '../context.ts';
import { rankForEviction } from '../rank-for-eviction.ts';

/** Why memory is running out in this scene, or null. */
export function memoryEmergency({ history, now, config }: DecisionContext): string | null {
  return memoryShortage(history.memoryPressure, pressureReadingOf(now), config);
}

/** One victim a cycle, killed at once: what comes back is seen before another goes. */
export function relieveMemory(context: DecisionContext): Action[] {
  const because = memoryEmergency(context);
  if (because === null) return [];
  const [victim, runnerUp] = rankForEviction(context).filter(({ excluded }) => excluded === null);
  if (victim === undefined) return [];
  const seen = context.managed.find(({ id }) => id === victim.id);
  const usage = seen?.usage ?? null;
  const holds = usage === null ? '?' : usedMemoryPercent(usage, context.now).toFixed(1);
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
