import type { Action } from '../model/decision.ts';
import type { ActionContext, ActionResult } from './context.ts';
import { whyNotManaged, whyUntouchable } from './recheck.ts';

/**
 * Limits a container's CPU, or gives it back, after a look at what it is now. One with a limit of its own is let be; who has
 * been protected since gets back what was taken.
 */
export async function limitContainer(
  { engine, config }: ActionContext,
  { kind, id, pid }: Extract<Action, { kind: 'throttle' | 'release' }>,
): Promise<ActionResult> {
  const now = await engine.inspect(id);
  const why = kind === 'release' ? whyNotManaged(now) : whyUntouchable(now, config);
  if (now === null || why !== null) return { result: 'skipped', detail: why ?? 'already gone', id };
  if (!now.running || now.pid !== pid)
    return { result: 'skipped', detail: 'it has ended or restarted meanwhile', id };
  if (kind === 'throttle' && now.hasCpuLimit) {
    return { result: 'skipped', detail: 'it has a CPU limit already', id };
  }
  const percent = kind === 'throttle' ? config.soft.throttlePercent : null;
  await engine.limitCpu(id, percent);
  return {
    result: 'done',
    detail: percent === null ? 'its CPU is its own again' : `limited to ${percent} % of a core`,
    id,
  };
}
