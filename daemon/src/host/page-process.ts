import type { ChildProcess } from 'node:child_process';
import type { Identity } from './data-directory.ts';
import type { Logger } from './host.ts';
import { startChild } from './start-child.ts';

const SHORTEST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
const END_WITHIN_MS = 5000;

/**
 * Runs the page as a child process, as the given user or as ours. When it exits, it is started again after a wait that
 * doubles up to 30 s; the loop is not affected. Disposing ends it.
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
    const restart = (why: string): void => {
      child = null;
      if (ending) return;
      waitMs =
        Date.now() - began > LONGEST_WAIT_MS ? SHORTEST_WAIT_MS : Math.min(waitMs * 2, LONGEST_WAIT_MS);
      logger.warn(`page: ${why}; restarting it in ${waitMs / 1000} s. The loop is not affected.`);
      retry = setTimeout(start, waitMs);
    };
    // The page exits when the pipe on its standard input closes, so it never outlives us, even after SIGKILL.
    child = startChild(program, args, { stdio: ['pipe', 'inherit', 'inherit'], ...identity }, restart);
    child?.on('close', (code, signal) => restart(`exited (${signal ?? code})`));
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
