import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';

/** A process that sleeps until the test ends, to be killed by the code under test. */
export async function spawnSleeper(t: TestContext) {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error('sleep(1) did not start');
  t.after(() => child.kill('SIGKILL'));
  return {
    pid,
    ended,
    hasEnded: () => child.signalCode !== null || child.exitCode !== null,
    signal: () => child.signalCode,
    /** Its identity as the sensors give it. */
    run: () => ({
      pid,
      startNs: Number(/\) .*/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[0].split(' ')[20]) * 1e7,
    }),
  };
}
