import { floorKeyOf } from '../../classify/floor-starts.ts';
import type { Action } from '../../model/decision.ts';
import type { Level } from '../../model/level.ts';
import { repositoryOf } from '../../model/ownership.ts';
import type { Reason } from '../../model/reason.ts';
import { type DecisionContext, LEVELS, membersOf } from '../decision-context.ts';

/** So many starts in a row that ended at once, or never reached the class, and the image is left alone. */
const MOST_MISSES = 3;
/** The wait after failed starts doubles at most so often: to ten minutes. */
const MOST_DOUBLED = 6;
/** After a miss the next start from that image waits so long, and twice as long after each further one. */
const FIRST_WAIT_SECONDS = 20;

/**
 * Starts what a class lacks. A container that has no class yet counts for the class that it is expected to have, or, if
 * none is expected, for every class: nothing is started on a guess. Only the victim of an emergency is replaced whatever
 * the unclassified ones turn out to be. A container whose removal is planned or pending counts as gone.
 */
export function fillShortage(context: DecisionContext, planned: readonly Action[]): Action[] {
  const running = countByImage(context);
  const { pendingRemovals, memoryPressure } = context.history;
  const removals = planned.filter((action) => action.kind === 'remove');
  const leaving = new Set(removals.map(({ id }) => id));
  // The engine goes on with removals that a memory emergency preempted.
  if (memoryPressure.isPreempted) for (const id of pendingRemovals) leaving.add(id);
  const isEmergency = removals.some(({ urgency }) => urgency === 'now');
  const unknown = context.disposables.filter(
    ({ id }) =>
      context.classificationOf.get(id)?.level === 'unknown' &&
      !context.expectedClass.has(id) &&
      !leaving.has(id),
  ).length;
  return LEVELS.flatMap((level) => {
    const { keep } = context.config.quotas[level];
    const present = membersOf(context, level).filter(({ id }) => !leaving.has(id)).length;
    const expected = [...context.expectedClass].filter(([id, as]) => as === level && !leaving.has(id)).length;
    const missing = Math.max(0, keep - present - expected - (isEmergency ? 0 : unknown));
    const actions: Action[] = [];
    for (let i = 0; i < missing; i += 1) {
      const image = rarest(imagesFor(level, context, actions), running);
      if (image === null) break;
      const repository = repositoryOf(image);
      running.set(repository, (running.get(repository) ?? 0) + 1);
      actions.push({
        kind: 'start',
        level,
        image,
        because: { code: 'shortage', count: present, level, keep },
      });
    }
    return actions;
  });
}

/** The images that a container of this class may be started from now. */
export function imagesFor(
  level: Level,
  { config, history, now }: DecisionContext,
  planned: readonly Action[] = [],
): readonly string[] {
  return config.quotas[level].images.filter((image) => {
    const starts = history.floorStarts.get(floorKeyOf(level, image));
    const beginning = planned.filter((action) => action.kind === 'start' && action.image === image).length;
    if (starts === undefined) return beginning < config.act.startsPerHour;
    if (starts.misses >= MOST_MISSES || starts.startedNs.length + beginning >= config.act.startsPerHour)
      return false;
    const bad = Math.max(starts.misses, Math.min(starts.failures, MOST_DOUBLED));
    if (bad === 0) return true;
    const waitSeconds = FIRST_WAIT_SECONDS * 2 ** (bad - 1);
    const lastNs = starts.startedNs.at(-1) ?? Number.NEGATIVE_INFINITY;
    return beginning === 0 && now.monotonicNs - lastNs >= waitSeconds * 1e9;
  });
}

/** Why the last start from an image for a class missed its purpose; null while none has. */
export const lastMissOf = (level: Level, image: string, { history }: DecisionContext): Reason | null =>
  history.floorStarts.get(floorKeyOf(level, image))?.lastMiss ?? null;

/** Whether so many starts missed that the image is left alone for this class. */
export function isGivenUp(level: Level, image: string, { history }: DecisionContext): boolean {
  return (history.floorStarts.get(floorKeyOf(level, image))?.misses ?? 0) >= MOST_MISSES;
}

function countByImage({ disposables, classificationOf }: DecisionContext): Map<string, number> {
  const running = new Map<string, number>();
  for (const container of disposables) {
    if (!classificationOf.has(container.id)) continue;
    const image = repositoryOf(container.image);
    running.set(image, (running.get(image) ?? 0) + 1);
  }
  return running;
}

/** The image with the fewest running containers; null where there is no image to start from. */
function rarest(images: readonly string[], running: ReadonlyMap<string, number>): string | null {
  const countOf = (image: string): number => running.get(repositoryOf(image)) ?? 0;
  return images.reduce<string | null>(
    (best, image) => (best === null || countOf(image) < countOf(best) ? image : best),
    null,
  );
}
