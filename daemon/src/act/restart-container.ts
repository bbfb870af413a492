import type { Action } from '../model/decision.ts';
import type { ActionContext, ActionResult } from './context.ts';
import { whyNotSameRun } from './recheck.ts';

/** A new run of the same container, after a look at what it is now. It gets its CPU back first, as before any stop. */
export async function restartContainer(
  { engine, config }: ActionContext,
  { id, pid, urgency, isThrottled }: Extract<Action, { kind: 'restart' }>,
): Promise<ActionResult> {
  const why = whyNotSameRun({ pid }, await engine.inspect(id), config);
  if (why !== null) return { result: 'skipped', detail: why, id };
  if (isThrottled) await engine.limitCpu(id, null);
  await engine.restart(id, urgency === 'now' ? 0 : config.act.stopSeconds);
  const after = await engine.inspect(id);
  if (after === null || !after.running)
    return { result: 'failed', detail: 'restarted, but it does not run', id };
  if (after.pid === pid) return { result: 'failed', detail: 'restarted, but it is the same run', id };
  return { result: 'done', detail: `runs anew (pid ${pid} → ${after.pid})`, id };
}
