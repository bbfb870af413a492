import { growthOf, usedMemoryKb, usedMemoryPercent } from '../classify/rates-and-memory.ts';
import type { Candidate } from '../model/decision.ts';
import { protectedBy } from '../model/ownership.ts';
import { type Reason, rounded } from '../model/reason.ts';
import { EVICTION_SCORE_PARTS, scoreOf } from '../model/score.ts';
import type { ContainerSample } from '../model/snapshot.ts';
import { type DecisionContext, membersOf } from './decision-context.ts';
import { byScore, isAtOwnLimit, priorityOf } from './rank-for-trimming.ts';
import { sourceDisagreement } from './source-disagreement.ts';

/** A growing container is ranked by the memory that it will hold in this many seconds. */
const AHEAD_SECONDS = 10;
/** Below this share of what the largest candidate holds, a container is no culprit, whatever its class or priority. */
const COMPARABLE = 0.5;

/**
 * The order of eviction when memory runs out. Only containers that hold about as much as the largest are candidates;
 * between those decide, part by part: not failed in the last cycle, surplus of its class, low priority, at its own
 * limit, share of memory, creation time (the youngest first), ID.
 */
export function rankForEviction(context: DecisionContext): Candidate[] {
  const running = context.managed.filter(({ usage }) => usage !== null);
  const stalled = stalledByOwnLimit(context);
  const exclusions = new Map(
    running.map((container) => [container.id, whyNotEvicted(container, stalled, context)]),
  );
  const largest = Math.max(
    0,
    ...running
      .filter(({ id }) => exclusions.get(id) === null)
      .map((container) => memoryShareSoon(container, context)),
  );
  return running
    .map((container): Candidate => {
      const share = memoryShareSoon(container, context);
      const isBystander = share < COMPARABLE * largest;
      return {
        id: container.id,
        name: container.name,
        level: context.classificationOf.get(container.id)?.level ?? 'unknown',
        score: evictionScore(container, share, context),
        share: container.usage === null ? 0 : usedMemoryPercent(container.usage, context.now) / 100,
        excluded:
          exclusions.get(container.id) ??
          (isBystander ? { code: 'not-the-culprit', largest: percent(largest), own: percent(share) } : null),
      };
    })
    .sort(byScore);
}

/** One eviction a cycle: excludes every candidate but the first. */
export function evictOnlyFirst(ranked: readonly Candidate[]): Candidate[] {
  const victim = ranked.find(({ excluded }) => excluded === null);
  return ranked.map((candidate) =>
    candidate === victim || candidate.excluded !== null
      ? candidate
      : { ...candidate, excluded: { code: 'one-at-a-time', first: victim?.name ?? '' } },
  );
}

/**
 * Containers, foreign ones included, that stall at their own memory limit while the host has memory: evicting another
 * one would not help.
 */
function stalledByOwnLimit({ now, config }: DecisionContext): ContainerSample[] {
  const { availablePercent, fullAvg10 } = config.pressure;
  const { availableKb = 0, totalKb = 0 } = now.host ?? {};
  if (100 * availableKb < (availablePercent / config.classify.releaseRatio) * totalKb) return [];
  return now.containers.filter(
    (one) => isAtOwnLimit(one) && (one.usage?.memoryPsi?.fullAvg10 ?? 0) > fullAvg10,
  );
}

function whyNotEvicted(
  container: ContainerSample,
  stalled: readonly ContainerSample[],
  context: DecisionContext,
): Reason | null {
  const { config } = context;
  const protection = protectedBy(container, config.protect);
  if (protection !== null) return protection;
  if (container.state === 'unknown') return { code: 'state-unknown' };
  const disagreement = sourceDisagreement(container, true);
  if (disagreement !== null) return disagreement;
  if (stalled.includes(container)) return null;
  if (stalled[0] !== undefined) return { code: 'stalled-by-own-limit', name: stalled[0].name };
  const share = memoryShareSoon(container, context);
  const { minReclaimPercent } = config.pressure;
  return 100 * share < minReclaimPercent
    ? { code: 'too-small', memory: percent(share), threshold: minReclaimPercent }
    : null;
}

function evictionScore(container: ContainerSample, share: number, context: DecisionContext): number[] {
  return scoreOf(EVICTION_SCORE_PARTS, {
    notFailedBefore: context.history.failed.has(container.id) ? 0 : 1,
    surplus: isSurplus(container, context) ? 1 : 0,
    negatedPriority: -priorityOf(container),
    atOwnLimit: isAtOwnLimit(container) ? 1 : 0,
    memoryShareSoon: share,
    createdAt: container.createdAt,
  });
}

/** Share of RAM that the container holds or, if it grows, will hold in AHEAD_SECONDS; 0 to 1. */
function memoryShareSoon({ id, usage }: ContainerSample, { history, now }: DecisionContext): number {
  const totalKb = now.host?.totalKb ?? 0;
  if (usage === null || totalKb === 0) return 0;
  const growth = Math.max(0, growthOf(history.containers.get(id), usage, now.monotonicNs));
  return (usedMemoryKb(usage) + AHEAD_SECONDS * growth) / totalKb;
}

function isSurplus(container: ContainerSample, context: DecisionContext): boolean {
  const level = context.classificationOf.get(container.id)?.level;
  if (level === undefined || level === 'unknown') return false;
  return membersOf(context, level).length > context.config.quotas[level].keep;
}

const percent = (share: number): number => rounded(100 * share);
