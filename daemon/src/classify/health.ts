import type { Outcome } from '../model/decision.ts';
import type { HealthMemory } from '../model/history.ts';
import type { Reason } from '../model/reason.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ContainerId, Nanoseconds, Seconds } from '../model/units.ts';

/** Restarts are remembered for an hour. */
const HOUR_NS = 3600e9;
/** After a gap of more cycles than this, nothing is known of the time between two readings. */
const MOST_MISSED = 3;

/**
 * Follows the health checks of running containers, and Vigía's restarts of any. Only what the engine listed now counts: a
 * paused container's check does not run.
 */
export function followHealth(
  before: ReadonlyMap<ContainerId, HealthMemory>,
  now: Snapshot,
  outcomes: readonly Outcome[],
  cycleSeconds: Seconds,
): ReadonlyMap<ContainerId, HealthMemory> {
  const nowNs = now.monotonicNs;
  const tried = new Map(outcomes.filter(isRestart).map((outcome) => [outcome.id, outcome.action.because]));
  const originOf = (because: Reason | undefined): Nanoseconds => {
    if (because?.code !== 'restart-for' || because.breach.code !== 'follows') return nowNs;
    const { name } = because.breach;
    const cause = now.containers.find((container) => container.name === name);
    return (cause && before.get(cause.id)?.originNs) ?? nowNs;
  };
  return new Map(
    now.containers.flatMap(({ id, health, state, usage }): [ContainerId, HealthMemory][] => {
      const known = before.get(id);
      const restartedNs = [
        ...(known?.restartedNs ?? []).filter((ns) => nowNs - ns < HOUR_NS),
        ...(tried.has(id) ? [nowNs] : []),
      ];
      const startNs = usage?.startNs ?? known?.startNs ?? 0;
      const isSeen = known !== undefined && nowNs - known.seenNs <= MOST_MISSED * cycleSeconds * 1e9;
      const last = isSeen && known.startNs === startNs ? known : null;
      const isFailing = health === 'unhealthy' && state === 'running';
      if (!isFailing && health !== 'healthy' && restartedNs.length === 0) return [];
      const unhealthySinceNs: Nanoseconds | null = isFailing ? (last?.unhealthySinceNs ?? nowNs) : null;
      const wasHealthy = health === 'healthy' || last?.wasHealthy === true;
      const originNs = tried.has(id) ? originOf(tried.get(id)) : (known?.originNs ?? null);
      return [[id, { startNs, seenNs: nowNs, unhealthySinceNs, wasHealthy, restartedNs, originNs }]];
    }),
  );
}

/** A veto by its owner's script counts: it is not asked in every cycle. */
const isRestart = ({ action, result, detail }: Outcome): boolean =>
  action.kind === 'restart' && (result !== 'skipped' || detail.code === 'vetoed');
