import type { Action } from '../model/decision.ts';
import type { Deed, Hands } from './hands.ts';

const VERIFY_MS = 5000;
const LOOK_EVERY_MS = 50;

/**
 * Stops with grace, or kills at once where it is urgent, removes, and believes it only when the engine and the kernel
 * both miss the container. Where it is urgent the kernel kills: an engine has to start processes for that, which takes
 * seconds when memory runs out, and does not happen while it hangs.
 */
export async function removeContainer(
  { engine, clock, config, cgroupExists, cgroupKill }: Hands,
  { id, urgency, isThrottled }: Extract<Action, { kind: 'remove' }>,
  cgroup: string | null,
): Promise<Deed> {
  if (isThrottled && urgency === 'grace') await engine.limitCpu(id, null);
  // Removing by force kills what still runs.
  if (urgency === 'grace') await engine.stop(id, config.act.stopSeconds);
  else if (cgroup !== null) cgroupKill(cgroup);
  await engine.remove(id);
  const deadlineNs = clock.monotonicNs() + VERIFY_MS * 1e6;
  for (;;) {
    const stillKnown = (await engine.inspect(id)) !== null;
    const stillRuns = cgroup !== null && cgroupExists(cgroup);
    if (!stillKnown && !stillRuns)
      return { result: 'done', detail: 'gone from the engine and its cgroup', id };
    if (clock.monotonicNs() >= deadlineNs) {
      const where = stillKnown ? 'the engine still lists it' : 'its cgroup still exists';
      return { result: 'failed', detail: `removed, but ${where} after ${VERIFY_MS / 1000} s`, id };
    }
    await clock.sleep(LOOK_EVERY_MS, new AbortController().signal);
  }
}
