import type { Action } from '../../model/decision.ts';
import { repositoryOf } from '../../model/ownership.ts';
import { type DecisionContext, LEVELS, membersOf } from '../decision-context.ts';

/**
 * Starts what a class lacks. Unclassified containers that Vigía started or restarted count for the class that they are
 * expected to have; other unclassified ones do not, since a floor is restored at once and a surplus trimmed when known.
 * A container whose removal is planned or pending counts as gone.
 */
export function fillShortage(context: DecisionContext, planned: readonly Action[]): Action[] {
  const running = countByImage(context);
  const { pendingRemovals, memoryPressure } = context.history;
  const leaving = new Set(planned.flatMap((action) => (action.kind === 'remove' ? [action.id] : [])));
  // The engine goes on with removals that a memory emergency preempted.
  if (memoryPressure.isPreempted) for (const id of pendingRemovals) leaving.add(id);
  return LEVELS.flatMap((level) => {
    const { keep, images } = context.config.quotas[level];
    const present = membersOf(context, level).filter(({ id }) => !leaving.has(id)).length;
    const expected = [...context.expectedClass].filter(([id, as]) => as === level && !leaving.has(id)).length;
    const missing = Math.max(0, keep - present - expected);
    return Array.from({ length: missing }, (): Action => {
      const image = rarest(images, running);
      const repository = repositoryOf(image);
      running.set(repository, (running.get(repository) ?? 0) + 1);
      return { kind: 'start', level, image, because: { code: 'shortage', count: present, level, keep } };
    });
  });
}

function countByImage({ managed, classificationOf }: DecisionContext): Map<string, number> {
  const running = new Map<string, number>();
  for (const container of managed) {
    if (!classificationOf.has(container.id)) continue;
    const image = repositoryOf(container.image);
    running.set(image, (running.get(image) ?? 0) + 1);
  }
  return running;
}

/** The image with the fewest running containers. The configuration guarantees one image for a quota above zero. */
function rarest(images: readonly string[], running: ReadonlyMap<string, number>): string {
  const countOf = (image: string): number => running.get(repositoryOf(image)) ?? 0;
  return images.reduce((best, image) => (countOf(image) < countOf(best) ? image : best));
}
