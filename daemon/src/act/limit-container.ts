import type { Action } from '../model/decision.ts';
import type { ActionContext, ActionResult } from './action-context.ts';
import { whyNotManaged, whyUntouchable } from './recheck.ts';

/**
 * Limits a container's CPU, or lifts the limit, after rechecking it. A limit that its owner set is left alone; the limit
 * of a container that has become protected is still lifted.
 */
export async function limitContainer(
  { engine, config }: ActionContext,
  { kind, id, pid }: Extract<Action, { kind: 'throttle' | 'release' }>,
): Promise<ActionResult> {
  const now = await engine.inspect(id);
  const why = kind === 'release' ? whyNotManaged(now) : whyUntouchable(now, config);
  if (now === null || why !== null) return { result: 'skipped', detail: why ?? { code: 'already-gone' }, id };
  if (!now.running || now.pid !== pid)
    return { result: 'skipped', detail: { code: 'ended-or-restarted' }, id };
  if (kind === 'throttle' && now.hasCpuLimit) {
    return { result: 'skipped', detail: { code: 'own-cpu-limit' }, id };
  }
  const percent = kind === 'throttle' ? config.soft.throttlePercent : null;
  await engine.limitCpu(id, percent);
  return {
    result: 'done',
    detail: percent === null ? { code: 'cpu-limit-lifted' } : { code: 'cpu-limited', percent },
    id,
  };
}
