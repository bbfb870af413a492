import type { Action } from '../../model/decision.ts';
import { protectedBy } from '../../model/ownership.ts';
import type { ContainerSample } from '../../model/snapshot.ts';
import type { Millis } from '../../model/units.ts';
import type { DecisionContext } from '../context.ts';

/** Whoever made it has given up by then. */
const NEVER_STARTED_AFTER_MS = 300_000;

/** What has ended, or was made and never started, counts towards nothing and only fills the disk. */
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

function whyEnded({ state, createdAt }: ContainerSample, now: Millis): string | null {
  if (state === 'exited' || state === 'dead') return `it has ended (${state})`;
  if (state === 'created' && now - createdAt > NEVER_STARTED_AFTER_MS)
    return 'it was made five minutes ago and never started';
  return null;
}
