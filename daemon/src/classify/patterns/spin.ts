import { softThreshold } from '../threshold.ts';
import type { Sight } from './sight.ts';

/** It holds more CPU than its threshold. */
export function spin({ cpuPercent, usual, config }: Sight): string | null {
  const { percent, words } = softThreshold('cpuPercent', usual, config);
  if (cpuPercent === null || cpuPercent <= percent) return null;
  return `CPU ${cpuPercent.toFixed(1)} % > ${words}`;
}
