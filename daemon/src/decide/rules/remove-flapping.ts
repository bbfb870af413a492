import { flapping } from '../../classify/patterns/flapping.ts';
import { isThrottled } from '../../classify/throttling.ts';
import type { Action } from '../../model/decision.ts';
import { protectedBy } from '../../model/ownership.ts';
import type { DecisionContext } from '../decision-context.ts';
import { currentOrExpectedClass } from '../decision-context.ts';

/** Replaces a container that restarts over and over, whatever restarts it. */
export function removeFlapping(context: DecisionContext): Action[] {
  const { managed, config, history } = context;
  return managed.flatMap((container): Action[] => {
    const { id, name, state } = container;
    const because = flapping(history.runs.get(id), config);
    if (because === null || state === 'exited' || state === 'dead') return [];
    if (protectedBy(container, config.protect) !== null) return [];
    const level = currentOrExpectedClass(context, id);
    return [
      {
        kind: 'remove',
        id,
        name,
        level,
        pid: 'any',
        urgency: 'grace',
        isThrottled: isThrottled(container, history.containers),
        isReplaced: true,
        because,
      },
    ];
  });
}
