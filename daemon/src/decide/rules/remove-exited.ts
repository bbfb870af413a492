import type { Action } from '../../model/decision.ts';
import { protectedBy } from '../../model/ownership.ts';
import type { Scene } from '../scene.ts';

/** What has ended counts towards nothing and only fills the disk. `created` is left alone: it is about to run. */
export function removeExited({ managed, config }: Scene): Action[] {
  return managed
    .filter(({ state }) => state === 'exited' || state === 'dead')
    .filter((container) => protectedBy(container, config.protect) === null)
    .map(({ id, name, state }) => ({
      kind: 'remove',
      id,
      name,
      level: null,
      pid: null,
      because: `it has ended (${state})`,
    }));
}
