import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A zombie has ended: its parent has not looked yet. */
export function isAlive(pid: number): boolean {
  try {
    return existsSync(`/proc/${pid}`) && !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // It ended between the two looks.
    return false;
  }
}

/** Until it has ended: a signal that was sent takes a moment. False when it lives on. */
export async function hasDied(pid: number): Promise<boolean> {
  const deadline = performance.now() + 60_000;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}
