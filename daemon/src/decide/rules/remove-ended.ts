import type { Action } from '../../model/decision.ts';
import type { Reason } from '../../model/reason.ts';
import type { ContainerSample } from '../../model/snapshot.ts';
import type { Nanoseconds } from '../../model/units.ts';
import type { DecisionContext } from '../decision-context.ts';

/** A container that was created and not started within this time is not expected to start any more. */
const NEVER_STARTED_MINUTES = 5;

/**
 * Removes disposable containers that have ended or never started: they count for no quota and take up disk space. An
 * owner's ended container stays, with what it wrote.
 */
export function removeEnded({ disposables, now, history }: DecisionContext): Action[] {
  return disposables.flatMap((container): Action[] => {
    const { id, name } = container;
    const createdNs = history.createdNs.get(id) ?? now.monotonicNs;
    const because = whyEnded(container, now.monotonicNs - createdNs);
    if (because === null) return [];
    return [
      {
        ...{ kind: 'remove', id, name, level: null, pid: null, urgency: 'grace' },
        ...{ isThrottled: false, isReplaced: false, because },
      },
    ];
  });
}

/** `waitedNs`: how long a container that has not started was seen so. */
function whyEnded({ state }: ContainerSample, waitedNs: Nanoseconds): Reason | null {
  if (state === 'exited' || state === 'dead') return { code: 'ended', state };
  if (state === 'created' && waitedNs > NEVER_STARTED_MINUTES * 60e9)
    return { code: 'never-started', minutes: NEVER_STARTED_MINUTES };
  return null;
}
