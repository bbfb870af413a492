import type { PatternInput } from './pattern-input.ts';

/** It moves much to or from block devices while every task of the host waits for them: a fast disk's work is let be. */
export function ioStorm({ trail, now, config }: PatternInput): string | null {
  const { mibPerSecond, fullAvg10 } = config.patterns.ioStorm;
  const [before, last] = [trail.at(-2), trail.at(-1)];
  const full = now.host?.ioFullAvg10 ?? null;
  if (before === undefined || last === undefined || full === null || full <= fullAvg10) return null;
  if (before.blockBytes === null || last.blockBytes === null || last.monotonicNs <= before.monotonicNs)
    return null;
  const rate =
    ((last.blockBytes - before.blockBytes) * 1e9) / (last.monotonicNs - before.monotonicNs) / 2 ** 20;
  if (rate <= mibPerSecond) return null;
  return `I/O storm: ${rate.toFixed(0)} MiB/s > ${mibPerSecond} MiB/s while every task waits for I/O ${full.toFixed(0)} % of the time > ${fullAvg10} %`;
}
