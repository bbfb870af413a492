import { surplusOf } from '../model/config.ts';
import type { Candidate, Level } from '../model/decision.ts';
import type { Reason } from '../model/reason.ts';
import { scoreOf, TRIM_SCORE_PARTS } from '../model/score.ts';
import type { ContainerSample } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import { pausedUntil } from '../policy/contract.ts';
import { type DecisionContext, LEVELS, membersOf } from './decision-context.ts';
import { sourceDisagreement } from './source-disagreement.ts';

/** Every disposable running container, in the order of removal within its class, each with why it is excluded or null. */
export function rankAll(context: DecisionContext): Candidate[] {
  const classified = LEVELS.flatMap((level) => rankForTrimming(context, level));
  const unknown = context.disposables
    .filter((container) => context.classificationOf.get(container.id)?.level === 'unknown')
    .map((container) => candidate(container, 'unknown', context, { code: 'not-classified' }));
  return [...classified, ...unknown];
}

/**
 * One class in the order in which it is trimmed. Survivors carry the reason; containers in `leaving` are not counted.
 * One that is set aside while the engine may still be removing it is surplus: no other one goes in its place.
 */
export function rankForTrimming(
  context: DecisionContext,
  level: Level,
  leaving: ReadonlySet<ContainerId> = new Set(),
): Candidate[] {
  const quota = context.config.quotas[level];
  const members = membersOf(context, level)
    .filter(({ id }) => !leaving.has(id))
    .map((container) => candidate(container, level, context, whyNotTrimmed(container, context)))
    .sort(byScore);
  const ending = members.filter(({ id, excluded }) => excluded !== null && mayBeEnding(id, context)).length;
  let surplus = surplusOf(quota, members.length - ending);
  return members.map((member) => {
    if (member.excluded !== null) return member;
    if (surplus > 0) {
      surplus -= 1;
      return member;
    }
    const excluded: Reason = quota.trim
      ? { code: 'within-quota', keep: quota.keep, level }
      : { code: 'class-not-trimmed' };
    return { ...member, excluded };
  });
}

function whyNotTrimmed(
  container: ContainerSample,
  { history, now, policies }: DecisionContext,
): Reason | null {
  const paused = policies.get(container.id)?.paused;
  if (paused !== undefined) return pausedUntil(paused);
  const failures = history.removalFailures.get(container.id);
  if (failures !== undefined && failures.asideUntilNs > now.monotonicNs)
    return { code: 'set-aside-for-now', failures: failures.count };
  return sourceDisagreement(container);
}

const isPending = (id: ContainerId, { history }: DecisionContext): boolean => history.pendingRemovals.has(id);

const mayBeEnding = (id: ContainerId, context: DecisionContext): boolean =>
  isPending(id, context) && context.history.removalFailures.get(id)?.hasBegun === true;

function candidate(
  container: ContainerSample,
  level: Candidate['level'],
  context: DecisionContext,
  excluded: Reason | null,
): Candidate {
  const { id, name } = container;
  return {
    id,
    name,
    level,
    score: trimScore(container, context),
    share: resourceShare(container, context),
    excluded,
  };
}

/**
 * Compared part by part; the largest is removed first. A container that is already being removed comes first: the
 * engine may still be at it, and removing another one in its place would be one too many. One that it did not refuse to
 * remove comes before one that it did.
 */
function trimScore(container: ContainerSample, context: DecisionContext): number[] {
  return scoreOf(TRIM_SCORE_PARTS, {
    pendingRemoval: mayBeEnding(container.id, context) ? 2 : isPending(container.id, context) ? 1 : 0,
    negatedPriority: -(context.policies.get(container.id)?.priority ?? 0),
    atOwnLimit: isAtOwnLimit(container) ? 1 : 0,
    resourceShare: resourceShare(container, context),
    createdAt: container.createdAt,
  });
}

/** The larger of the container's shares of the host's CPU and memory, 0 to 1. */
function resourceShare(container: ContainerSample, context: DecisionContext): number {
  const classification = context.classificationOf.get(container.id);
  const cpus = context.now.host?.cpus ?? 1;
  return Math.max((classification?.cpuPercent ?? 0) / cpus, classification?.memPercent ?? 0) / 100;
}

/** The kernel reclaims below the limit, so a container that stalls at its limit is usually a little under it. */
const AT_LIMIT = 0.95;

function isAtOwnLimit({ usage }: ContainerSample): boolean {
  if (usage === null || usage.memoryLimitKb === null || usage.memoryCurrentKb === null) return false;
  return usage.memoryCurrentKb >= AT_LIMIT * usage.memoryLimitKb;
}

export function byScore(a: Candidate, b: Candidate): number {
  for (let i = 0; i < a.score.length; i += 1) {
    const difference = (b.score[i] ?? 0) - (a.score[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
