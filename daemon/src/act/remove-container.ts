import type { Action } from '../model/decision.ts';
import type { ActionContext, ActionResult } from './action-context.ts';
import { within } from './within.ts';

const VERIFY_MS = 5000;
/** Docker's own stop timeout, where the container has none. */
const ENGINE_STOP_SECONDS = 10;

/**
 * Stops a disposable container with its grace period, or kills it at once in an emergency, removes it, and reports
 * success only when neither the engine nor the kernel knows it any more. In an emergency the kernel kills (cgroup.kill):
 * Docker would first start helper processes, which is slow without memory and impossible while Docker hangs.
 * `ownStopSeconds` is the container's own stop timeout; null when it has none.
 */
export async function removeContainer(
  { engine, clock, config, cgroups }: ActionContext,
  { id, urgency, isThrottled }: Extract<Action, { kind: 'remove' }>,
  cgroup: string | null,
  ownStopSeconds: number | null,
): Promise<ActionResult> {
  if (isThrottled && urgency === 'grace') await engine.limitCpu(id, null);
  // The forced removal below kills what still runs.
  if (urgency === 'grace')
    await engine.stop(id, Math.min(ownStopSeconds ?? ENGINE_STOP_SECONDS, config.act.stopSeconds));
  const isKilled =
    urgency === 'now' && cgroup !== null && !cgroups.holdsAnother(cgroup) && (await cgroups.kill(cgroup));
  const isReaped = () => cgroup === null || !cgroups.exists(cgroup);
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
