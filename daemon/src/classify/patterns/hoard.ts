import { type Reason, rounded } from '../../model/reason.ts';
import { isHeldBack } from '../limits.ts';
import { usedMemoryPercent } from '../rates-and-memory.ts';
import { softThreshold } from '../threshold.ts';
import type { PatternInput } from './pattern-input.ts';

/** A host whose available memory fell by less than this share of RAM in ten minutes is not running out. */
const FALLING_PERCENT = 1;

/**
 * The container holds more memory than its soft threshold while the host has little left and loses more, before an
 * emergency. One that a squeeze of ours holds back still counts, since it would hold more without it.
 */
export function hoard({ usage, usual, policy, host, now, config }: PatternInput): Reason | null {
  if (now.host === null) return null;
  const earlierKb = Math.max(0, ...host.map(({ availableKb }) => availableKb));
  const fallen = (100 * (earlierKb - now.host.availableKb)) / now.host.totalKb;
  const isSqueezed = isHeldBack('memory', usage);
  if (fallen < FALLING_PERCENT && !isSqueezed) return null;
  const own = policy.expectedKb === null ? null : (100 * policy.expectedKb) / now.host.totalKb;
  const available = (100 * now.host.availableKb) / now.host.totalKb;
  const { availablePercent } = config.soft;
  const { percent, learned } = softThreshold('memPercent', usual, own, config);
  const memory = usedMemoryPercent(usage, now);
  if ((memory <= percent && !isSqueezed) || available >= availablePercent) return null;
  return {
    code: 'memory-above-threshold',
    memory: rounded(memory),
    threshold: rounded(percent),
    learned,
    available: rounded(available),
    availableThreshold: availablePercent,
  };
}
