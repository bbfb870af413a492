import type { Action } from '../model/decision.ts';
import type { ActionContext, ActionResult } from './action-context.ts';
import { whyNotSameRun } from './recheck.ts';

/** Restarts a container after rechecking it. A CPU limit of ours is lifted first, so that it can end cleanly. */
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
    return { result: 'failed', detail: { code: 'restarted-not-running' }, id };
  if (after.pid === pid) return { result: 'failed', detail: { code: 'restarted-same-run' }, id };
  return { result: 'done', detail: { code: 'restarted', before: pid, now: after.pid }, id };
}
