import type { Action } from '../../model/decision.ts';
import { repositoryOf } from '../../model/ownership.ts';
import { LEVELS, membersOf, type Scene } from '../scene.ts';

/**
 * Starts what a class lacks. Containers that we started, or restarted, and that have no class yet fill the gap they are
 * meant for; other unclassified ones do not: a floor is restored now, and a surplus trimmed when it is known to be one.
 * One whose removal is planned, or was cut short, is missing already.
 */
export function fillShortage(scene: Scene, planned: readonly Action[]): Action[] {
  const running = countByImage(scene);
  const { unfinished, strain } = scene.history;
  const leaving = new Set(planned.flatMap((action) => (action.kind === 'remove' ? [action.id] : [])));
  // What was cut short for memory goes on in the engine.
  if (strain.isCut) for (const id of unfinished) leaving.add(id);
  return LEVELS.flatMap((level) => {
    const { keep, images } = scene.config.quotas[level];
    const standing = membersOf(scene, level).filter(({ id }) => !leaving.has(id)).length;
    const awaited = [...scene.awaited].filter(([id, as]) => as === level && !leaving.has(id)).length;
    const missing = Math.max(0, keep - standing - awaited);
    return Array.from({ length: missing }, (): Action => {
      const image = rarest(images, running);
      const repository = repositoryOf(image);
      running.set(repository, (running.get(repository) ?? 0) + 1);
      return { kind: 'start', level, image, because: `${standing} ${level} where ${keep} always run` };
    });
  });
}

function countByImage({ managed, verdictOf }: Scene): Map<string, number> {
  const running = new Map<string, number>();
  for (const container of managed) {
    if (!verdictOf.has(container.id)) continue;
    const image = repositoryOf(container.image);
    running.set(image, (running.get(image) ?? 0) + 1);
  }
  return running;
}

/** The configuration promises at least one image for a quota above zero. */
function rarest(images: readonly string[], running: ReadonlyMap<string, number>): string {
  const countOf = (image: string): number => running.get(repositoryOf(image)) ?? 0;
  return images.reduce((best, image) => (countOf(image) < countOf(best) ? image : best));
}
