import { softThreshold } from '../threshold.ts';
import type { PatternInput } from './pattern-input.ts';

/** It holds more CPU than its threshold. */
export function spin({ cpuPercent, usual, config }: PatternInput): string | null {
  const { percent, words } = softThreshold('cpuPercent', usual, config);
  if (cpuPercent === null || cpuPercent <= percent) return null;
  return `CPU ${cpuPercent.toFixed(1)} % > ${words}`;
}
