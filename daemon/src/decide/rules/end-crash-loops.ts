import { isThrottled } from '../../classify/limits.ts';
import { flapping } from '../../classify/patterns/flapping.ts';
import type { Action } from '../../model/decision.ts';
import { currentOrExpectedClass, type DecisionContext } from '../decision-context.ts';

/**
 * Removes a disposable container whose restart policy starts it over and over. A service is left to Docker's own
 * back-off, and stopped only if its owner allows that.
 */
export function endCrashLoops(context: DecisionContext): Action[] {
  const { managed, policies, config, history } = context;
  return managed.flatMap((container): Action[] => {
    const { id, name, state } = container;
    const because = flapping(history.runs.get(id), config);
    if (because === null || state === 'exited' || state === 'dead') return [];
    const policy = policies.get(id);
    const target = { id, name, level: currentOrExpectedClass(context, id), pid: 'any' } as const;
    if (policy?.kind !== 'disposable') {
      if (policy === undefined || !policy.allow.includes('stop')) return [];
      return [{ kind: 'stop', ...target, because: { code: 'stop-for', breach: because, seconds: 0 } }];
    }
    const throttled = isThrottled(container, history.containers, config);
    return [
      { kind: 'remove', ...target, urgency: 'grace', isThrottled: throttled, isReplaced: true, because },
    ];
  });
}
