import { isThrottled } from '../../classify/throttling.ts';
import type { Breach, Pattern } from '../../model/breach.ts';
import type { Action } from '../../model/decision.ts';
import type { ContainerMemory } from '../../model/history.ts';
import { protectedBy, repositoryOf } from '../../model/ownership.ts';
import type { Reason } from '../../model/reason.ts';
import type { ContainerSample, ContainerUsage } from '../../model/snapshot.ts';
import type { Nanoseconds } from '../../model/units.ts';
import { currentOrExpectedClass, type DecisionContext } from '../decision-context.ts';

type Rung = 'throttle' | 'restart' | 'remove';

/** The remedies against each pattern, the mildest first. A container that only spins is never restarted or removed. */
const RUNGS: Readonly<Record<Pattern, readonly Rung[]>> = {
  spin: ['throttle'],
  'io-storm': ['throttle', 'restart', 'remove'],
  leak: ['restart', 'remove'],
  hoard: ['restart', 'remove'],
  'fork-storm': ['restart', 'remove'],
};

/** No grace period: a leak was watched for its whole window, and a fork storm leaves no time. */
const WITHOUT_GRACE: ReadonlySet<Pattern> = new Set(['leak', 'fork-storm']);

/**
 * A container beyond a soft threshold for longer than the grace period gets the mildest remedy that was not tried lately.
 * At most one restart or removal a cycle, so that its effect is seen first; limits are lifted by another rule.
 */
export function climbLadder(context: DecisionContext, planned: readonly Action[]): Action[] {
  const leaving = new Set(planned.flatMap((action) => (action.kind === 'start' ? [] : [action.id])));
  const steps = context.managed
    .filter(({ id }) => !leaving.has(id))
    .flatMap((container) => stepFor(container, context) ?? []);
  const [first, ...others] = steps.filter(({ kind }) => kind !== 'throttle');
  return steps.filter((step) => step.kind === 'throttle' || step === first || !others.includes(step));
}

function stepFor(container: ContainerSample, context: DecisionContext): Action | null {
  const { config, history, classificationOf } = context;
  const { id, usage } = container;
  const remembered = history.containers.get(id);
  if (usage === null || remembered === undefined) return null;
  const known = { ...remembered, isThrottled: isThrottled(container, history.containers) };
  if (protectedBy(container, config.protect) !== null) return null;
  for (const breach of classificationOf.get(id)?.breaches ?? []) {
    if (!isOverdue(breach, usage, context)) continue;
    const rung = nextRung(RUNGS[breach.pattern], usage, known, context);
    if (rung === undefined || (rung === 'restart' && isBackingOff(container, context))) continue;
    return step(rung, breach, { container, known, pid: usage.pid }, context);
  }
  return null;
}

/** Compares monotonic and boot clocks only, so that a changed wall clock does not matter. Age is that of this run. */
function isOverdue(
  { pattern, sinceNs }: Breach,
  { startNs }: ContainerUsage,
  { now, config }: DecisionContext,
): boolean {
  if (WITHOUT_GRACE.has(pattern)) return true;
  const { graceSeconds, minAgeSeconds } = config.soft;
  return (
    secondsSince(sinceNs, now.monotonicNs) >= graceSeconds &&
    secondsSince(startNs, now.bootNs) >= minAgeSeconds
  );
}

/** The mildest remedy above the one that was tried lately; undefined when there is none left. */
function nextRung(
  rungs: readonly Rung[],
  { cpuLimitPercent }: ContainerUsage,
  { isThrottled, restartedNs }: ContainerMemory,
  { now, config }: DecisionContext,
): Rung | undefined {
  const sinceRestart = secondsSince(restartedNs ?? Number.NEGATIVE_INFINITY, now.monotonicNs);
  const isFresh = sinceRestart < config.ladder.rememberSeconds;
  const tried = isFresh ? rungs.indexOf('restart') : -1;
  // A CPU limit that its owner set is left alone.
  const isLimited = isThrottled || cpuLimitPercent !== null;
  return rungs.find((rung, i) => i > tried && !(rung === 'throttle' && isLimited));
}

/** Containers of one image tend to fail together; restarting them all at once would not help. */
function isBackingOff({ image }: ContainerSample, { history, now, config }: DecisionContext): boolean {
  const { backOffSeconds, backOffMostSeconds } = config.ladder;
  const restarts = history.restarts.get(repositoryOf(image));
  if (restarts === undefined) return false;
  const pause = Math.min(backOffMostSeconds, backOffSeconds * 2 ** (restarts.count - 1));
  return secondsSince(restarts.lastNs, now.monotonicNs) < pause;
}

function step(
  rung: Rung,
  { pattern, sinceNs, because }: Breach,
  { container, known, pid }: { container: ContainerSample; known: ContainerMemory; pid: number },
  context: DecisionContext,
): Action {
  const { id, name } = container;
  const { soft, ladder } = context.config;
  const heldSeconds = secondsSince(sinceNs, context.now.monotonicNs);
  const evidence = { breach: because, seconds: Math.round(heldSeconds) };
  const target = { id, name, pid, level: currentOrExpectedClass(context, id) };
  const { isThrottled } = known;
  switch (rung) {
    case 'throttle':
      return {
        kind: rung,
        ...target,
        because: { code: 'throttle-for', ...evidence, percent: soft.throttlePercent },
      };
    case 'restart':
      return {
        kind: rung,
        ...target,
        urgency: pattern === 'fork-storm' ? 'now' : 'grace',
        isThrottled,
        because: { code: 'restart-for', ...evidence },
      };
    case 'remove': {
      const rememberMinutes = Math.round(ladder.rememberSeconds / 60);
      const because: Reason = { code: 'replace-for', ...evidence, rememberMinutes };
      return { kind: rung, ...target, urgency: 'grace', isThrottled, isReplaced: true, because };
    }
  }
}

const secondsSince = (thenNs: Nanoseconds, nowNs: Nanoseconds): number => (nowNs - thenNs) / 1e9;
