import { PROJECT_LABEL, SERVICE_LABEL } from '../model/compose.ts';
import type { ContainerSample } from '../model/snapshot.ts';
import { DEPENDS_ON_LABEL } from '../policy/resolve-policy.ts';
import type { DecisionContext } from './decision-context.ts';

/** Labels may hold tens of megabytes; a list of services is short. */
const LONGEST_LIST = 5000;

type Known = Pick<DecisionContext, 'now' | 'policies'>;

/** A container that another one depends on. */
export interface Dependency {
  readonly container: ContainerSample;
  /**
   * It must be restarted after it: it uses its network, its owner's policy says so, or Compose's `depends_on` has
   * `restart: true`.
   */
  readonly isBound: boolean;
}

/**
 * What of `among` a container depends on: named in the policy of the other one, by Compose's label `depends_on` within
 * one project, or by `network_mode: service:…`, which is the network of another container.
 */
export function dependenciesOf(
  container: ContainerSample,
  known: Known,
  among: readonly ContainerSample[] = known.now.containers,
): readonly Dependency[] {
  return among.flatMap((other): Dependency[] => {
    const isBound = dependencyOn(other, container, known);
    return isBound === null ? [] : [{ container: other, isBound }];
  });
}

/**
 * Whether a container that depends on this one is just starting, by its health check: a restart of this one would fail
 * it.
 */
export function isDependantStarting(container: ContainerSample, known: Known): boolean {
  return known.now.containers.some(
    (other) => other.health === 'starting' && dependencyOn(container, other, known) !== null,
  );
}

/** Whether another container of the same Compose service is just starting: replicas are not restarted together. */
export function isReplicaStarting({ id, labels }: ContainerSample, { now }: Pick<Known, 'now'>): boolean {
  const { [PROJECT_LABEL]: project, [SERVICE_LABEL]: service } = labels;
  if (project === undefined || service === undefined) return false;
  return now.containers.some(
    (other) =>
      other.id !== id &&
      other.health === 'starting' &&
      other.labels[PROJECT_LABEL] === project &&
      other.labels[SERVICE_LABEL] === service,
  );
}

/** Whether `dependant` must follow a restart of `container`; null where it does not depend on it. */
function dependencyOn(
  container: ContainerSample,
  dependant: ContainerSample,
  { policies }: Pick<Known, 'policies'>,
): boolean | null {
  if (dependant.id === container.id) return null;
  const names = policies.get(container.id)?.dependants ?? [];
  const { labels } = dependant;
  if (dependant.networkOf === container.id) return true;
  if (names.includes(dependant.name) || names.includes(labels[SERVICE_LABEL] ?? '')) return true;
  const { [PROJECT_LABEL]: project, [SERVICE_LABEL]: service } = container.labels;
  if (project === undefined || service === undefined || labels[PROJECT_LABEL] !== project) return null;
  // `db:service_started:false,cache:service_healthy:true`: service, condition, restart.
  const listed = (labels[DEPENDS_ON_LABEL] ?? '').slice(0, LONGEST_LIST).split(',');
  const own = listed.map((one) => one.split(':')).find(([name]) => name === service);
  return own === undefined ? null : own[2] === 'true';
}
