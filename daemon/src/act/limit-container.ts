import { type Action, LIMIT_OF } from '../model/decision.ts';
import type { Reason } from '../model/reason.ts';
import type { ActionContext, ActionResult } from './action-context.ts';
import { whyForbidden } from './recheck.ts';

type SetLimit = Extract<Action, { kind: 'throttle' | 'squeeze' | 'limit-pids' | 'limit-io' }>;
type Release = Extract<Action, { kind: 'release' }>;

/**
 * Sets a limit, or lifts one of ours, after rechecking the container. A limit that its owner set is left alone; lifting
 * ours is always allowed. `cgroup` is where the container's cgroup was seen; null when it was not.
 */
export async function limitContainer(
  { engine, config, cgroups }: ActionContext,
  action: SetLimit | Release,
  cgroup: string | null,
): Promise<ActionResult> {
  const { id, pid } = action;
  const now = await engine.inspect(id);
  const why = whyForbidden(now, action, config);
  if (now === null || why !== null) return { result: 'skipped', detail: why ?? { code: 'already-gone' }, id };
  if (!now.running || now.pid !== pid)
    return { result: 'skipped', detail: { code: 'ended-or-restarted' }, id };

  if (action.kind === 'release') {
    const { limit } = action;
    if (limit === 'cpu') {
      if (now.hasCpuLimit && !now.isCpuLimitOurs)
        return { result: 'skipped', detail: { code: 'own-cpu-limit' }, id };
      // Where nothing is to be lifted, nothing is changed: whose container it is was not asked.
      if (now.isCpuLimitOurs) await engine.limitCpu(id, null);
      return { result: 'done', detail: { code: 'cpu-limit-lifted' }, id };
    }
    const isLifted = cgroup !== null && cgroups.limit(cgroup, limit, null);
    return isLifted
      ? { result: 'done', detail: { code: 'limit-lifted', limit }, id }
      : { result: 'failed', detail: { code: 'no-such-limit' }, id };
  }

  if (action.kind === 'throttle') {
    if (now.hasCpuLimit) return { result: 'skipped', detail: { code: 'own-cpu-limit' }, id };
    await engine.limitCpu(id, action.to);
    return { result: 'done', detail: { code: 'cpu-limited', percent: action.to }, id };
  }
  const isSet = cgroup !== null && cgroups.limit(cgroup, LIMIT_OF[action.kind], action.to);
  if (!isSet) return { result: 'skipped', detail: { code: 'no-such-limit' }, id };
  return { result: 'done', detail: limitedTo(action), id };
}

function limitedTo({ kind, to }: SetLimit): Reason {
  switch (kind) {
    case 'throttle':
      return { code: 'cpu-limited', percent: to };
    case 'squeeze':
      return { code: 'memory-squeezed', toMib: Math.round(to / 1024) };
    case 'limit-pids':
      return { code: 'pids-limited', processes: to };
    case 'limit-io':
      return { code: 'io-limited', mibPerSecond: to };
  }
}
