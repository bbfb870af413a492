import type { Action } from '../model/decision.ts';
import type { Clock } from '../model/ports.ts';
import type { ActionContext, ActionResult } from './action-context.ts';

const VERIFY_MS = 5000;
const LOOK_EVERY_MS = 50;

/**
 * Stops the container with its grace period, or kills it at once in an emergency, removes it, and reports success only
 * when neither the engine nor the kernel knows it any more. In an emergency the kernel kills (cgroup.kill): Docker would
 * first start helper processes, which is slow without memory and impossible while Docker hangs.
 */
export async function removeContainer(
  { engine, clock, config, cgroupExists, cgroupKill }: ActionContext,
  { id, urgency, isThrottled }: Extract<Action, { kind: 'remove' }>,
  cgroup: string | null,
): Promise<ActionResult> {
  if (isThrottled && urgency === 'grace') await engine.limitCpu(id, null);
  // The forced removal below kills what still runs.
  if (urgency === 'grace') await engine.stop(id, config.act.stopSeconds);
  const isKilled = urgency === 'now' && cgroup !== null && cgroupKill(cgroup);
  const isReaped = () => cgroup === null || !cgroupExists(cgroup);
  try {
    await engine.remove(id);
  } catch (error) {
    // Waits until the memory of the killed processes is free. Otherwise the next cycle would still see a shortage and
    // kill another container.
    if (isKilled) await within(VERIFY_MS, clock, async () => isReaped());
    throw error;
  }
  const isForgotten = async () => (await engine.inspect(id)) === null;
  if (await within(VERIFY_MS, clock, async () => (await isForgotten()) && isReaped()))
    return { result: 'done', detail: { code: 'removed' }, id };
  const listedBy = (await isForgotten()) ? 'cgroup' : 'engine';
  return {
    result: 'failed',
    detail: { code: 'removal-unconfirmed', listedBy, seconds: VERIFY_MS / 1000 },
    id,
  };
}

/** Whether the condition becomes true within the time. */
async function within(ms: number, clock: Clock, isTrue: () => Promise<boolean>): Promise<boolean> {
  const deadlineNs = clock.monotonicNs() + ms * 1e6;
  for (;;) {
    if (await isTrue()) return true;
    if (clock.monotonicNs() >= deadlineNs) return false;
    await clock.sleep(LOOK_EVERY_MS, new AbortController().signal);
  }
}
