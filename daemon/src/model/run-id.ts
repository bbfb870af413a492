import type { Nanoseconds } from './units.ts';

/** A tick of /proc's clock, in which that tells when a process began: the modules tell it exactly. */
const TICK_NS = 10_000_000;

/** The identity of a process, or of a container's run by its first one, whichever sensor tells of it. */
export function runId({ pid, startNs }: { readonly pid: number; readonly startNs: Nanoseconds }): string {
  return `${pid}/${Math.floor(startNs / TICK_NS)}`;
}
