import type { Action, Outcome } from '../model/decision.ts';
import type { Limit } from '../model/limit.ts';
import { repositoryOf, startedForFloor } from '../model/ownership.ts';
import type { Reason } from '../model/reason.ts';
import type { ContainerSample, ContainerUsage, Snapshot } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';

type ResolvedResult = Pick<Outcome, 'result' | 'detail' | 'id'>;

/**
 * The outcomes of actions that a daemon began and ended before recording, derived from a fresh snapshot. `isKnown`
 * tells whether a container was recorded before: an unknown one that Vigía started for a class belongs to one of these
 * starts. With a blind snapshot every outcome is unknown.
 */
export function resolveInterruptedActions(
  actions: readonly Action[],
  now: Snapshot,
  isKnown: (id: ContainerId) => boolean,
): Outcome[] {
  const blind = now.faults.find((fault) => fault.blind);
  const byId = new Map(now.containers.map((container) => [container.id, container]));
  const unknown = now.containers.filter(({ id, state }) => STARTED_STATES.includes(state) && !isKnown(id));
  return actions.map((action): Outcome => {
    const resolved =
      blind === undefined
        ? resultOf(action, byId, unknown)
        : ({
            result: 'failed',
            detail: { code: 'outcome-unknown', error: blind.reason },
            id: idOf(action),
          } as const);
    return { action, ...resolved, tookMs: 0 };
  });
}

/** `created`: the engine is still starting it, or will not; then a later cycle removes it. */
const STARTED_STATES: readonly ContainerSample['state'][] = ['created', 'running'];

/** Takes a started container out of `unknown`, since each belongs to one start only. */
function resultOf(
  action: Action,
  byId: ReadonlyMap<ContainerId, ContainerSample>,
  unknown: ContainerSample[],
): ResolvedResult {
  if (action.kind === 'start') {
    const index = unknown.findIndex(
      (container) =>
        startedForFloor(container) === action.level &&
        repositoryOf(container.image) === repositoryOf(action.image),
    );
    const [started] = index < 0 ? [] : unknown.splice(index, 1);
    return started === undefined
      ? notDone(null)
      : done({ code: 'in-state', name: started.name, state: started.state }, started.id);
  }
  const { id } = action;
  const container = byId.get(id);
  if (action.kind === 'remove') {
    if (container === undefined) return done({ code: 'gone' }, id);
    const isStopped = action.pid !== null && container.state !== 'running';
    return isStopped
      ? { result: 'failed', detail: { code: 'not-removed-yet', state: container.state }, id }
      : notDone(id);
  }
  const usage = container?.usage ?? null;
  // A kill, or a stop, of a container that does not run any more has been done.
  if (usage === null && (action.kind === 'kill' || action.kind === 'stop'))
    return done({ code: 'not-running' }, id);
  if (usage === null)
    return { result: 'failed', detail: { code: 'outcome-unknown', error: { code: 'not-running' } }, id };
  switch (action.kind) {
    case 'restart':
      if (action.pid === 'stopped') return done({ code: 'started', name: action.name }, id);
      return usage.pid === action.pid
        ? notDone(id)
        : done({ code: 'restarted', before: action.pid, now: usage.pid }, id);
    case 'throttle':
      return usage.cpuLimitPercent === null
        ? notDone(id)
        : done({ code: 'cpu-limited', percent: usage.cpuLimitPercent }, id);
    case 'squeeze':
      return usage.squeezedToKb === null
        ? notDone(id)
        : done({ code: 'memory-squeezed', toMib: Math.round(usage.squeezedToKb / 1024) }, id);
    case 'limit-pids':
      return usage.pidsLimitedTo === null
        ? notDone(id)
        : done({ code: 'pids-limited', processes: usage.pidsLimitedTo }, id);
    case 'limit-io':
      return usage.ioLimitedTo === null
        ? notDone(id)
        : done({ code: 'io-limited', mibPerSecond: usage.ioLimitedTo }, id);
    case 'release':
      return limitOf(action.limit, usage) === null
        ? done({ code: 'limit-lifted', limit: action.limit }, id)
        : notDone(id);
    case 'kill':
      return usage.pid === action.pid ? notDone(id) : done({ code: 'processes-killed' }, id);
    case 'stop':
      return notDone(id);
  }
}

function limitOf(limit: Limit, usage: ContainerUsage): number | null {
  switch (limit) {
    case 'cpu':
      return usage.cpuLimitPercent;
    case 'memory':
      return usage.squeezedToKb;
    case 'pids':
      return usage.pidsLimitedTo;
    case 'io':
      return usage.ioLimitedTo;
  }
}

const done = (result: Reason, id: ContainerId): ResolvedResult => ({
  result: 'done',
  detail: { code: 'seen-at-next-start', result },
  id,
});

const notDone = (id: ContainerId | null): ResolvedResult => ({
  result: 'skipped',
  detail: { code: 'interrupted' },
  id,
});

const idOf = (action: Action): ContainerId | null => (action.kind === 'start' ? null : action.id);
