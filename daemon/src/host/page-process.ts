import type { ChildProcess } from 'node:child_process';
import type { Identity } from './data-directory.ts';
import type { Logger } from './host.ts';
import { startChild } from './start-child.ts';

const SHORTEST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
const END_WITHIN_MS = 5000;

/**
 * Keeps the page's process alive beside the loop, as the user given, or as ours. Its end never ends the loop:
 * it is started again, after longer and longer waits.
 */
export function keepPage(
  command: readonly [string, ...string[]],
  identity: Identity | null,
  logger: Logger,
): AsyncDisposable {
  let child: ChildProcess | null = null;
  let ending = false;
  let waitMs = SHORTEST_WAIT_MS;
  let retry: NodeJS.Timeout | undefined;

  function start(): void {
    const [program, ...args] = command;
    const began = Date.now();
    const again = (why: string): void => {
      child = null;
      if (ending) return;
      waitMs =
        Date.now() - began > LONGEST_WAIT_MS ? SHORTEST_WAIT_MS : Math.min(waitMs * 2, LONGEST_WAIT_MS);
      logger.warn(`page: ${why}; again in ${waitMs / 1000} s. The loop goes on.`);
      retry = setTimeout(start, waitMs);
    };
    // The pipe on its standard input ends with us, even after a SIGKILL: the page must not outlive the loop.
    child = startChild(program, args, { stdio: ['pipe', 'inherit', 'inherit'], ...identity }, again);
    child?.on('close', (code, signal) => again(`ended (${signal ?? code})`));
  }
  start();
  return {
    async [Symbol.asyncDispose]() {
      ending = true;
      clearTimeout(retry);
      if (child === null) return;
      const running = child;
      const closed = new Promise((resolve) => running.once('close', resolve));
      running.kill('SIGTERM');
      const overdue = setTimeout(() => running.kill('SIGKILL'), END_WITHIN_MS);
      await closed;
      clearTimeout(overdue);
    },
  };
}
