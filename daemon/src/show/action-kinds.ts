import type { Action } from '../model/decision.ts';

/** Every kind of action; one that is missing here does not compile. */
const EVERY: Readonly<Record<Action['kind'], true>> = {
  remove: true,
  start: true,
  restart: true,
  stop: true,
  kill: true,
  throttle: true,
  squeeze: true,
  'limit-pids': true,
  'limit-io': true,
  release: true,
};

export const ACTION_KINDS = Object.keys(EVERY) as Action['kind'][];
