import { memoryShortage, pressureReadingOf } from '../../classify/memory-pressure.ts';
import { usedMemoryPercent } from '../../classify/rates-and-memory.ts';
import type { Action } from '../../model/decision.ts';
import { type Reason, rounded } from '../../model/reason.ts';
import type { DecisionContext } from '../decision-context.ts';
import { rankForEviction } from '../rank-for-eviction.ts';

/** Why the host is short of memory now, or null. */
export function memoryEmergency({ history, now, config }: DecisionContext): Reason | null {
  return memoryShortage(history.memoryPressure, pressureReadingOf(now), config);
}

/** Evicts one container a cycle, killed at once, so that its effect is seen before the next one. */
export function relieveMemory(context: DecisionContext): Action[] {
  const emergency = memoryEmergency(context);
  if (emergency === null) return [];
  const [victim, runnerUp] = rankForEviction(context).filter(({ excluded }) => excluded === null);
  if (victim === undefined) return [];
  const seen = context.managed.find(({ id }) => id === victim.id);
  const usage = seen?.usage ?? null;
  const holds = usage === null ? null : rounded(usedMemoryPercent(usage, context.now));
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
      because: { code: 'evict-for-memory', emergency, holds, next: runnerUp?.name ?? null },
    },
  ];
}
