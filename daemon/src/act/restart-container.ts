import type { Config } from '../model/config.ts';
import type { Action } from '../model/decision.ts';
import type { Inspected } from '../model/engine.ts';
import type { Clock } from '../model/ports.ts';
import type { Reason } from '../model/reason.ts';
import type { ActionContext, ActionResult } from './action-context.ts';
import { whyForbidden, whyNotSameRun } from './recheck.ts';

/** The cycle waits so long for a restart or a stop; one that takes longer goes on by itself. */
const PATIENCE_MS = 3000;
/** Docker's own stop timeout, where the container has none. */
const ENGINE_STOP_SECONDS = 10;

/**
 * Restarts a service as its own settings say: its stop signal and its stop timeout, which may be minutes and is not
 * awaited. A CPU limit of ours is lifted first, so that it can end cleanly.
 */
export async function restartContainer(
  { engine, clock, config }: ActionContext,
  action: Extract<Action, { kind: 'restart' }>,
): Promise<ActionResult> {
  const { id, pid, isThrottled } = action;
  const now = await engine.inspect(id);
  const why =
    pid === 'stopped' ? whyNotStartedAgain(now, action, config) : whyNotSameRun({ pid }, now, action, config);
  if (why !== null) return { result: 'skipped', detail: why, id };
  if (isThrottled && now?.isCpuLimitOurs) await engine.limitCpu(id, null);
  if (!(await isDoneSoon(engine.restart(id, null), clock))) return asked(id, now?.stopSeconds ?? null);
  const after = await engine.inspect(id);
  if (after === null || !after.running)
    return { result: 'failed', detail: { code: 'restarted-not-running' }, id };
  if (pid === 'stopped') return { result: 'done', detail: { code: 'started', name: after.name }, id };
  if (after.pid === pid) return { result: 'failed', detail: { code: 'restarted-same-run' }, id };
  return { result: 'done', detail: { code: 'restarted', before: pid, now: after.pid }, id };
}

/** Why a service that we stopped is not started again, or null. */
function whyNotStartedAgain(now: Inspected | null, action: Action, config: Config): Reason | null {
  return whyForbidden(now, action, config) ?? (now?.running ? { code: 'running-again' } : null);
}

/** Asks a service to stop, as its own settings say. */
export async function stopContainer(
  { engine, clock, config }: ActionContext,
  action: Extract<Action, { kind: 'stop' }>,
): Promise<ActionResult> {
  const { id, pid } = action;
  const now = await engine.inspect(id);
  const why = whyNotSameRun({ pid }, now, action, config);
  if (why !== null) return { result: 'skipped', detail: why, id };
  await isDoneSoon(engine.stop(id, null), clock);
  return asked(id, now?.stopSeconds ?? null);
}

function asked(id: string, stopSeconds: number | null): ActionResult {
  const seconds = stopSeconds ?? ENGINE_STOP_SECONDS;
  return { result: 'done', detail: { code: 'stop-asked', seconds }, id };
}

/** Waits a little. The engine goes on with what it has begun; a failure after that shows in the next cycle. */
async function isDoneSoon(work: Promise<void>, clock: Clock): Promise<boolean> {
  const end = new AbortController();
  const done = work.then(() => true);
  done.catch(() => {});
  try {
    return await Promise.race([done, clock.sleep(PATIENCE_MS, end.signal).then(() => false)]);
  } finally {
    end.abort('done');
  }
}
