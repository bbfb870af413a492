import type { Outcome } from '../model/decision.ts';
import { type History, heldKeyOf, type Relief } from '../model/history.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import { heldNow } from './held-memory.ts';

/** Killed processes take a moment to give their memory back. */
const SETTLE_NS = 1.5e9;
/** An act gained something when the target's own cgroup gave back this share of what it held. */
const GAINED_SHARE = 0.25;

/**
 * Asks whether acts against a shortage of memory helped. The gain is what the target's own cgroup gave back, not the
 * host's free memory: a second hog must not make the right act look useless. Counts acts without gain, by suspect.
 */
export function followReliefs(
  { reliefs, futile, memoryPressure }: History,
  now: Snapshot,
  outcomes: readonly Outcome[],
): Pick<History, 'reliefs' | 'futile'> {
  const held = heldNow(now);
  const waiting = new Map<ContainerId, Relief>();
  const counts = new Map(memoryPressure.hasRecovered ? [] : futile);
  for (const [id, relief] of reliefs) {
    if (now.monotonicNs - relief.atNs < SETTLE_NS) waiting.set(id, relief);
    else {
      const heldKb = held.get(heldKeyOf({ id })) ?? 0;
      if (heldKb > (1 - GAINED_SHARE) * relief.heldKb) counts.set(id, (counts.get(id) ?? 0) + 1);
      else counts.delete(id);
    }
  }
  for (const { action, result } of outcomes) {
    const isRelief = action.kind === 'kill' || (action.kind === 'remove' && action.urgency === 'now');
    if (!isRelief || result === 'skipped') continue;
    const heldKb = held.get(heldKeyOf(action)) ?? 0;
    if (heldKb > 0) waiting.set(action.id, { atNs: now.monotonicNs, heldKb });
  }
  return { reliefs: waiting, futile: counts };
}
