import { type Reason, rounded } from '../../model/reason.ts';
import { softThreshold } from '../threshold.ts';
import type { PatternInput } from './pattern-input.ts';

/** The container uses more CPU than its soft threshold. */
export function spin({ cpuPercent, usual, policy, config }: PatternInput): Reason | null {
  const { percent, learned } = softThreshold('cpuPercent', usual, policy.cpuPercent, config);
  if (cpuPercent === null || cpuPercent <= percent) return null;
  return { code: 'cpu-above-threshold', cpu: rounded(cpuPercent), threshold: rounded(percent), learned };
}
