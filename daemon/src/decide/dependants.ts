import { PROJECT_LABEL, SERVICE_LABEL } from '../model/compose.ts';
import type { ContainerSample } from '../model/snapshot.ts';
import { DEPENDS_ON_LABEL } from '../policy/resolve-policy.ts';
import type { DecisionContext } from './decision-context.ts';

/** Labels may hold tens of megabytes; a list of services is short. */
const LONGEST_LIST = 5000;

/**
 * Whether a container that depends on this one is just starting, by its health check: a restart of this one would fail
 * it. Dependants are named in the policy, or by Compose's label `depends_on` within one project.
 */
export function isDependantStarting(
  container: ContainerSample,
  { now, policies }: Pick<DecisionContext, 'now' | 'policies'>,
): boolean {
  const names = policies.get(container.id)?.dependants ?? [];
  const { [PROJECT_LABEL]: project, [SERVICE_LABEL]: service } = container.labels;
  const dependsOnIt = ({ name, labels }: ContainerSample): boolean => {
    if (names.includes(name) || names.includes(labels[SERVICE_LABEL] ?? '')) return true;
    if (project === undefined || service === undefined || labels[PROJECT_LABEL] !== project) return false;
    // `db:service_started:false,cache:service_healthy:true`
    const listed = (labels[DEPENDS_ON_LABEL] ?? '').slice(0, LONGEST_LIST).split(',');
    return listed.some((one) => one.split(':', 1)[0] === service);
  };
  return now.containers.some((other) => other.health === 'starting' && dependsOnIt(other));
}
