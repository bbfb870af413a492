import { leastHoldSeconds, limitsOn, needsLess } from '../../classify/limits.ts';
import { type Action, LIMIT_OF } from '../../model/decision.ts';
import { LIMITS, type Limit } from '../../model/limit.ts';
import { type Reason, rounded } from '../../model/reason.ts';
import type { ContainerSample } from '../../model/snapshot.ts';
import { currentOrExpectedClass, type DecisionContext } from '../decision-context.ts';

/**
 * Lifts each limit of ours whose reason has been gone for the grace period, at once that of a container that may no
 * longer be limited, and all of them when the mode does not act. A limit is recognised on the container itself, so that
 * those of an earlier daemon are lifted as well.
 */
export function liftLimits(context: DecisionContext, planned: readonly Action[]): Action[] {
  const { now, history, config } = context;
  const leaving = new Set(planned.flatMap((action) => (action.kind === 'start' ? [] : [action.id])));
  return now.containers.flatMap((container): Action[] => {
    const { id, name, usage } = container;
    if (usage === null || leaving.has(id)) return [];
    const present = limitsOn(container, history.containers, config);
    return LIMITS.flatMap((limit): Action[] => {
      const value = present[limit];
      if (value === undefined) return [];
      const because = whyLifted(limit, value, container, context);
      if (because === null) return [];
      const level = currentOrExpectedClass(context, id);
      return [{ kind: 'release', limit, id, name, level, pid: usage.pid, because }];
    });
  });
}

/** A service with bursts that come again and again is limited and let go at most some six times an hour. */
const LONGEST_CALM_SECONDS = 480;
/** Nor does it stay limited for longer than this once it needs less for the grace period. */
const LONGEST_HOLD_SECONDS = 3600;

type LimitKind = keyof typeof LIMIT_OF;

function whyLifted(
  limit: Limit,
  value: number,
  container: ContainerSample,
  context: DecisionContext,
): Reason | null {
  const { config, history, policies, classificationOf, idlePercent } = context;
  if (config.mode !== 'enforce') return { code: 'limit-lifted-mode', mode: config.mode };
  const policy = policies.get(container.id);
  const isUndone = policy?.barred?.some(
    ({ kind }) => kind in LIMIT_OF && LIMIT_OF[kind as LimitKind] === limit,
  );
  if (isUndone) return { code: 'message', text: 'vigia undo' };
  const remedy = limit === 'memory' ? 'squeeze' : 'throttle';
  if (policy === undefined || !policy.allow.includes(remedy)) {
    const protection = policy?.because ?? { code: 'not-managed' };
    return { code: 'lift-limit-protected', protection };
  }
  const known = history.containers.get(container.id);
  const memory = known?.limits[limit];
  if (known === undefined || memory === undefined || memory.easedSinceNs === null) return null;
  const grace = policy.graceSeconds ?? config.soft.graceSeconds;
  const eased = secondsSince(memory.easedSinceNs, context);
  const cpu = classificationOf.get(container.id)?.cpuPercent ?? 0;
  const isGenerous = limit === 'cpu' && needsLess(value, cpu, policy.kind, idlePercent, context.now, config);
  const hold = policy.kind === 'service' ? leastHoldSeconds(limit, known, grace, config) : 0;
  const limited = secondsSince(memory.sinceNs, context);
  // What needs less than its limit loses nothing by it: it has to be calm for longer each time, but is never held for long.
  const isCalm = isGenerous && eased >= Math.min(hold, LONGEST_CALM_SECONDS);
  const isOver = limited >= (isGenerous ? Math.min(hold, LONGEST_HOLD_SECONDS) : hold);
  if (eased < grace || !(isCalm || isOver)) return null;
  const seconds = Math.round(eased);
  if (limit !== 'cpu') return { code: 'limit-eased', limit, seconds };
  if (isGenerous || idlePercent === null)
    return { code: 'needs-less-cpu', cpu: rounded(cpu), percent: rounded(value), seconds };
  const taken = Math.max(0, memory.usedBefore - value);
  return { code: 'idle-cpu-suffices', idle: rounded(idlePercent), taken: rounded(taken) };
}

const secondsSince = (ns: number, { now }: DecisionContext): number => (now.monotonicNs - ns) / 1e9;
