import type { Action } from '../model/decision.ts';
import { runId } from '../model/run-id.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { forbids } from '../policy/contract.ts';
import { policyOf } from '../policy/resolve-policy.ts';
import type { ActionContext, ActionResult } from './action-context.ts';
import { whyNotSameRun } from './recheck.ts';
import { within } from './within.ts';

/** An engine that does not answer for so long is treated as silent: memory does not wait. */
const ENGINE_PATIENCE_MS = 1500;
const VERIFY_MS = 5000;

/**
 * Kills the processes of a container through its cgroup. The engine is asked first whether it is still that container;
 * while it is silent, the last good reading decides together with what the kernel shows now: the same init in the same
 * cgroup, and no other container's cgroup inside.
 */
export async function killProcesses(
  context: ActionContext,
  action: Extract<Action, { kind: 'kill' }>,
  { containers, lastKnown }: Snapshot,
): Promise<ActionResult> {
  const { engine, clock, config, cgroups } = context;
  const { id, cgroup } = action;
  const seen = [...containers, ...lastKnown].find((container) => container.id === id);
  if (seen === undefined) return { result: 'skipped', detail: { code: 'already-gone' }, id };
  // With the engine silent nothing else ties the processes to this container.
  if (seen.usage?.cgroup !== cgroup || runId(seen.usage) !== runId(action))
    return { result: 'skipped', detail: { code: 'ended-or-restarted' }, id };
  const answer = action.isEngineSilent
    ? null
    : await Promise.race([
        engine.inspect(id).then(
          (now) => ({ now }),
          () => null,
        ),
        clock.sleep(ENGINE_PATIENCE_MS, new AbortController().signal).then(() => null),
      ]);
  const why =
    answer === null
      ? forbids(policyOf(seen, config), action)
      : whyNotSameRun({ pid: action.pid }, answer.now, action, config);
  if (why !== null) return { result: 'skipped', detail: why, id };
  if (cgroups.holdsAnother(cgroup))
    return { result: 'skipped', detail: { code: 'other-container-inside' }, id };
  if (!cgroups.isRun(cgroup, action))
    return { result: 'skipped', detail: { code: 'ended-or-restarted' }, id };
  await cgroups.kill(cgroup);
  const isKilled = await within(VERIFY_MS, clock, async () => !cgroups.isRun(cgroup, action));
  return isKilled
    ? { result: 'done', detail: { code: 'processes-killed' }, id }
    : { result: 'failed', detail: { code: 'kill-unconfirmed', seconds: VERIFY_MS / 1000 }, id };
}
