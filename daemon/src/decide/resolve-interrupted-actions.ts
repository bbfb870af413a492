import { type Action, ENDED_BEFORE, type Outcome } from '../model/decision.ts';
import { repositoryOf, startedForFloor } from '../model/ownership.ts';
import type { ContainerSample, Snapshot } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';

type ResolvedResult = Pick<Outcome, 'result' | 'detail' | 'id'>;

/**
 * What came of deeds that nobody lived to see the end of, by how things stand now. `isKnown` tells who has been recorded
 * before: what was started for a floor and is not known is one of these. A blind look knows nothing.
 */
export function resolveInterruptedActions(
  actions: readonly Action[],
  now: Snapshot,
  isKnown: (id: ContainerId) => boolean,
): Outcome[] {
  const blind = now.faults.find((fault) => fault.blind);
  const byId = new Map(now.containers.map((container) => [container.id, container]));
  const unknown = now.containers.filter(({ id, state }) => BEGUN_STATES.includes(state) && !isKnown(id));
  return actions.map((action): Outcome => {
    const came =
      blind === undefined
        ? resultOf(action, byId, unknown)
        : ({ result: 'failed', detail: `not known: ${blind.message}`, id: idOf(action) } as const);
    return { action, ...came, tookMs: 0 };
  });
}

/** Created: the engine is still at it, or will not start it any more; then the next cycle clears it away. */
const BEGUN_STATES: readonly ContainerSample['state'][] = ['created', 'running'];

/** Takes what was started out of `unknown`: each is one start's. */
function resultOf(
  action: Action,
  byId: ReadonlyMap<ContainerId, ContainerSample>,
  unknown: ContainerSample[],
): ResolvedResult {
  if (action.kind === 'start') {
    const at = unknown.findIndex(
      (container) =>
        startedForFloor(container) === action.level &&
        repositoryOf(container.image) === repositoryOf(action.image),
    );
    const [started] = at < 0 ? [] : unknown.splice(at, 1);
    return started === undefined ? notDone(null) : done(`${started.name} is ${started.state}`, started.id);
  }
  const { id } = action;
  const container = byId.get(id);
  if (action.kind === 'remove') {
    if (container === undefined) return done('gone', id);
    const isStopped = action.pid !== null && container.state !== 'running';
    return isStopped
      ? { result: 'failed', detail: `${container.state}, but not removed yet`, id }
      : notDone(id);
  }
  const usage = container?.usage ?? null;
  if (usage === null) return { result: 'failed', detail: 'not known: it does not run', id };
  switch (action.kind) {
    case 'restart':
      return usage.pid === action.pid
        ? notDone(id)
        : done(`runs anew (pid ${action.pid} → ${usage.pid})`, id);
    case 'throttle':
      return usage.cpuLimitPercent === null ? notDone(id) : done(`limited to ${usage.cpuLimitPercent} %`, id);
    case 'release':
      return usage.cpuLimitPercent === null ? done('its CPU is its own again', id) : notDone(id);
  }
}

const done = (detail: string, id: ContainerId): ResolvedResult => ({
  result: 'done',
  detail: `${detail}: seen at the next start`,
  id,
});

const notDone = (id: ContainerId | null): ResolvedResult => ({
  result: 'skipped',
  detail: ENDED_BEFORE,
  id,
});

const idOf = (action: Action): ContainerId | null => (action.kind === 'start' ? null : action.id);
