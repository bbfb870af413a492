import { growthOf, usedMemoryKb, usedMemoryPercent } from '../classify/rates-and-memory.ts';
import { type Candidate, ONE_AT_A_TIME } from '../model/decision.ts';
import { protectedBy } from '../model/ownership.ts';
import { EVICTION_SCORE_PARTS, scoreOf } from '../model/score.ts';
import type { ContainerSample } from '../model/snapshot.ts';
import { type DecisionContext, membersOf } from './context.ts';
import { byScore, isAtOwnLimit, priorityOf } from './rank-for-trimming.ts';
import { sourceDisagreement } from './source-disagreement.ts';

/** Growth counts as what it will hold by then. */
const AHEAD_SECONDS = 10;
/** Who holds less than this share of what the greediest holds is a bystander, whatever its class or priority. */
const COMPARABLE = 0.5;

/**
 * Who would give memory back, the first victim first. Only those weigh that hold about as much as the greediest: the
 * culprit goes, and surplus, priority and limits decide between culprits. Lexicographic: not failed just before, surplus
 * of its class, low priority, at its own limit, greed, youth, id.
 */
export function rankForEviction(context: DecisionContext): Candidate[] {
  const running = context.managed.filter(({ usage }) => usage !== null);
  const stalled = stalledByOwnLimit(context);
  const spared = new Map(
    running.map((container) => [container.id, whyNotEvicted(container, stalled, context)]),
  );
  const greediest = Math.max(
    0,
    ...running
      .filter(({ id }) => spared.get(id) === null)
      .map((container) => memoryShareSoon(container, context)),
  );
  return running
    .map((container): Candidate => {
      const greed = memoryShareSoon(container, context);
      const isBystander = greed < COMPARABLE * greediest;
      return {
        id: container.id,
        name: container.name,
        level: context.classificationOf.get(container.id)?.level ?? 'unknown',
        score: evictionScore(container, greed, context),
        share: container.usage === null ? 0 : usedMemoryPercent(container.usage, context.now) / 100,
        excluded:
          spared.get(container.id) ??
          (isBystander
            ? `a bystander: the greediest holds ${percent(greediest)} % of RAM, it ${percent(greed)} %`
            : null),
      };
    })
    .sort(byScore);
}

/** Of those that would help one goes; how far the others are from it the order says. */
export function evictOnlyFirst(ranked: readonly Candidate[]): Candidate[] {
  const victim = ranked.find(({ excluded }) => excluded === null);
  return ranked.map((one) =>
    one === victim || one.excluded !== null
      ? one
      : { ...one, excluded: `${ONE_AT_A_TIME}: ${victim?.name} goes before it` },
  );
}

/** Whose own limit stalls them, anybody's, while the host has memory: nobody else's death would help. */
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
): string | null {
  const { config } = context;
  const guard = protectedBy(container, config.protect);
  if (guard !== null) return guard;
  if (container.state === 'unknown') return 'in a state that Vigía does not know';
  const doubt = sourceDisagreement(container, true);
  if (doubt !== null) return doubt;
  if (stalled.includes(container)) return null;
  if (stalled[0] !== undefined) return `memory is not short: ${stalled[0].name} stalls at its own limit`;
  const share = memoryShareSoon(container, context);
  const { minReclaimPercent } = config.pressure;
  return 100 * share < minReclaimPercent
    ? `too small to help: ${percent(share)} % of RAM < ${minReclaimPercent} %`
    : null;
}

function evictionScore(container: ContainerSample, greed: number, context: DecisionContext): number[] {
  return scoreOf(EVICTION_SCORE_PARTS, {
    notFailedBefore: context.history.failed.has(container.id) ? 0 : 1,
    surplus: isSurplus(container, context) ? 1 : 0,
    negatedPriority: -priorityOf(container),
    atOwnLimit: isAtOwnLimit(container) ? 1 : 0,
    memoryShareSoon: greed,
    createdAt: container.createdAt,
  });
}

/** Share of RAM that it holds, or will hold soon if it goes on growing. */
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

const percent = (share: number): string => (100 * share).toFixed(1);
