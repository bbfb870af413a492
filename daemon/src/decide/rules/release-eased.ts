import { easedSince, isThrottled } from '../../classify/throttling.ts';
import type { Action } from '../../model/decision.ts';
import { protectedBy } from '../../model/ownership.ts';
import { rounded } from '../../model/reason.ts';
import { currentOrExpectedClass, type DecisionContext } from '../decision-context.ts';

/**
 * Lifts the CPU limit of a container that has used clearly less than it for the grace period, and at once of one that
 * has become protected.
 */
export function releaseEased(context: DecisionContext, planned: readonly Action[]): Action[] {
  const { managed, config, history, now, classificationOf } = context;
  const { graceSeconds, throttlePercent } = config.soft;
  const leaving = new Set(planned.flatMap((action) => (action.kind === 'start' ? [] : [action.id])));
  return managed.flatMap((container): Action[] => {
    const { id, name, usage } = container;
    const known = history.containers.get(id);
    const classification = classificationOf.get(id);
    if (usage === null || known === undefined || classification === undefined || leaving.has(id)) return [];
    const limit = { ...known, isThrottled: isThrottled(container, history.containers) };
    const release = {
      kind: 'release',
      id,
      name,
      level: currentOrExpectedClass(context, id),
      pid: usage.pid,
    } as const;
    const protection = protectedBy(container, config.protect);
    if (protection !== null)
      return limit.isThrottled ? [{ ...release, because: { code: 'lift-limit-protected', protection } }] : [];
    const sinceNs = easedSince(limit, classification, now.monotonicNs, config);
    const seconds = sinceNs === null ? 0 : (now.monotonicNs - sinceNs) / 1e9;
    if (sinceNs === null || seconds < graceSeconds) return [];
    const cpu = rounded(classification.cpuPercent ?? 0);
    return [
      {
        ...release,
        because: { code: 'needs-less-cpu', cpu, percent: throttlePercent, seconds: Math.round(seconds) },
      },
    ];
  });
}
