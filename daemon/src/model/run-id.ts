import type { Nanoseconds } from './units.ts';

/**
 * /proc gives start times in ticks of 10 ms, the modules in ns. Both are rounded to ticks, so that they compare equal.
 */
const TICK_NS = 10_000_000;

/** The identity of a process, or of a container's run (that of its init); the same for both sensors. */
export function runId({ pid, startNs }: { readonly pid: number; readonly startNs: Nanoseconds }): string {
  return `${pid}/${Math.floor(startNs / TICK_NS)}`;
}
