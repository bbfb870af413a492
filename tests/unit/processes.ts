import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process runs. A zombie has ended, and its parent has not collected it yet. */
export function isAlive(pid: number): boolean {
  try {
    return existsSync(`/proc/${pid}`) && !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // It ended between the two reads.
    return false;
  }
}

/** Waits until a process has ended, because a signal takes a moment. False when it still runs after a minute. */
export async function hasDied(pid: number): Promise<boolean> {
  const deadline = performance.now() + 60_000;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}
