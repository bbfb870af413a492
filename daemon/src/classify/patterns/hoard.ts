import { usedMemoryPercent } from '../rates-and-memory.ts';
import { softThreshold } from '../threshold.ts';
import type { PatternInput } from './pattern-input.ts';

/** It holds more memory than its threshold while the host has little left: before it gets so bad that one must be killed. */
export function hoard({ usage, usual, now, config }: PatternInput): string | null {
  if (now.host === null) return null;
  const available = (100 * now.host.availableKb) / now.host.totalKb;
  const { availablePercent } = config.soft;
  const { percent, words } = softThreshold('memPercent', usual, config);
  const held = usedMemoryPercent(usage, now);
  if (held <= percent || available >= availablePercent) return null;
  return `memory ${held.toFixed(1)} % of RAM > ${words}, with ${available.toFixed(1)} % available < ${availablePercent} %`;
}
