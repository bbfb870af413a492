import type { Reason } from '../model/reason.ts';

/**
 * The reason behind a sentence that version 0.1.0 recorded, for the few sentences that a replay, `explain` or a restarted
 * daemon decides by; null for all others, which stay text.
 */
export function recognizeProse(text: string): Reason | null {
  if (text === 'left alone: memory runs out') return { code: 'preempted' };
  if (text === 'Vigía ended before it was done') return { code: 'interrupted' };
  const [, mode] = /^mode (dry-run|observe)$/.exec(text) ?? [];
  if (mode !== undefined) return { code: 'only-planned', mode };
  const [, first] = /^one at a time: (\S+) goes before it$/.exec(text) ?? [];
  return first === undefined ? null : { code: 'one-at-a-time', first };
}
