import type { Action } from '../../model/decision.ts';
import { protectedBy } from '../../model/ownership.ts';
import type { Reason } from '../../model/reason.ts';
import type { ContainerSample } from '../../model/snapshot.ts';
import type { Millis } from '../../model/units.ts';
import type { DecisionContext } from '../decision-context.ts';

/** A container that was created and not started within this time is not expected to start any more. */
const NEVER_STARTED_MINUTES = 5;

/** Removes containers that have ended or never started: they count for no quota and take up disk space. */
export function removeEnded({ managed, config, now }: DecisionContext): Action[] {
  return managed
    .filter((container) => protectedBy(container, config.protect) === null)
    .flatMap((container): Action[] => {
      const because = whyEnded(container, now.at);
      const { id, name } = container;
      return because === null
        ? []
        : [
            {
              kind: 'remove',
              id,
              name,
              level: null,
              pid: null,
              urgency: 'grace',
              isThrottled: false,
              isReplaced: false,
              because,
            },
          ];
    });
}

function whyEnded({ state, createdAt }: ContainerSample, now: Millis): Reason | null {
  if (state === 'exited' || state === 'dead') return { code: 'ended', state };
  if (state === 'created' && now - createdAt > NEVER_STARTED_MINUTES * 60_000)
    return { code: 'never-started', minutes: NEVER_STARTED_MINUTES };
  return null;
}
