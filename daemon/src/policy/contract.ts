import type { ContainerPolicy, Remedy } from '../model/container-policy.ts';
import type { Action } from '../model/decision.ts';
import type { Pause } from '../model/orders.ts';
import type { Reason } from '../model/reason.ts';

/** The remedy that the owner of a service must allow for each kind of action; null: never allowed on a service. */
const NEEDED: Readonly<Record<Exclude<Action['kind'], 'start' | 'release'>, Remedy | null>> = {
  remove: null,
  restart: 'restart',
  stop: 'stop',
  kill: 'kill',
  throttle: 'throttle',
  'limit-pids': 'throttle',
  'limit-io': 'throttle',
  squeeze: 'squeeze',
};

/** What an operator's undo ordered: starting a service again that we stopped. */
const isOrdered = (action: Action): boolean => action.kind === 'restart' && action.pid === 'stopped';

/** Memory runs out, and the action is against that. */
const isEmergency = (action: Action): boolean =>
  action.kind === 'kill' ||
  (action.kind === 'remove' && action.urgency === 'now' && action.because.code !== 'kill-for-storm');

/** Why an operator's orders hold the action up: a pause, or a remedy that was undone. Emergencies go on unless told. */
function heldUp({ paused, barred = [] }: ContainerPolicy, action: Action): Reason | null {
  const isUrgent = isEmergency(action);
  if (paused !== undefined && (paused.all || !isUrgent)) return pausedUntil(paused);
  const bar = isUrgent ? undefined : barred.find(({ kind }) => kind === action.kind);
  return bar === undefined ? null : pausedUntil({ until: bar.until, why: 'vigia undo' });
}

/** A pause as a reason. */
export const pausedUntil = ({ until, why }: Pick<Pause, 'until' | 'why'>): Reason => ({
  code: 'paused',
  until,
  why,
});

/**
 * Why this action must never be taken on a container with this policy; null when it may. Asked twice: of every plan, and
 * of the container as the engine shows it right before the action. Lifting a limit of ours is always allowed.
 */
export function forbids(policy: ContainerPolicy, action: Action): Reason | null {
  if (action.kind === 'start' || action.kind === 'release') return null;
  switch (policy.kind) {
    case 'protected':
      return { code: 'protected-now', protection: policy.because };
    case 'foreign':
      return { code: 'no-longer-managed' };
    case 'disposable':
      return heldUp(policy, action);
    case 'service': {
      if (isOrdered(action)) return null;
      const held = heldUp(policy, action);
      if (held !== null) return held;
      const needed = NEEDED[action.kind];
      if (needed === null) return { code: 'service-never-removed' };
      return policy.allow.includes(needed) ? null : { code: 'not-allowed', remedy: needed };
    }
  }
}
