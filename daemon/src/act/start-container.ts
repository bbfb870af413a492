import { randomBytes } from 'node:crypto';
import type { Action } from '../model/decision.ts';
import { hostPause } from '../model/orders.ts';
import {
  CLASS_LABEL,
  DISPOSABLE_LABEL,
  MANAGED_LABEL,
  repositoryOf,
  SPAWN_LABEL,
} from '../model/ownership.ts';
import { pausedUntil } from '../policy/contract.ts';
import type { ActionContext, ActionResult } from './action-context.ts';

/** Starts one container of the planned image, without a network, under a generated name. */
export async function startContainer(
  { engine, config }: ActionContext,
  { image, level }: Extract<Action, { kind: 'start' }>,
): Promise<ActionResult> {
  const paused = hostPause(config.orders);
  if (paused !== null) return { result: 'skipped', detail: pausedUntil(paused), id: null };
  const kind = repositoryOf(image).split('/').at(-1) ?? 'container';
  const name = `vigia-${kind}-floor-${randomBytes(4).toString('hex')}`;
  const labels = {
    [MANAGED_LABEL]: 'true',
    [DISPOSABLE_LABEL]: 'true',
    [CLASS_LABEL]: level,
    'vigia.kind': kind,
    [SPAWN_LABEL]: 'floor',
  };
  const id = await engine.start({ name, image, labels });
  return { result: 'done', detail: { code: 'started', name }, id };
}
