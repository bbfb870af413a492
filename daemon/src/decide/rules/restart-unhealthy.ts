import { isContended, isThrottled } from '../../classify/limits.ts';
import type { Action } from '../../model/decision.ts';
import type { HealthMemory } from '../../model/history.ts';
import type { Reason } from '../../model/reason.ts';
import type { ContainerSample } from '../../model/snapshot.ts';
import type { Nanoseconds, Seconds } from '../../model/units.ts';
import { forbids } from '../../policy/contract.ts';
import { currentOrExpectedClass, type DecisionContext } from '../decision-context.ts';
import { dependenciesOf, isReplicaStarting } from '../dependants.ts';

/** A run that was never healthy may still be loading what it needs. */
const LOADING_SECONDS: Seconds = 600;
/** Pause after a restart that did not help; it doubles with each one. */
const PAUSE_SECONDS: Seconds = 300;
const MOST_PER_HOUR = 3;
/** Where at least so many checks fail at once, and more than half of all, a restart does not cure the cause. */
const TOGETHER = 3;
/** A dependant is restarted within this time after what it depends on, or not at all. */
const FOLLOW_SECONDS: Seconds = 900;
/** Share of the time in which all tasks wait for memory: health checks fail in time-outs then. */
const STALLED_PERCENT = 10;

/**
 * Restarts a service whose health check has failed for longer than its grace period, then the services that depend on it
 * and allow it, each once what it depends on is well again. One restart a cycle, so that its effect is seen first. Pure,
 * and never asked in an emergency.
 */
export function restartUnhealthy(context: DecisionContext, planned: readonly Action[]): Action[] {
  if (planned.some(({ kind }) => kind === 'restart') || isStrained(context)) return [];
  const leaving = new Set(planned.flatMap((action) => (action.kind === 'start' ? [] : [action.id])));
  const services = context.services.filter(({ id }) => !leaving.has(id));
  const restarted = restartedLately(context);
  for (const service of restarted.length === 0 ? [] : services) {
    const because = whyFollows(service, restarted, context);
    const action = because && restart(service, because, context);
    if (action) return [action];
  }
  if (unhealthyTogether(context) !== null) return [];
  for (const service of rootsOf(services.filter(isUnhealthy), context)) {
    const seconds = overdueSeconds(service, context);
    if (seconds === null || isPausing(service, context) || isReplicaStarting(service, context)) continue;
    const because: Reason = { code: 'restart-for', breach: { code: 'unhealthy' }, seconds };
    const action = restart(service, because, context);
    if (action) return [action];
  }
  return [];
}

/** Whether so many services fail at once that the cause lies elsewhere: then none is restarted. */
export function unhealthyTogether(context: DecisionContext): Reason | null {
  const checked = context.services.filter(({ health, state }) => health !== null && state === 'running');
  const count = rootsOf(checked.filter(isUnhealthy), context).length;
  if (count < TOGETHER || 2 * count <= checked.length) return null;
  return { code: 'unhealthy-together', count, of: checked.length };
}

/**
 * For how long its check has failed, where that is longer than its grace period; null otherwise. While it starts, and
 * while a run that was never healthy may be loading, it is left alone.
 */
export function overdueSeconds(
  { id, usage }: ContainerSample,
  { history, now, policies, config }: DecisionContext,
): Seconds | null {
  const known = history.health.get(id);
  if (usage === null || known === undefined || known.unhealthySinceNs === null) return null;
  if (known.startNs !== usage.startNs) return null;
  const age = secondsSince(usage.startNs, now.bootNs);
  if (age < (known.wasHealthy ? config.soft.minAgeSeconds : LOADING_SECONDS)) return null;
  const seconds = Math.round(secondsSince(known.unhealthySinceNs, now.monotonicNs));
  return seconds >= (policies.get(id)?.graceSeconds ?? config.soft.graceSeconds) ? seconds : null;
}

/** Health checks of a host that is busy or short of memory fail by their time-outs; no restart makes it less busy. */
function isStrained({ history, now, idlePercent, config }: DecisionContext): boolean {
  const { host, monotonicNs } = now;
  if (host === null || monotonicNs < history.memoryPressure.coolDownUntilNs) return true;
  return (
    isContended(idlePercent, now, config) ||
    (host.memoryFullAvg10 ?? 0) > STALLED_PERCENT ||
    (host.ioFullAvg10 ?? 0) > config.patterns.ioStorm.fullAvg10
  );
}

const isUnhealthy = ({ health, state }: ContainerSample): boolean =>
  health === 'unhealthy' && state === 'running';

/** Those that depend on none of the others: the others may only fail because of them. */
function rootsOf(failing: readonly ContainerSample[], context: DecisionContext): ContainerSample[] {
  const roots = failing.filter((one) => dependenciesOf(one, context, failing).length === 0);
  // In a circle each depends on another.
  return roots.length > 0 ? roots : [...failing];
}

/** The pause after the restarts of the last hour, and their number, are over. */
function isPausing({ id }: ContainerSample, { history, now }: DecisionContext): boolean {
  const times = history.health.get(id)?.restartedNs ?? [];
  const last = times.at(-1);
  if (last === undefined) return false;
  const pause = PAUSE_SECONDS * 2 ** (times.length - 1);
  return times.length >= MOST_PER_HOUR || secondsSince(last, now.monotonicNs) < pause;
}

/**
 * Why a service is restarted after another one, or null: Vigía restarted what it depends on, which is well again, and
 * its own run is the older one. One that only lists it in `depends_on`, and is healthy, need not be.
 */
function whyFollows(
  service: ContainerSample,
  restarted: readonly ContainerSample[],
  context: DecisionContext,
): Reason | null {
  const { history } = context;
  const { usage, health } = service;
  if (usage === null || service.state !== 'running' || health === 'starting') return null;
  const own = history.health.get(service.id);
  if ((own?.restartedNs.length ?? 0) >= MOST_PER_HOUR) return null;
  const originOf = (id: string) => history.health.get(id)?.originNs ?? Number.NEGATIVE_INFINITY;
  const cause = dependenciesOf(service, context, restarted).find(
    ({ container, isBound }) =>
      originOf(container.id) > originOf(service.id) &&
      container.usage !== null &&
      container.usage.startNs > usage.startNs &&
      (isBound || health !== 'healthy'),
  );
  if (cause === undefined) return null;
  return { code: 'restart-for', breach: { code: 'follows', name: cause.container.name }, seconds: 0 };
}

const restartedLately = ({ history, now }: DecisionContext): ContainerSample[] =>
  now.containers.filter((container) => {
    const known = history.health.get(container.id);
    return known !== undefined && isRecent(known, now.monotonicNs) && isWell(container);
  });

const isRecent = ({ originNs }: HealthMemory, nowNs: Nanoseconds): boolean =>
  originNs !== null && secondsSince(originNs, nowNs) < FOLLOW_SECONDS;

const isWell = ({ state, health }: ContainerSample): boolean =>
  state === 'running' && (health === null || health === 'healthy');

function restart(container: ContainerSample, because: Reason, context: DecisionContext): Action | null {
  const { id, name, usage } = container;
  const policy = context.policies.get(id);
  if (usage === null || policy === undefined) return null;
  const action: Action = {
    ...{ kind: 'restart', id, name, pid: usage.pid, urgency: 'grace', because },
    level: currentOrExpectedClass(context, id),
    isThrottled: isThrottled(container, context.history.containers, context.config),
  };
  return forbids(policy, action) === null ? action : null;
}

const secondsSince = (thenNs: Nanoseconds, nowNs: Nanoseconds): Seconds => (nowNs - thenNs) / 1e9;
