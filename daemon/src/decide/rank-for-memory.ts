import { growthOf, memoryOf, memPercentOf } from '../classify/measure.ts';
import { type Candidate, ONE_AT_A_TIME } from '../model/decision.ts';
import { protectedBy } from '../model/ownership.ts';
import type { ContainerSample } from '../model/snapshot.ts';
import { contradiction } from './consent.ts';
import { isAtOwnLimit, priorityOf, victimFirst } from './rank.ts';
import { membersOf, type Scene } from './scene.ts';

/** Growth counts as what it will hold by then. */
const AHEAD_SECONDS = 10;
/** Who holds less than this share of what the greediest holds is a bystander, whatever its class or priority. */
const COMPARABLE = 0.5;

/**
 * Who would give memory back, the first victim first. Only those weigh that hold about as much as the greediest: the
 * culprit goes, and surplus, priority and limits decide between culprits. Lexicographic: not failed just before, surplus
 * of its class, low priority, at its own limit, greed, youth, id.
 */
export function rankForMemory(scene: Scene): Candidate[] {
  const running = scene.managed.filter(({ usage }) => usage !== null);
  const stalled = stalledByOwnLimit(scene);
  const spared = new Map(running.map((container) => [container.id, whySpared(container, stalled, scene)]));
  const greediest = Math.max(
    0,
    ...running.filter(({ id }) => spared.get(id) === null).map((container) => greedOf(container, scene)),
  );
  return running
    .map((container): Candidate => {
      const greed = greedOf(container, scene);
      const isBystander = greed < COMPARABLE * greediest;
      return {
        id: container.id,
        name: container.name,
        level: scene.verdictOf.get(container.id)?.level ?? 'unknown',
        score: scoreOf(container, greed, scene),
        share: container.usage === null ? 0 : memPercentOf(container.usage, scene.now) / 100,
        excluded:
          spared.get(container.id) ??
          (isBystander
            ? `a bystander: the greediest holds ${percent(greediest)} % of RAM, it ${percent(greed)} %`
            : null),
      };
    })
    .sort(victimFirst);
}

/** Of those that would help one goes; how far the others are from it the order says. */
export function oneAtATime(ranked: readonly Candidate[]): Candidate[] {
  const victim = ranked.find(({ excluded }) => excluded === null);
  return ranked.map((one) =>
    one === victim || one.excluded !== null
      ? one
      : { ...one, excluded: `${ONE_AT_A_TIME}: ${victim?.name} goes before it` },
  );
}

/** Whose own limit stalls them, anybody's, while the host has memory: nobody else's death would help. */
function stalledByOwnLimit({ now, config }: Scene): ContainerSample[] {
  const { availablePercent, fullAvg10 } = config.pressure;
  const { availableKb = 0, totalKb = 0 } = now.host ?? {};
  if (100 * availableKb < (availablePercent / config.classify.releaseRatio) * totalKb) return [];
  return now.containers.filter(
    (one) => isAtOwnLimit(one) && (one.usage?.memoryPressure?.fullAvg10 ?? 0) > fullAvg10,
  );
}

function whySpared(
  container: ContainerSample,
  stalled: readonly ContainerSample[],
  scene: Scene,
): string | null {
  const { config } = scene;
  const guard = protectedBy(container, config.protect);
  if (guard !== null) return guard;
  if (container.state === 'unknown') return 'in a state that Vigía does not know';
  const doubt = contradiction(container, true);
  if (doubt !== null) return doubt;
  if (stalled.includes(container)) return null;
  if (stalled[0] !== undefined) return `memory is not short: ${stalled[0].name} stalls at its own limit`;
  const share = greedOf(container, scene);
  const { minReclaimPercent } = config.pressure;
  return 100 * share < minReclaimPercent
    ? `too small to help: ${percent(share)} % of RAM < ${minReclaimPercent} %`
    : null;
}

function scoreOf(container: ContainerSample, greed: number, scene: Scene): number[] {
  return [
    scene.history.failed.has(container.id) ? 0 : 1,
    isSurplus(container, scene) ? 1 : 0,
    -priorityOf(container),
    isAtOwnLimit(container) ? 1 : 0,
    greed,
    container.createdAt,
  ];
}

/** Share of RAM that it holds, or will hold soon if it goes on growing. */
function greedOf({ id, usage }: ContainerSample, { history, now }: Scene): number {
  const totalKb = now.host?.totalKb ?? 0;
  if (usage === null || totalKb === 0) return 0;
  const growth = Math.max(0, growthOf(history.containers.get(id), usage, now.monotonicNs));
  return (memoryOf(usage) + AHEAD_SECONDS * growth) / totalKb;
}

function isSurplus(container: ContainerSample, scene: Scene): boolean {
  const level = scene.verdictOf.get(container.id)?.level;
  if (level === undefined || level === 'unknown') return false;
  return membersOf(scene, level).length > scene.config.quotas[level].keep;
}

const percent = (share: number): string => (100 * share).toFixed(1);
