import { composeAddress } from '../model/compose.ts';
import type { Kind } from '../model/container-policy.ts';
import type { Action } from '../model/decision.ts';
import type { ContainerSample } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';

/** Ends a run of the container: the others have to serve meanwhile. */
const ENDS_RUN: ReadonlySet<Action['kind']> = new Set(['restart', 'stop']);
const DISTURBS: ReadonlySet<Action['kind']> = new Set([
  ...ENDS_RUN,
  ...(['throttle', 'squeeze', 'limit-pids', 'limit-io'] as const),
]);

interface Known {
  readonly kindOf: (id: ContainerId) => Kind | undefined;
  /** Whether a limit of ours is on it already. */
  readonly isLimited?: (container: ContainerSample) => boolean;
}

/**
 * The actions that must wait, so that the replicas of a Compose service are never all acted upon at once: of those that
 * serve, one is always left alone, and they are restarted or stopped one at a time, while another one serves. The value
 * is the name of the container that comes first. Removals of disposables and kills in an emergency are not held up.
 */
export function waitingReplicas(
  actions: readonly Action[],
  containers: readonly ContainerSample[],
  { kindOf, isLimited = () => false }: Known,
): ReadonlyMap<Action, string> {
  const waiting = new Map<Action, string>();
  const services = Map.groupBy(
    containers.filter(({ id }) => kindOf(id) === 'service'),
    ({ labels }) => composeAddress(labels),
  );
  for (const [address, replicas] of services) {
    if (address === null || replicas.length < 2) continue;
    const serving = new Set(replicas.filter(isServing).map(({ id }) => id));
    const disturbed = new Set(replicas.filter(isLimited).map(({ id }) => id));
    let first = replicas[0]?.name ?? address;
    let hasEnded = false;
    for (const action of actions) {
      const target = action.kind === 'start' ? undefined : replicas.find(({ id }) => id === action.id);
      if (target === undefined || !DISTURBS.has(action.kind) || isStartAgain(action)) continue;
      const left = [...serving].filter((id) => id !== target.id && !disturbed.has(id)).length;
      const endsRun = ENDS_RUN.has(action.kind);
      // One that does not serve, as it is unhealthy, takes nothing away.
      if ((left === 0 && serving.has(target.id)) || (endsRun && hasEnded)) {
        waiting.set(action, first);
        continue;
      }
      disturbed.add(target.id);
      hasEnded ||= endsRun;
      first = target.name;
    }
  }
  return waiting;
}

const isServing = ({ state, health }: ContainerSample): boolean =>
  state === 'running' && health !== 'starting' && health !== 'unhealthy';

const isStartAgain = (action: Action): boolean => action.kind === 'restart' && action.pid === 'stopped';
