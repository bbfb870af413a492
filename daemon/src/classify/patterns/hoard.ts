import { type Reason, rounded } from '../../model/reason.ts';
import { usedMemoryPercent } from '../rates-and-memory.ts';
import { softThreshold } from '../threshold.ts';
import type { PatternInput } from './pattern-input.ts';

/** The container holds more memory than its soft threshold while the host has little left, before an emergency. */
export function hoard({ usage, usual, now, config }: PatternInput): Reason | null {
  if (now.host === null) return null;
  const available = (100 * now.host.availableKb) / now.host.totalKb;
  const { availablePercent } = config.soft;
  const { percent, learned } = softThreshold('memPercent', usual, config);
  const memory = usedMemoryPercent(usage, now);
  if (memory <= percent || available >= availablePercent) return null;
  return {
    code: 'memory-above-threshold',
    memory: rounded(memory),
    threshold: rounded(percent),
    learned,
    available: rounded(available),
    availableThreshold: availablePercent,
  };
}
