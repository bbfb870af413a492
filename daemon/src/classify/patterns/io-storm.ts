import { type Reason, rounded } from '../../model/reason.ts';
import type { PatternInput } from './pattern-input.ts';

/**
 * The container moves much data to or from block devices while every task of the host waits for I/O. High throughput
 * alone, without host-wide I/O pressure, is no storm.
 */
export function ioStorm({ trail, now, config }: PatternInput): Reason | null {
  const { mibPerSecond, fullAvg10 } = config.patterns.ioStorm;
  const [before, last] = [trail.at(-2), trail.at(-1)];
  const full = now.host?.ioFullAvg10 ?? null;
  if (before === undefined || last === undefined || full === null || full <= fullAvg10) return null;
  if (before.blockBytes === null || last.blockBytes === null || last.monotonicNs <= before.monotonicNs)
    return null;
  const rate =
    ((last.blockBytes - before.blockBytes) * 1e9) / (last.monotonicNs - before.monotonicNs) / 2 ** 20;
  if (rate <= mibPerSecond) return null;
  return {
    code: 'io-storm',
    mibPerSecond: rounded(rate),
    threshold: mibPerSecond,
    stalled: rounded(full),
    stalledThreshold: fullAvg10,
  };
}
