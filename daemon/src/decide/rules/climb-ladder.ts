import { isThrottled } from '../../classify/throttling.ts';
import type { Breach, Pattern } from '../../model/breach.ts';
import type { Action } from '../../model/decision.ts';
import type { ContainerMemory } from '../../model/history.ts';
import { protectedBy, repositoryOf } from '../../model/ownership.ts';
import type { ContainerSample, ContainerUsage } from '../../model/snapshot.ts';
import type { Nanoseconds } from '../../model/units.ts';
import { currentOrExpectedClass, type DecisionContext } from '../context.ts';

type Rung = 'throttle' | 'restart' | 'remove';

/** What helps against each pattern, the mildest first. Throttled is all that one who only spins can be. */
const RUNGS: Readonly<Record<Pattern, readonly Rung[]>> = {
  spin: ['throttle'],
  'io-storm': ['throttle', 'restart', 'remove'],
  leak: ['restart', 'remove'],
  hoard: ['restart', 'remove'],
  'fork-storm': ['restart', 'remove'],
};

/** A leak has been watched for its whole window, and a storm does not wait. */
const WAITS_FOR_NOTHING: ReadonlySet<Pattern> = new Set(['leak', 'fork-storm']);

/**
 * Who is beyond a soft threshold for longer than its grace gets the mildest remedy that was not tried lately. Throttling
 * is taken back by another rule; of restarts and removals there is one a cycle, to see what it brings.
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

/** Its age is that of this run, by the clocks that never jump. */
function isOverdue(
  { pattern, sinceNs }: Breach,
  { startNs }: ContainerUsage,
  { now, config }: DecisionContext,
): boolean {
  if (WAITS_FOR_NOTHING.has(pattern)) return true;
  const { graceSeconds, minAgeSeconds } = config.soft;
  return (
    secondsSince(sinceNs, now.monotonicNs) >= graceSeconds &&
    secondsSince(startNs, now.bootNs) >= minAgeSeconds
  );
}

/** The mildest above what was tried lately; undefined at the end. */
function nextRung(
  rungs: readonly Rung[],
  { cpuLimitPercent }: ContainerUsage,
  { isThrottled, restartedNs }: ContainerMemory,
  { now, config }: DecisionContext,
): Rung | undefined {
  const sinceRestart = secondsSince(restartedNs ?? Number.NEGATIVE_INFINITY, now.monotonicNs);
  const isFresh = sinceRestart < config.ladder.rememberSeconds;
  const tried = isFresh ? rungs.indexOf('restart') : -1;
  // A CPU limit of its own is its owner's business, and no rung of ours.
  const isLimited = isThrottled || cpuLimitPercent !== null;
  return rungs.find((rung, i) => i > tried && !(rung === 'throttle' && isLimited));
}

/** Containers of one image tend to fail together, and restarting them all at once helps nobody. */
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
  const evidence = heldSeconds > 0 ? `${because} for ${heldSeconds.toFixed(0)} s` : because;
  const target = { id, name, pid, level: currentOrExpectedClass(context, id) };
  const { isThrottled } = known;
  switch (rung) {
    case 'throttle':
      return { kind: rung, ...target, because: `${evidence}; it is left ${soft.throttlePercent} %` };
    case 'restart':
      return {
        kind: rung,
        ...target,
        urgency: pattern === 'fork-storm' ? 'now' : 'grace',
        isThrottled,
        because: `${evidence}; a new run begins anew`,
      };
    case 'remove': {
      const tried = `restarted less than ${Math.round(ladder.rememberSeconds / 60)} min ago in vain`;
      const because = `${evidence}; ${tried}: it is replaced`;
      return { kind: rung, ...target, urgency: 'grace', isThrottled, isReplaced: true, because };
    }
  }
}

const secondsSince = (thenNs: Nanoseconds, nowNs: Nanoseconds): number => (nowNs - thenNs) / 1e9;
