import type { ContainerPolicy, Remedy } from '../model/container-policy.ts';
import type { Action } from '../model/decision.ts';
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
      return null;
    case 'service': {
      const needed = NEEDED[action.kind];
      if (needed === null) return { code: 'service-never-removed' };
      return policy.allow.includes(needed) ? null : { code: 'not-allowed', remedy: needed };
    }
  }
}
