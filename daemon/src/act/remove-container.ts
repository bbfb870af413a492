import type { Action } from '../model/decision.ts';
import type { Clock } from '../model/ports.ts';
import type { ActionContext, ActionResult } from './context.ts';

const VERIFY_MS = 5000;
const LOOK_EVERY_MS = 50;

/**
 * Stops with grace, or kills at once where it is urgent, removes, and believes it only when the engine and the kernel
 * both miss the container. Where it is urgent the kernel kills: an engine has to start processes for that, which takes
 * seconds when memory runs out, and does not happen while it hangs.
 */
export async function removeContainer(
  { engine, clock, config, cgroupExists, cgroupKill }: ActionContext,
  { id, urgency, isThrottled }: Extract<Action, { kind: 'remove' }>,
  cgroup: string | null,
): Promise<ActionResult> {
  if (isThrottled && urgency === 'grace') await engine.limitCpu(id, null);
  // Removing by force kills what still runs.
  if (urgency === 'grace') await engine.stop(id, config.act.stopSeconds);
  const isKilled = urgency === 'now' && cgroup !== null && cgroupKill(cgroup);
  const isReaped = () => cgroup === null || !cgroupExists(cgroup);
  try {
    await engine.remove(id);
  } catch (error) {
    // What the kernel has killed gives its memory back all the same: whoever looked sooner would strike the next one.
    if (isKilled) await within(VERIFY_MS, clock, async () => isReaped());
    throw error;
  }
  const isForgotten = async () => (await engine.inspect(id)) === null;
  if (await within(VERIFY_MS, clock, async () => (await isForgotten()) && isReaped()))
    return { result: 'done', detail: 'gone from the engine and its cgroup', id };
  const where = (await isForgotten()) ? 'its cgroup still exists' : 'the engine still lists it';
  return { result: 'failed', detail: `removed, but ${where} after ${VERIFY_MS / 1000} s`, id };
}

/** Whether it comes true in time. */
async function within(ms: number, clock: Clock, isTrue: () => Promise<boolean>): Promise<boolean> {
  const deadlineNs = clock.monotonicNs() + ms * 1e6;
  for (;;) {
    if (await isTrue()) return true;
    if (clock.monotonicNs() >= deadlineNs) return false;
    await clock.sleep(LOOK_EVERY_MS, new AbortController().signal);
  }
}
