import { isAt } from './compose.ts';
import type { Config } from './config.ts';
import type { Level } from './decision.ts';
import type { Reason } from './reason.ts';
import type { EngineContainer } from './snapshot.ts';

export const MANAGED_LABEL = 'vigia.managed';
export const PROTECTED_LABEL = 'vigia.protected';
export const CLASS_LABEL = 'vigia.class';
export const SPAWN_LABEL = 'vigia.spawn';
export const DISPOSABLE_LABEL = 'vigia.disposable';

type Named = Pick<EngineContainer, 'name' | 'image' | 'labels'>;

/** Whether the container holds memory and counts for its class; a paused one does too. */
export function isUp({ state }: Pick<EngineContainer, 'state'>): boolean {
  return state === 'running' || state === 'paused';
}

/** Why no action may be taken on this container, or null. No rule overrides it. */
export function protectedBy(container: Named, protect: Config['protect']): Reason | null {
  const label = container.labels[PROTECTED_LABEL];
  if (label !== undefined && label !== 'false') return { code: 'protected-label', label: PROTECTED_LABEL };
  if (isNamed(protect.names, container)) return { code: 'protected-name', name: container.name };
  const image = repositoryOf(container.image);
  // The configuration may name an image with a tag, a digest or a docker.io prefix.
  if (protect.images.some((named) => repositoryOf(named) === image))
    return { code: 'protected-image', image };
  return null;
}

/** Whether the list has the container's name, or the address of its Compose service or project (`shop/db`, `shop/`). */
export const isNamed = (names: readonly string[], { name, labels }: Named): boolean =>
  names.some((one) => one === name || isAt(one, labels));

/** The class that Vigía started the container for; null for all other containers. */
export function startedForFloor(container: Named): Level | null {
  if (container.labels[MANAGED_LABEL] !== 'true' || container.labels[SPAWN_LABEL] !== 'floor') return null;
  const level = container.labels[CLASS_LABEL];
  return level === 'low' || level === 'high' ? level : null;
}

/**
 * `registry:5000/grafana/grafana:13@sha256:…` → `registry:5000/grafana/grafana`; docker.io's prefix is dropped. An image
 * that has only an ID keeps it, so that two of them are not taken for one.
 */
export function repositoryOf(image: string): string {
  if (image.startsWith('sha256:')) return image;
  const digest = image.indexOf('@');
  const tagged = digest === -1 ? image : image.slice(0, digest);
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
  const repository = colon === -1 ? tagged : tagged.slice(0, colon);
  return repository.replace(/^(?:(?:index\.)?docker\.io\/)?(?:library\/)?/, '');
}
